//! The one place where this crate calls a destination.

use std::error::Error as _;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect;
use roost_crash_points::{self as crash, Moment};

use crate::error::Error;
use crate::header;
use crate::policy::{Dial, PublicOnly};
use crate::store::{Answer, Message};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Headers that belong to the connection that is made here.
const OF_THE_CONNECTION: [&str; 9] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The clients that deliveries are made with.
#[derive(Debug)]
pub(crate) struct Dialer {
    trusted: reqwest::Client,
    public: reqwest::Client,
}

impl Dialer {
    pub(crate) fn new() -> Result<Self, Error> {
        let builder = || {
            reqwest::Client::builder()
                .redirect(redirect::Policy::none())
                .connect_timeout(CONNECT_TIMEOUT)
                .http1_title_case_headers()
                // What is called is what was checked; a proxy would call for us.
                .no_proxy()
        };
        let wrong = |error: reqwest::Error| Error::Config(error.to_string());
        let public = builder().dns_resolver(PublicOnly::resolver()).build().map_err(wrong)?;
        Ok(Self { trusted: builder().build().map_err(wrong)?, public })
    }

    /// Calls the message's destination. Every call of this crate passes here; `point` names it
    /// for whoever watches or cuts the calls. `limit`: bytes that are kept of the answer.
    pub(super) async fn call(
        &self,
        point: &'static str,
        dial: Dial,
        message: &Message,
        own: &[(&str, String)],
        timeout: Duration,
        limit: usize,
    ) -> Answer {
        let (client, url) = match dial {
            Dial::Trusted(url) => (&self.trusted, url),
            Dial::Public(url) => (&self.public, url),
        };
        let method = http::Method::from_bytes(message.spec.call.method.as_bytes());
        let request = client
            .request(method.unwrap_or(http::Method::POST), url)
            .headers(headers(message, own))
            .body(message.body.clone());
        let exchange = async {
            let response = request.send().await?;
            read(response, limit).await
        };
        crash::point(point, Moment::Ask);
        let exchanged = tokio::time::timeout(timeout, exchange).await;
        crash::point(point, Moment::Answered);
        let error = match exchanged {
            Ok(Ok(answer)) => return answer,
            Ok(Err(error)) => in_words(error),
            Err(_) => format!("{point}: no answer within {} seconds", timeout.as_secs()),
        };
        Answer { error: Some(error), ..Answer::default() }
    }
}

fn headers(message: &Message, own: &[(&str, String)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let given = message.spec.call.headers.iter().map(|(name, value)| (name.as_str(), value));
    let given = given
        .filter(|(name, _)| !OF_THE_CONNECTION.iter().any(|ours| ours.eq_ignore_ascii_case(name)));
    for (name, value) in given.chain(own.iter().map(|(name, value)| (*name, value))) {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    headers
}

async fn read(mut response: reqwest::Response, limit: usize) -> reqwest::Result<Answer> {
    let status = response.status().as_u16();
    let headers = header::of_answer(response.headers());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = limit - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() >= room {
            break;
        }
    }
    let error = (!(200..300).contains(&status)).then(|| format!("answered {status}"));
    Ok(Answer { status, headers, body, error })
}

fn in_words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        source = cause.source();
    }
    words
}
