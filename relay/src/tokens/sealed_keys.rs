//! The signing keys that a computer sent, sealed like a grant.

use roost_relay_api::SchedulerKeys;
use zeroize::Zeroizing;

use super::vault::{KeyError, Vault};

/// Whom they are sealed for: no account of X has such a name.
const OWNER: &str = "scheduler keys";

/// Seals a pair of signing keys.
pub(crate) fn seal_scheduler_keys(
    vault: &Vault,
    keys: &SchedulerKeys,
) -> Result<Vec<u8>, KeyError> {
    let bytes = Zeroizing::new(serde_json::to_vec(keys).map_err(|_| KeyError::Sealed)?);
    vault.seal(&bytes, OWNER)
}

/// Opens a sealed pair of signing keys.
pub(crate) fn open_scheduler_keys(vault: &Vault, sealed: &[u8]) -> Result<SchedulerKeys, KeyError> {
    let bytes = vault.unseal(sealed, OWNER)?;
    serde_json::from_slice(&bytes).map_err(|_| KeyError::Sealed)
}
