//! Files of the watched folder that need not be offered again: committed, dropped, or refused.

use std::path::{Path, PathBuf};

use roost_store::{Error as StoreError, Read, Tx};
use serde::{Deserialize, Serialize};

use crate::open_import::Fingerprint;

/// The setting that keeps them.
const HANDLED: &str = "watched_files";
/// So many are kept; the oldest ones go.
const HANDLED_MAX: usize = 1_000;

/// A file as it was when it was handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Handled {
    path: PathBuf,
    /// SHA-256 of it, in hexadecimal digits.
    sha256: String,
}

/// Returns whether a file was handled as it is now.
pub(super) fn is_handled(
    store: &Read<'_>,
    path: &Path,
    print: &Fingerprint,
) -> Result<bool, StoreError> {
    let all: Vec<Handled> = store.setting(HANDLED)?.unwrap_or_default();
    Ok(all.iter().any(|it| it.path == path && it.sha256 == print.sha256))
}

/// Notes that files were handled as they were read.
pub(super) fn note(store: &mut Tx<'_>, prints: &[Fingerprint]) -> Result<(), StoreError> {
    let mut all: Vec<Handled> = store.setting(HANDLED)?.unwrap_or_default();
    for print in prints {
        let Some(path) = &print.path else { continue };
        all.retain(|it| it.path != *path);
        all.push(Handled { path: path.clone(), sha256: print.sha256.clone() });
    }
    all.drain(..all.len().saturating_sub(HANDLED_MAX));
    store.save_setting(HANDLED, &all)
}
