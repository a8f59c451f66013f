//! A certificate through ACME (RFC 8555), proven on the listener's own port (TLS-ALPN-01) and renewed
//! when a third of its life is left.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::StreamExt;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_acme::{AcmeConfig, AcmeState, EventOk};
use rustls_platform_verifier::Verifier;

use super::acme_cache::Folder;
use super::{CertificateState, Tls, TlsError};

/// What an ACME server is asked for, and where its answers are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acme {
    /// The names that the certificate is for.
    pub domains: Vec<String>,
    /// Where the server writes to before a certificate ends, such as `mailto:me@example.org`.
    pub contact: Vec<String>,
    /// The server's directory.
    pub directory: String,
    /// Further roots that the server's own certificate may stand on, in PEM: for a server that is not
    /// the world's.
    pub roots: Option<PathBuf>,
    /// Where certificates and the account's key are kept, for their owner alone.
    pub folder: PathBuf,
}

impl Acme {
    /// Begins: the future asks for the certificate and renews it, and never ends. Until the first one
    /// is there, handshakes fail.
    ///
    /// # Errors
    /// When the folder can't be made, or TLS towards the server can't be set up.
    pub fn open(self) -> Result<(Tls, impl Future<Output = ()> + Send), TlsError> {
        roost_private_files::make_folder(&self.folder)
            .map_err(|error| TlsError::file(&self.folder, error))?;
        roost_private_files::close_to_others([&self.folder]);
        let client = client_config(self.roots.as_deref())?;
        let state = Arc::new(CertificateState::default());
        let acme = AcmeConfig::new_with_client_config(&self.domains, Arc::new(client))
            .contact(&self.contact)
            .directory(&self.directory)
            .cache(Folder { path: self.folder, state: Arc::clone(&state) })
            .state();
        let tls = Tls::new(acme.resolver(), Arc::clone(&state), true)?;
        Ok((tls, follow(acme, state)))
    }
}

/// Notes what becomes of each attempt. It is tried again after a second, then twice as long each time.
async fn follow(mut acme: AcmeState<std::io::Error>, state: Arc<CertificateState>) {
    while let Some(event) = acme.next().await {
        match event {
            Ok(EventOk::DeployedNewCert) => tracing::info!("a new TLS certificate is in use"),
            Ok(event) => tracing::debug!(?event, "ACME"),
            Err(error) => {
                tracing::error!(%error, "no new TLS certificate; it is tried again");
                state.failed(error.to_string());
            }
        }
    }
}

fn client_config(roots: Option<&Path>) -> Result<ClientConfig, TlsError> {
    let setup = |error: rustls::Error| TlsError::Setup(error.to_string());
    let provider = rustls::crypto::CryptoProvider::get_default()
        .cloned()
        .ok_or_else(|| TlsError::Setup("no TLS provider is installed".to_owned()))?;
    let extra: Vec<CertificateDer<'static>> = match roots {
        None => Vec::new(),
        Some(path) => CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect)
            .map_err(|error| TlsError::file(path, error))?,
    };
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider)).map_err(setup)?;
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(setup)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}
