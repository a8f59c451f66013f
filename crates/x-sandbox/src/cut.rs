//! Serving, with connections that can be cut after any byte of an answer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::Service as _;

/// On a response: let only so many bytes of it out, the head included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) after_bytes: usize,
}

/// How many bytes a connection may still write.
#[derive(Debug, Clone)]
struct Allowance(Arc<AtomicUsize>);

const UNLIMITED: usize = usize::MAX;

/// A connection that breaks once its allowance is used up.
struct Connection {
    socket: TcpStream,
    allowance: Allowance,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let left = self.allowance.0.load(Ordering::SeqCst);
        if left == UNLIMITED {
            return Pin::new(&mut self.socket).poll_write(context, bytes);
        }
        if left == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let end = bytes.len().min(left);
        let written = Pin::new(&mut self.socket).poll_write(context, &bytes[..end]);
        if let Poll::Ready(Ok(count)) = written {
            self.allowance.0.store(left - count, Ordering::SeqCst);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

/// Serves `router` until `stop`; what is under way then is finished.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => {
                    connections.spawn(connection(socket, router.clone(), stop.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    // Out of sockets, most likely: let some be closed first.
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    while connections.join_next().await.is_some() {}
}

async fn connection(socket: TcpStream, router: Router, stop: CancellationToken) {
    let _ = socket.set_nodelay(true);
    let allowance = Allowance(Arc::new(AtomicUsize::new(UNLIMITED)));
    let io = TokioIo::new(Connection { socket, allowance: allowance.clone() });
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(allowance.clone());
        let allowance = allowance.clone();
        let mut router = router.clone();
        async move {
            let response = router.call(request).await;
            if let Ok(response) = &response
                && let Some(cut) = response.extensions().get::<Cut>()
            {
                allowance.0.store(cut.after_bytes, Ordering::SeqCst);
            }
            response
        }
    });
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(io, service);
    tokio::pin!(connection);
    // Errors here are clients that went away, or cuts that were asked for.
    tokio::select! {
        result = connection.as_mut() => drop(result),
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// A body that breaks at once.
struct Broken;

impl HttpBody for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
    }
}

/// Where the router is served by something else than [`serve`], a cut still must not let the
/// answer out: its body breaks instead.
pub(crate) async fn break_elsewhere(request: Request, next: Next) -> Response {
    let is_ours = request.extensions().get::<Allowance>().is_some();
    let response = next.run(request).await;
    if is_ours || response.extensions().get::<Cut>().is_none() {
        return response;
    }
    let (mut head, _) = response.into_parts();
    head.headers.remove(http::header::CONTENT_LENGTH);
    Response::from_parts(head, Body::new(Broken))
}
