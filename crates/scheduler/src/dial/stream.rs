//! A stream that knows whether all that was written to it has left this process. TLS takes more than
//! the socket does, and a connection that nobody drives would keep it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

pub(super) struct Stream {
    inner: MaybeHttpsStream<TokioIo<TcpStream>>,
    is_flushed: Flushed,
}

/// Outlives the stream's way into a connection. Cheap to clone.
#[derive(Clone)]
pub(super) struct Flushed(Arc<AtomicBool>);

impl Flushed {
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, is_flushed: bool) {
        self.0.store(is_flushed, Ordering::Relaxed);
    }
}

impl Stream {
    pub(super) fn over(inner: MaybeHttpsStream<TokioIo<TcpStream>>) -> Self {
        Self { inner, is_flushed: Flushed(Arc::new(AtomicBool::new(true))) }
    }

    /// Whether all has left, as long as the stream is in use.
    pub(super) fn flushed(&self) -> Flushed {
        self.is_flushed.clone()
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.is_flushed.set(false);
        Pin::new(&mut self.inner).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(context);
        if let Poll::Ready(Ok(())) = flushed {
            self.is_flushed.set(true);
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.is_flushed.set(false);
        Pin::new(&mut self.inner).poll_write_vectored(context, buffers)
    }
}
