//! Accepting and serving.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use http_body::{Frame, SizeHint};
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::Limits;
use crate::connections::{Connection, Connections, Place, Work};
use crate::stream::NotedStream;
use crate::tls::{Accepted, Tls};

/// How often connections that took too long are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_millis(250);
/// How long to wait when the system gives no more file descriptors.
const EXHAUSTED_WAIT: Duration = Duration::from_millis(50);
/// Headers of a request, at the most.
const HEADERS_MAX: usize = 100;
/// Requests in flight are waited for this long once the listener stops.
const STOP_PATIENCE: Duration = Duration::from_secs(45);

/// A listener, and how to speak on it.
#[derive(Debug)]
pub struct Listener {
    /// The socket.
    pub socket: TcpListener,
    /// TLS; without it, plain HTTP.
    pub tls: Option<Tls>,
    /// The limits.
    pub limits: Limits,
}

/// Serves the router until `stop`, then lets requests in flight end. The peer's address is in each
/// request (`ConnectInfo<SocketAddr>`).
pub async fn serve(listener: Listener, router: Router, stop: CancellationToken) {
    let Listener { socket, tls, limits } = listener;
    let connections = Arc::new(Connections::default());
    let tracker = TaskTracker::new();
    let serving = Serving { router, tls, limits, stop: stop.clone() };
    let sweeping = sweep(Arc::clone(&connections), limits);
    let accepting = async {
        loop {
            connections.make_room(&limits).await;
            match socket.accept().await {
                Ok((stream, peer)) => {
                    let place = connections.take();
                    tracker.spawn(serving.clone().connection(stream, peer, place));
                }
                Err(error) => accept_failed(&error, &connections).await,
            }
        }
    };
    tokio::pin!(sweeping);
    tokio::select! {
        () = accepting => {}
        () = &mut sweeping => {}
        () = stop.cancelled() => {}
    }
    drop(socket);
    tracker.close();
    tokio::select! {
        () = tracker.wait() => {}
        () = sweeping => {}
        () = tokio::time::sleep(STOP_PATIENCE) => {
            tracing::warn!(open = connections.count(), "connections are cut off");
        }
    }
}

/// Ends connections that took too long, for ever.
async fn sweep(connections: Arc<Connections>, limits: Limits) {
    let mut ticks = tokio::time::interval(SWEEP_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        connections.end_overdue(&limits, Instant::now());
    }
}

/// A client that left before it was accepted is nothing; without file descriptors one that waits ends.
async fn accept_failed(error: &io::Error, connections: &Connections) {
    if matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    ) {
        return;
    }
    tracing::error!(%error, open = connections.count(), "no connection can be accepted");
    connections.end_longest_waiting();
    tokio::time::sleep(EXHAUSTED_WAIT).await;
}

/// What every connection is served with.
#[derive(Clone)]
struct Serving {
    router: Router,
    tls: Option<Tls>,
    limits: Limits,
    stop: CancellationToken,
}

impl Serving {
    async fn connection(self, stream: TcpStream, peer: SocketAddr, place: Place) {
        // Answers are short, and waited for.
        let _ = stream.set_nodelay(true);
        let connection = Arc::clone(&place.connection);
        let stream = NotedStream { stream, connection: Arc::clone(&connection) };
        let served = async {
            match &self.tls {
                None => self.http(stream, peer, &connection).await,
                Some(tls) => match tls.accept(stream).await {
                    Accepted::Stream(stream) => self.http(*stream, peer, &connection).await,
                    Accepted::Done => {}
                },
            }
        };
        tokio::select! {
            () = served => {}
            () = connection.closed() => {}
        }
        drop(place);
    }

    async fn http<S>(&self, stream: S, peer: SocketAddr, connection: &Arc<Connection>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let service = service_fn(|request: Request<Incoming>| {
            let (router, work) = (self.router.clone(), connection.begin());
            async move {
                let Some(work) = work else {
                    return Err(io::Error::from(io::ErrorKind::TimedOut));
                };
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer));
                let answer = router.oneshot(request).await.unwrap_or_else(|never| match never {});
                Ok(answer.map(|body| Body::new(Answer { body, _work: work })))
            }
        });
        let http = hyper::server::conn::http1::Builder::new()
            .max_headers(HEADERS_MAX)
            .max_buf_size(self.limits.header_max_bytes)
            .serve_connection(TokioIo::new(stream), service);
        tokio::pin!(http);
        // An error is the client's: it is told what HTTP has for it, or has gone.
        tokio::select! {
            _ = http.as_mut() => return,
            () = self.stop.cancelled() => {}
        }
        http.as_mut().graceful_shutdown();
        let _ = http.await;
    }
}

/// An answer; while it is there, its connection is at work.
struct Answer {
    body: Body,
    _work: Work,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
