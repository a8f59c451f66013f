//! Sealing: XChaCha20-Poly1305 with a key from a file beside the database. A copy of the database
//! alone gives nobody an account.

use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use roost_core::id::XUserId;
use roost_relay_api::Grant;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::key_file::{self, KEY_BYTES};

const NONCE_BYTES: usize = 24;

/// Why grants can't be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key file can't be read or made.
    #[error("the key file {} can't be used: {reason}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The key file is gone, and sign-ins are sealed with it.
    #[error(
        "the key file {} is missing, and what opens the sign-in of {} is lost with it. Put the file \
         back from your backup; or, when there is none, run `roost-relay new-key`: it makes a new \
         key and signs these accounts out, until somebody signs in again",
        path.display(),
        accounts.join(", ")
    )]
    Lost {
        /// Which file.
        path: PathBuf,
        /// The accounts, as `@handle`.
        accounts: Vec<String>,
    },
    /// A grant does not open: the key is another one, or the row was changed.
    #[error("the grant does not open with this key file; connect the account again")]
    Sealed,
    /// The system has no randomness.
    #[error("the system gives no random numbers: {0}")]
    Random(String),
}

/// Seals and opens grants.
pub(crate) struct Vault {
    cipher: XChaCha20Poly1305,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Vault(…)")
    }
}

/// Fills with random bytes from the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| KeyError::Random(error.to_string()))?;
    Ok(bytes)
}

fn unusable(path: &Path, reason: String) -> KeyError {
    KeyError::File { path: path.to_owned(), reason }
}

impl Vault {
    /// Opens the key file, if there is one.
    ///
    /// # Errors
    /// When the file can't be read, is no key, or is open to other users.
    pub(crate) fn existing(path: &Path) -> Result<Option<Self>, KeyError> {
        let key = key_file::read(path).map_err(|reason| unusable(path, reason))?;
        key.map(|key| Self::of(path, &key)).transpose()
    }

    /// Makes a key file, readable by its owner alone. What was sealed with another key opens no
    /// more.
    ///
    /// # Errors
    /// When the file can't be made.
    pub(crate) fn make(path: &Path) -> Result<Self, KeyError> {
        let key = Zeroizing::new(random::<KEY_BYTES>()?.to_vec());
        key_file::make(path, &key).map_err(|error| unusable(path, error.to_string()))?;
        Self::of(path, &key)
    }

    /// Opens the key file; makes one when there is none.
    #[cfg(test)]
    fn open(path: &Path) -> Result<Self, KeyError> {
        Self::existing(path)?.map_or_else(|| Self::make(path), Ok)
    }

    fn of(path: &Path, key: &[u8]) -> Result<Self, KeyError> {
        let cipher = XChaCha20Poly1305::new_from_slice(key).map_err(|_| {
            unusable(path, format!("it must hold {KEY_BYTES} bytes, and holds {}", key.len()))
        })?;
        Ok(Self { cipher })
    }

    /// Seals bytes for one owner: under another name they do not open.
    pub(super) fn seal(&self, bytes: &[u8], owner: &str) -> Result<Vec<u8>, KeyError> {
        let nonce = XNonce::from(random::<NONCE_BYTES>()?);
        let payload = Payload { msg: bytes, aad: owner.as_bytes() };
        let sealed = self.cipher.encrypt(&nonce, payload).map_err(|_| KeyError::Sealed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for an owner.
    pub(super) fn unseal(
        &self,
        sealed: &[u8],
        owner: &str,
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES).ok_or(KeyError::Sealed)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| KeyError::Sealed)?;
        let payload = Payload { msg: sealed, aad: owner.as_bytes() };
        let bytes =
            self.cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| KeyError::Sealed)?;
        Ok(Zeroizing::new(bytes))
    }
}

/// What is sealed.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct SealedGrant {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<String>,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) scope: String,
}

impl std::fmt::Debug for SealedGrant {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SealedGrant(…)")
    }
}

impl From<&Grant> for SealedGrant {
    fn from(grant: &Grant) -> Self {
        Self {
            client_id: grant.client_id.clone(),
            client_secret: grant.client_secret.clone(),
            access_token: grant.access_token.clone(),
            refresh_token: grant.refresh_token.clone(),
            scope: grant.scope.clone(),
        }
    }
}

impl SealedGrant {
    pub(crate) fn seal(&self, vault: &Vault, owner: &XUserId) -> Result<Vec<u8>, KeyError> {
        let bytes = Zeroizing::new(serde_json::to_vec(self).map_err(|_| KeyError::Sealed)?);
        vault.seal(&bytes, &owner.0)
    }

    pub(crate) fn open(sealed: &[u8], vault: &Vault, owner: &XUserId) -> Result<Self, KeyError> {
        let bytes = vault.unseal(sealed, &owner.0)?;
        serde_json::from_slice(&bytes).map_err(|_| KeyError::Sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_opens_with_its_key_for_its_account_and_not_otherwise() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("relay.key");
        let vault = Vault::open(&path).expect("a key");
        let (owner, other) = ("1", "2");
        let sealed = vault.seal(b"canary", owner).expect("sealed");
        assert!(!sealed.windows(6).any(|bytes| bytes == b"canary"));
        let again = Vault::open(&path).expect("the same key");
        assert_eq!(again.unseal(&sealed, owner).expect("opened").as_slice(), b"canary");
        assert!(again.unseal(&sealed, other).is_err());
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(again.unseal(&changed, owner).is_err(), "byte {position}");
        }
        let stranger = Vault::open(&folder.path().join("other.key")).expect("another key");
        assert!(stranger.unseal(&sealed, owner).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn the_key_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("relay.key");
        Vault::open(&path).expect("a key");
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("changed");
        let error = Vault::open(&path).expect_err("refused").to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }
}
