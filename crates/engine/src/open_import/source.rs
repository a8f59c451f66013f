//! A source that was read, and how it is told from what may stand in its place later.

use std::io;
use std::path::PathBuf;

use roost_core::failure::Code;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Error;

/// A source that was read.
#[derive(Debug)]
pub(crate) struct Source {
    /// What it is called in messages.
    pub(crate) name: String,
    /// Its file; none of a text.
    pub(crate) path: Option<PathBuf>,
    /// What it holds.
    pub(crate) bytes: Vec<u8>,
}

/// How a source is told from another one under the same path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    /// What the source is called in messages.
    pub(crate) name: String,
    /// Its file; none of a text, which is kept beside the session.
    pub(crate) path: Option<PathBuf>,
    /// Its size.
    pub(crate) bytes: u64,
    /// SHA-256 of it, in hexadecimal digits.
    pub(crate) sha256: String,
}

impl Source {
    /// Returns how to tell it from what may stand in its place later.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        Fingerprint {
            name: self.name.clone(),
            path: self.path.clone(),
            bytes: self.bytes.len() as u64,
            sha256: hex(&Sha256::digest(&self.bytes)),
        }
    }
}

/// Returns what several sources are called together.
pub(crate) fn joint_name(sources: &[Fingerprint]) -> String {
    match sources {
        [] => String::new(),
        [one] => one.name.clone(),
        [first, rest @ ..] => format!("{} and {} more", first.name, rest.len()),
    }
}

pub(crate) fn refused(code: Code, message: impl Into<String>) -> Error {
    Error::File { code, message: message.into() }
}

/// Returns what keeps an open import from being kept, as the engine says it.
pub(super) fn unwritable(error: &io::Error) -> Error {
    let code = match error.kind() {
        io::ErrorKind::StorageFull => Code::DiskFull,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Code::DatabaseReadOnly
        }
        _ => Code::Internal,
    };
    refused(code, format!("The open import can't be kept on the disk: {error}."))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // A string takes everything.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
