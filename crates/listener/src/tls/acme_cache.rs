//! Where certificates and the key of the ACME account are kept: in files of their owner's alone, each
//! there as a whole or not at all.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_acme::{AccountCache, CertCache};
use sha2::{Digest, Sha256};

use super::CertificateState;
use super::files::validity_ms;

/// The folder, and the state that hears of every certificate that passes.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) state: Arc<CertificateState>,
}

impl Folder {
    /// Another directory, name or contact is another file.
    fn file(&self, kind: &str, of: &[String], directory: &str) -> PathBuf {
        let mut hash = Sha256::new();
        for part in of.iter().map(String::as_str).chain([directory]) {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        self.path.join(format!("{kind}-{}", &URL_SAFE_NO_PAD.encode(hash.finalize())[..16]))
    }

    async fn read(&self, path: PathBuf) -> std::io::Result<Option<Vec<u8>>> {
        match tokio::fs::read(path).await {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn write(&self, path: PathBuf, content: &[u8]) -> std::io::Result<()> {
        let content = content.to_owned();
        let written = tokio::task::spawn_blocking(move || {
            let beside = roost_private_files::beside(&path, ".new");
            let mut options = roost_private_files::options();
            let mut file = options.write(true).create(true).truncate(true).open(&beside)?;
            file.write_all(&content)?;
            file.sync_all()?;
            std::fs::rename(&beside, &path)
        });
        written.await.map_err(std::io::Error::other)?
    }

    fn note(&self, pem: &[u8]) {
        let certificate = CertificateDer::from_pem_slice(pem).ok();
        if let Some(validity) = certificate.and_then(|found| validity_ms(&found)) {
            self.state.deployed(validity);
        }
    }
}

#[async_trait]
impl CertCache for Folder {
    type EC = std::io::Error;

    async fn load_cert(
        &self,
        domains: &[String],
        directory_url: &str,
    ) -> Result<Option<Vec<u8>>, Self::EC> {
        let pem = self.read(self.file("certificate", domains, directory_url)).await?;
        if let Some(pem) = &pem {
            self.note(pem);
        }
        Ok(pem)
    }

    async fn store_cert(
        &self,
        domains: &[String],
        directory_url: &str,
        cert: &[u8],
    ) -> Result<(), Self::EC> {
        // It is in use already, whether or not it can be kept.
        self.note(cert);
        self.write(self.file("certificate", domains, directory_url), cert).await
    }
}

#[async_trait]
impl AccountCache for Folder {
    type EA = std::io::Error;

    async fn load_account(
        &self,
        contact: &[String],
        directory_url: &str,
    ) -> Result<Option<Vec<u8>>, Self::EA> {
        self.read(self.file("account", contact, directory_url)).await
    }

    async fn store_account(
        &self,
        contact: &[String],
        directory_url: &str,
        account: &[u8],
    ) -> Result<(), Self::EA> {
        self.write(self.file("account", contact, directory_url), account).await
    }
}
