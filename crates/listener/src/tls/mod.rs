//! TLS: from certificate files, or through ACME.

mod acme;
mod acme_cache;
mod certificate_state;
mod files;
mod self_signed;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::ResolvesServerCert;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::stream::NotedStream;

pub use acme::Acme;
pub use certificate_state::{CertificateState, CertificateStatus};
pub use files::{CertificateFiles, is_self_signed, pin_of};
pub use self_signed::{SelfSigned, make_self_signed};

const HTTP_1_1: &[u8] = b"http/1.1";
/// What an ACME server speaks to see that a name is ours (RFC 8737).
const ACME_TLS_1: &[u8] = b"acme-tls/1";

/// Why TLS can't be spoken.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file of the certificate.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Anything else.
    #[error("TLS can't be set up: {0}")]
    Setup(String),
}

impl TlsError {
    pub(crate) fn file(path: &std::path::Path, reason: impl fmt::Display) -> Self {
        Self::File { path: path.to_owned(), reason: reason.to_string() }
    }
}

/// Speaks TLS with the certificate of the moment.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    state: Arc<CertificateState>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").field("state", &self.state).finish_non_exhaustive()
    }
}

/// What became of a handshake.
pub(crate) enum Accepted {
    /// It stands.
    Stream(Box<TlsStream<NotedStream>>),
    /// Nothing more comes: it failed, or it was an ACME server's question.
    Done,
}

impl Tls {
    fn new(
        resolver: Arc<dyn ResolvesServerCert>,
        state: Arc<CertificateState>,
        answers_acme: bool,
    ) -> Result<Self, TlsError> {
        let provider = rustls::crypto::CryptoProvider::get_default()
            .cloned()
            .ok_or_else(|| TlsError::Setup("no TLS provider is installed".to_owned()))?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Setup(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        if answers_acme {
            config.alpn_protocols.push(ACME_TLS_1.to_vec());
        }
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), state })
    }

    /// How the certificate stands.
    #[must_use]
    pub fn state(&self) -> Arc<CertificateState> {
        Arc::clone(&self.state)
    }

    pub(crate) async fn accept(&self, stream: NotedStream) -> Accepted {
        match self.acceptor.accept(stream).await {
            Ok(stream) if stream.get_ref().1.alpn_protocol() != Some(ACME_TLS_1) => {
                Accepted::Stream(Box::new(stream))
            }
            // The handshake was the whole answer.
            Ok(mut stream) => {
                let _ = tokio::io::AsyncWriteExt::shutdown(&mut stream).await;
                Accepted::Done
            }
            Err(error) => {
                tracing::debug!(%error, "a TLS handshake failed");
                Accepted::Done
            }
        }
    }
}
