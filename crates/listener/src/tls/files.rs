//! A certificate from files, read anew when they change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};

use super::{CertificateState, Tls, TlsError};

/// How often the files are looked at.
const RELOAD_INTERVAL: Duration = Duration::from_secs(30);

/// Where a certificate is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain in PEM, the server's own certificate first.
    pub certificate: PathBuf,
    /// Its private key in PEM.
    pub private_key: PathBuf,
}

#[derive(Debug)]
struct Resolver(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl CertificateFiles {
    /// Reads the files. The future follows them: whoever renews them needs to tell nobody. It never
    /// ends.
    ///
    /// # Errors
    /// When a file can't be read, or they do not belong together.
    pub fn open(self) -> Result<(Tls, impl Future<Output = ()> + Send), TlsError> {
        let state = Arc::new(CertificateState::default());
        let (key, validity) = self.read()?;
        state.deployed(validity);
        let resolver = Arc::new(Resolver(RwLock::new(key)));
        let tls = Tls::new(Arc::clone(&resolver) as _, Arc::clone(&state), false)?;
        Ok((tls, self.follow(resolver, state)))
    }

    async fn follow(self, resolver: Arc<Resolver>, state: Arc<CertificateState>) {
        let mut seen = self.changed();
        loop {
            tokio::time::sleep(RELOAD_INTERVAL).await;
            let now = self.changed();
            if now == seen {
                continue;
            }
            seen = now;
            match self.read() {
                Ok((key, validity)) => {
                    *resolver.0.write().unwrap_or_else(PoisonError::into_inner) = key;
                    state.deployed(validity);
                    tracing::info!("the TLS certificate was read anew");
                }
                Err(error) => {
                    tracing::error!(%error, "the new TLS certificate can't be used; the old one stays");
                    state.failed(error.to_string());
                }
            }
        }
    }

    fn changed(&self) -> [Option<SystemTime>; 2] {
        [&self.certificate, &self.private_key]
            .map(|path| std::fs::metadata(path).and_then(|file| file.modified()).ok())
    }

    fn read(&self) -> Result<(Arc<CertifiedKey>, (i64, i64)), TlsError> {
        let chain = chain(&self.certificate)?;
        let key = PrivateKeyDer::from_pem_file(&self.private_key)
            .map_err(|error| TlsError::file(&self.private_key, error))?;
        let provider = rustls::crypto::CryptoProvider::get_default()
            .ok_or_else(|| TlsError::Setup("no TLS provider is installed".to_owned()))?;
        let validity = validity_ms(&chain[0])
            .ok_or_else(|| TlsError::file(&self.certificate, "it is no certificate"))?;
        let certified = CertifiedKey::from_der(chain, key, provider)
            .map_err(|error| TlsError::file(&self.private_key, error))?;
        Ok((Arc::new(certified), validity))
    }
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| TlsError::file(path, error))?;
    if chain.is_empty() {
        return Err(TlsError::file(path, "there is no certificate in it"));
    }
    Ok(chain)
}

/// Returns from when and until when a certificate holds, in Unix milliseconds.
pub(super) fn validity_ms(certificate: &[u8]) -> Option<(i64, i64)> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let validity = certificate.validity();
    Some((validity.not_before.timestamp() * 1000, validity.not_after.timestamp() * 1000))
}

/// Returns the pin of the first certificate in a file: SHA-256 of the certificate, in base64 for
/// addresses.
///
/// # Errors
/// When there is none.
pub fn pin_of(path: &Path) -> Result<String, TlsError> {
    Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(&chain(path)?[0])))
}

/// Returns whether the first certificate in a file vouches for itself, so that clients know it by its pin
/// alone.
///
/// # Errors
/// When there is none.
pub fn is_self_signed(path: &Path) -> Result<bool, TlsError> {
    let chain = chain(path)?;
    let (_, certificate) = x509_parser::parse_x509_certificate(&chain[0])
        .map_err(|_| TlsError::file(path, "it is no certificate"))?;
    Ok(certificate.issuer().as_raw() == certificate.subject().as_raw())
}
