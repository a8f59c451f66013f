//! One HTTP/1.1 connection. Whoever asks over it drives it, so that a call is one task that is woken
//! once for the answer; nothing drives it while it waits for the next call.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};

use axum::body::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http1::{self, SendRequest};

use super::stream::{Flushed, Stream};

/// A connection that is free to be asked.
pub(super) struct Connection {
    /// Where it leads, as `scheme://host[:port]`.
    origin: Box<str>,
    sender: SendRequest<Full<Bytes>>,
    driver: Driver,
    is_flushed: Flushed,
}

/// The side of the stream. Absent once the connection has ended; whoever asked is told then.
struct Driver(Option<Box<http1::Connection<Stream, Full<Bytes>>>>);

/// Why there is no answer.
pub(super) enum NotAnswered {
    /// Nothing of the request was sent.
    Unsent(Box<Request<Full<Bytes>>>),
    /// It may have arrived.
    Broken(hyper::Error),
}

impl From<hyper::Error> for NotAnswered {
    fn from(error: hyper::Error) -> Self {
        Self::Broken(error)
    }
}

impl NotAnswered {
    pub(super) fn in_words(self) -> String {
        match self {
            Self::Unsent(_) => "the connection was closed before anything was sent".to_owned(),
            Self::Broken(error) => super::in_words(&error),
        }
    }
}

impl Connection {
    /// A new connection over a stream that leads to `origin`.
    #[expect(clippy::disallowed_methods, reason = "every delivery's connection is made here")]
    pub(super) async fn over(stream: Stream, origin: &str) -> hyper::Result<Self> {
        let is_flushed = stream.flushed();
        // Old receivers compare names as QStash writes them.
        let handshake = http1::Builder::new().title_case_headers(true).handshake(stream);
        let (sender, driver) = handshake.await?;
        Ok(Self {
            origin: origin.into(),
            sender,
            driver: Driver(Some(Box::new(driver))),
            is_flushed,
        })
    }

    pub(super) fn leads_to(&self, origin: &str) -> bool {
        *self.origin == *origin
    }

    /// Whether another request may follow, as far as the other side has told.
    pub(super) async fn is_free(&mut self) -> bool {
        poll_fn(|context| Poll::Ready(self.poll_free(context) == Poll::Ready(true))).await
    }

    /// Waits until another request may follow; false when none ever may. An answer can be there
    /// before all of its request has been sent.
    pub(super) async fn becomes_free(&mut self) -> bool {
        poll_fn(|context| self.poll_free(context)).await
    }

    fn poll_free(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        self.driver.drive(context);
        match &self.driver.0 {
            None => Poll::Ready(false),
            Some(_) if self.sender.is_ready() && self.is_flushed.get() => Poll::Ready(true),
            Some(_) => Poll::Pending,
        }
    }

    /// Sends the request and waits for the head of the answer.
    pub(super) async fn ask(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, NotAnswered> {
        let answer = self.sender.try_send_request(request);
        self.driver.until(answer).await.map_err(|mut error| match error.take_message() {
            Some(request) => NotAnswered::Unsent(Box::new(request)),
            None => NotAnswered::Broken(error.into_error()),
        })
    }

    /// The next part of an answer; nothing after the last.
    pub(super) async fn next(
        &mut self,
        body: &mut Incoming,
    ) -> Option<hyper::Result<Frame<Bytes>>> {
        self.driver.until(body.frame()).await
    }
}

impl Driver {
    /// Moves what can be moved now.
    fn drive(&mut self, context: &mut Context<'_>) {
        if let Some(connection) = &mut self.0
            && pin!(connection).poll(context).is_ready()
        {
            self.0 = None;
        }
    }

    /// Drives the connection until it has brought what is `wanted`.
    async fn until<T>(&mut self, wanted: impl Future<Output = T>) -> T {
        let mut wanted = pin!(wanted);
        poll_fn(|context| {
            if let Poll::Ready(brought) = wanted.as_mut().poll(context) {
                return Poll::Ready(brought);
            }
            self.drive(context);
            wanted.as_mut().poll(context)
        })
        .await
    }
}
