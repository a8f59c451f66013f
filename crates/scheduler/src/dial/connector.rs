//! Streams to where a URL leads: TCP, and TLS for `https`.

use std::time::Duration;

use http::Uri;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tower::ServiceExt as _;

use super::stream::Stream;
use crate::destination_policy::Resolver;
use crate::error::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Between two signs of life on a connection over which nothing is said.
const KEEPALIVE: Duration = Duration::from_secs(15);
/// Signs of life without an answer until the other side counts as gone.
const KEEPALIVE_RETRIES: u32 = 3;
/// How long what was sent may stay unacknowledged: a receiver that is gone holds up its attempt, and
/// with it a place among those that are under way.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// Makes streams, to the addresses that its resolver gives.
#[derive(Clone)]
pub(super) struct Connector(HttpsConnector<HttpConnector<Resolver>>);

impl Connector {
    /// Needs rustls' process-wide provider.
    pub(super) fn new(resolver: Resolver) -> Result<Self, Error> {
        let wrong = |error: rustls::Error| Error::Config(error.to_string());
        let tls = ClientConfig::builder().with_platform_verifier().map_err(wrong)?;
        let mut tls = tls.with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let mut tcp = HttpConnector::new_with_resolver(resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE));
        tcp.set_keepalive_interval(Some(KEEPALIVE));
        tcp.set_keepalive_retries(Some(KEEPALIVE_RETRIES));
        #[cfg(target_os = "linux")]
        tcp.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        Ok(Self(HttpsConnector::from((tcp, tls))))
    }

    /// A new stream, or why there is none, in words.
    pub(super) async fn connect(&self, origin: Uri) -> Result<Stream, String> {
        match tokio::time::timeout(CONNECT_TIMEOUT, self.0.clone().oneshot(origin)).await {
            Ok(Ok(stream)) => Ok(Stream::over(stream)),
            Ok(Err(error)) => Err(super::in_words(&*error)),
            Err(_) => Err(format!("no connection within {} seconds", CONNECT_TIMEOUT.as_secs())),
        }
    }
}
