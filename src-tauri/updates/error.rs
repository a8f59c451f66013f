//! Why there is no update, in words that say what to do.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

use roost_core::failure::Code;
use roost_engine::api::Failure;

use super::Installation;

/// Why an update did not come to its end. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}")]
    NotReplaceable(String),
    #[error(
        "Roost does not know where its updates come from. Enter the address and the public key that \
         whoever gives you Roost tells you."
    )]
    NoSource,
    #[error(
        "This is no address of updates: {0}. It begins with https://; http:// is taken for this \
         computer alone."
    )]
    Address(String),
    #[error(
        "This is no public key of minisign. It is one line that begins with RW: copy it whole from \
         whoever gives you Roost."
    )]
    Key,
    #[error("{} can't be read or written: {error}. Enter address and key again.", path.display())]
    SourceFile { path: PathBuf, error: String },
    #[error(
        "The server of updates can't be reached: {0}. Check the network and the address, then try \
         again."
    )]
    Unreachable(String),
    #[error(
        "What answers at this address does not tell of updates ({0}). Check the address with whoever \
         gives you Roost."
    )]
    NoUpdatesThere(String),
    #[error(
        "The address offers no file for this computer ({0}). Ask whoever gives you Roost for one, or \
         install it by hand."
    )]
    NothingForThisSystem(String),
    #[error(
        "The address offers version {offered}, which is older than {current}. Roost does not go back: \
         an older version can't read what a newer one wrote. Check again later."
    )]
    Older { offered: String, current: String },
    #[error("There is no newer version any more. Check again later.")]
    NothingNewer,
    #[error(
        "The update lies at an address that is not safe ({0}). Tell whoever gives you Roost that it has \
         to begin with https://."
    )]
    UnsafeDownload(String),
    #[error(
        "The server refused the file: {0}. Try again later; if it stays, tell whoever gives you Roost."
    )]
    DownloadRefused(String),
    #[error("The download ended before the file was whole. Nothing was changed: try again.")]
    EndedEarly,
    #[error(
        "The file is larger than {0} MB, which no Roost is. It was thrown away; check the address."
    )]
    TooLarge(u64),
    #[error(
        "The file is not the one that was signed with your key: it was damaged, or somebody else made \
         it. It was thrown away, and nothing was changed. Try again; if it stays, ask whoever gives you \
         Roost, and trust no new key that the same server shows you."
    )]
    Signature,
    #[error(
        "The file was signed as version {signed} and is offered as {announced}: somebody may want to \
         give you an old version. It was thrown away. Tell whoever gives you Roost."
    )]
    SignedAsAnother { signed: String, announced: String },
    #[error(
        "The signature does not name the version that it is for, so that an old file could pass as a \
         new one. It was thrown away. Tell whoever gives you Roost to sign with the version."
    )]
    SignedWithoutVersion,
    #[error(
        "The file is signed, and is no AppImage. It was thrown away. Tell whoever gives you Roost: the \
         file is to be the AppImage itself, in no archive."
    )]
    NoProgram,
    #[error(
        "You may not write to {}. Move Roost's file to a folder of your own, start it there, and update \
         again.", .0.display()
    )]
    NotWritable(PathBuf),
    #[error("The disk is full. Nothing was changed: free some space, and update again.")]
    DiskFull,
    #[error("{} could not be replaced: {error}. It is as it was; try again.", path.display())]
    NotReplaced { path: PathBuf, error: io::Error },
    #[error("{0}")]
    Held(String),
    #[error("An update is under way already.")]
    UnderWay,
    #[error("The update was cancelled, and nothing was changed.")]
    Cancelled,
    #[error("The update failed: {0}. Nothing was changed; try again.")]
    Broken(String),
}

impl Error {
    /// That Roost does not replace a program of this kind.
    pub(super) fn other(installation: &Installation) -> Self {
        Self::NotReplaceable(installation.to_string())
    }

    /// What asking an address came to.
    pub(super) fn of_question(error: reqwest::Error) -> Self {
        if error.is_redirect() {
            Self::NoUpdatesThere(root_cause(&error))
        } else {
            Self::Unreachable(root_cause(&error))
        }
    }

    /// What was made of an address's answer.
    pub(super) fn of_check(error: tauri_plugin_updater::Error) -> Self {
        use tauri_plugin_updater::Error as E;
        match error {
            E::TargetNotFound(target) => Self::NothingForThisSystem(target),
            E::TargetsNotFound(targets) => Self::NothingForThisSystem(targets.join(", ")),
            E::Serialization(error) => Self::NoUpdatesThere(error.to_string()),
            error => Self::Broken(error.to_string()),
        }
    }

    /// What the download of an update came to.
    pub(super) fn of_download(error: tauri_plugin_updater::Error) -> Self {
        use tauri_plugin_updater::Error as E;
        match error {
            E::Reqwest(error) if error.is_redirect() => Self::UnsafeDownload(root_cause(&error)),
            E::Reqwest(error) if error.is_connect() || error.is_timeout() => {
                Self::Unreachable(root_cause(&error))
            }
            // The connection broke off, wherever in the answer.
            E::Reqwest(_) => Self::EndedEarly,
            E::Network(refusal) => Self::DownloadRefused(refusal),
            E::Minisign(_) | E::Base64(_) | E::SignatureUtf8(_) => Self::Signature,
            E::SignedVersionMismatch { signed, announced } => {
                Self::SignedAsAnother { signed, announced }
            }
            E::MissingSignedVersion => Self::SignedWithoutVersion,
            error => Self::Broken(error.to_string()),
        }
    }

    const fn code(&self) -> Code {
        match self {
            Self::DiskFull => Code::DiskFull,
            Self::Address(_) | Self::Key => Code::BadRequest,
            _ => Code::ShellFailed,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

/// Returns what lies behind a failed request, without its address: the innermost error.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn StdError = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    if error.is_timeout() { "it did not answer in time".to_owned() } else { cause.to_string() }
}
