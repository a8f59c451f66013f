//! The one place where this crate calls a destination.

mod connection;
mod connector;
mod idle;
mod request;
mod stream;
mod transport;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use roost_crash_points::{self as crash, Moment};
use url::{Position, Url};

use crate::destination_policy::{Dial, Resolver};
use crate::error::Error;
use crate::header;
use crate::store::{Answer, Message};
use connection::{Connection, NotAnswered};
use connector::Connector;
use idle::Idle;
pub use transport::{Exchange, Transport};

/// The connections that deliveries are made over.
pub(crate) struct Dialer {
    trusted: Route,
    public: Route,
    /// What carries deliveries instead.
    other: Option<Arc<dyn Transport>>,
}

/// One way of finding addresses, and the connections that were made so.
struct Route {
    connector: Connector,
    idle: Arc<Idle>,
}

/// How long a receiver that answered before it had read all may take to read on.
const LINGER: Duration = Duration::from_secs(30);

/// How a call is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallOptions {
    /// Names the call for whoever watches or cuts the calls.
    pub(crate) point: &'static str,
    /// Unix milliseconds.
    pub(crate) now: i64,
    /// For all of it, until the last byte.
    pub(crate) timeout: Duration,
    /// Bytes that are kept of the answer.
    pub(crate) limit: usize,
}

impl Dialer {
    /// `most`: connections of either kind that are kept for the next calls. `other`: what carries
    /// deliveries instead of the network.
    pub(crate) fn new(most: usize, other: Option<Arc<dyn Transport>>) -> Result<Self, Error> {
        let route = |resolver| Route::new(resolver, most);
        Ok(Self { trusted: route(Resolver::Any)?, public: route(Resolver::PublicOnly)?, other })
    }

    /// Calls the message's destination. Every call of this crate passes here.
    pub(crate) async fn call(
        &self,
        options: CallOptions,
        dial: Dial,
        message: &Message,
        own: Vec<(HeaderName, String)>,
    ) -> Answer {
        let (route, url) = match &dial {
            Dial::Trusted(url) => (&self.trusted, url),
            Dial::Public(url) => (&self.public, url),
        };
        let exchange = async {
            let request = request::of(message, url, own).map_err(|error| in_words(&error))?;
            match &self.other {
                None => route.exchange(url, request, options).await,
                Some(other) => {
                    other.exchange(url, request).await.map(|answer| carried(answer, options.limit))
                }
            }
        };
        crash::point(options.point, Moment::Ask);
        let exchanged = tokio::time::timeout(options.timeout, exchange).await;
        crash::point(options.point, Moment::Answered);
        let error = match exchanged {
            Ok(Ok(answer)) => return answer,
            Ok(Err(error)) => error,
            Err(_) => {
                format!("{}: no answer within {} seconds", options.point, options.timeout.as_secs())
            }
        };
        Answer { error: Some(error), ..Answer::default() }
    }

    /// Closes connections that nobody needed for long.
    pub(crate) fn close_old(&self, now: i64) {
        [&self.trusted, &self.public].iter().for_each(|route| route.idle.close_old(now));
    }
}

impl Route {
    fn new(resolver: Resolver, most: usize) -> Result<Self, Error> {
        Ok(Self { connector: Connector::new(resolver)?, idle: Arc::new(Idle::new(most)) })
    }

    /// Asks over a connection that is open, or over a new one. No redirect is followed and no proxy
    /// asked: what is called is what was checked.
    async fn exchange(
        &self,
        url: &Url,
        mut request: Request<Full<Bytes>>,
        options: CallOptions,
    ) -> Result<Answer, String> {
        let origin = &url[..Position::BeforePath];
        while let Some(mut connection) = self.idle.take(origin, options.now) {
            if !connection.is_free().await {
                continue;
            }
            match self.ask(connection, request, options).await {
                // It was closed while it waited.
                Err(NotAnswered::Unsent(unsent)) => request = *unsent,
                other => return other.map_err(NotAnswered::in_words),
            }
        }
        let address = Uri::try_from(origin).map_err(|error| in_words(&error))?;
        let stream = self.connector.connect(address).await?;
        let connection =
            Connection::over(stream, origin).await.map_err(|error| in_words(&error))?;
        self.ask(connection, request, options).await.map_err(NotAnswered::in_words)
    }

    /// Asks over this connection, and keeps it when another request may follow.
    async fn ask(
        &self,
        mut connection: Connection,
        request: Request<Full<Bytes>>,
        options: CallOptions,
    ) -> Result<Answer, NotAnswered> {
        let response = connection.ask(request).await?;
        let answer = read(&mut connection, response, options.limit).await?;
        if connection.is_free().await {
            self.idle.put(connection, options.now);
        } else {
            tokio::spawn(linger(self.idle.clone(), connection, options.now));
        }
        Ok(answer)
    }
}

/// Returns an answer that another transport than the network brought, as far as it is kept.
fn carried(answer: Response<Bytes>, limit: usize) -> Answer {
    let (head, body) = answer.into_parts();
    let kept = body[..body.len().min(limit)].to_vec();
    answer_of(head.status, &head.headers, kept)
}

fn answer_of(status: StatusCode, headers: &HeaderMap, body: Vec<u8>) -> Answer {
    let (status, headers) = (status.as_u16(), header::of_answer(headers));
    let error = (!(200..300).contains(&status)).then(|| format!("answered {status}"));
    Answer { status, headers, body, error }
}

/// Sends what an early answer left unsent, and keeps the connection then.
async fn linger(idle: Arc<Idle>, mut connection: Connection, now: i64) {
    if tokio::time::timeout(LINGER, connection.becomes_free()).await == Ok(true) {
        idle.put(connection, now);
    }
}

async fn read(
    connection: &mut Connection,
    response: Response<Incoming>,
    limit: usize,
) -> hyper::Result<Answer> {
    let (head, mut rest) = response.into_parts();
    let mut body = Vec::new();
    while !rest.is_end_stream()
        && body.len() < limit
        && let Some(frame) = connection.next(&mut rest).await
    {
        if let Ok(data) = frame?.into_data() {
            let room = limit - body.len();
            body.extend_from_slice(&data[..data.len().min(room)]);
        }
    }
    Ok(answer_of(head.status, &head.headers, body))
}

/// An error with all its causes.
fn in_words(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
