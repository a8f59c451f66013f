//! Streams to where a URL leads: TCP, and TLS for `https`.

use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::net::TcpStream;
use tower::ServiceExt as _;

use crate::error::Error;
use crate::policy::Resolver;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Between two signs of life on a connection over which nothing is said.
const KEEPALIVE: Duration = Duration::from_secs(15);

pub(super) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Makes streams, to the addresses that its resolver gives.
#[derive(Clone)]
pub(super) struct Connector(HttpsConnector<HttpConnector<Resolver>>);

impl Connector {
    /// Needs rustls' process-wide provider.
    pub(super) fn new(resolver: Resolver) -> Result<Self, Error> {
        let wrong = |error: rustls::Error| Error::Config(error.to_string());
        let tls = ClientConfig::builder().with_platform_verifier().map_err(wrong)?;
        let mut tcp = HttpConnector::new_with_resolver(resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE));
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls.with_no_client_auth())
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self(connector))
    }

    /// A new stream, or why there is none, in words.
    pub(super) async fn connect(&self, origin: Uri) -> Result<Stream, String> {
        match tokio::time::timeout(CONNECT_TIMEOUT, self.0.clone().oneshot(origin)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(super::in_words(&*error)),
            Err(_) => Err(format!("no connection within {} seconds", CONNECT_TIMEOUT.as_secs())),
        }
    }
}
