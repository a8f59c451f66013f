//! Why nothing was moved, in words that say what to do.

use std::io;
use std::path::PathBuf;

use roost_core::failure::Code;
use roost_engine::NextStep;

use crate::PASSPHRASE_LETTERS_MIN;

/// Why nothing was moved. The posts are as they were, and nothing half done is left.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Short enough to be guessed.
    #[error(
        "The passphrase has fewer than {PASSPHRASE_LETTERS_MIN} characters. Anybody who finds the file can \
         try short ones: take a longer one, such as four words."
    )]
    PassphraseTooShort,
    /// It opens nothing.
    #[error("This passphrase does not open the file. Nothing was changed. Type it again.")]
    WrongPassphrase,
    /// It is something else.
    #[error(
        "This is no file that Roost moves its posts with. Nothing was changed. Choose another one."
    )]
    NoMoveFile,
    /// It ends too early, or was changed.
    #[error(
        "The file is damaged or was cut off on the way. Nothing was changed. Copy it again from the old \
         computer."
    )]
    Damaged,
    /// A newer Roost wrote it.
    #[error("A newer Roost made this file. Nothing was changed. Update Roost here and try again.")]
    Newer,
    /// There is something here already.
    #[error(
        "This data folder is in use already: {0}. Nothing was changed. Moved posts need an empty one: \
         choose another data folder."
    )]
    NotEmpty(&'static str),
    /// The target is there.
    #[error("{} is there already. Nothing was changed. Choose another name.", .0.display())]
    Exists(PathBuf),
    /// The disk has no room.
    #[error(
        "The disk is full. Nothing was moved, and nothing is lost. Free some space and try again."
    )]
    DiskFull,
    /// The file can't be read.
    #[error("The file can't be read: {0}. Nothing was changed.")]
    Unreadable(io::Error),
    /// Something can't be written.
    #[error("{} can't be used: {source}. Nothing was moved.", path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The engine refused, or the store could not be used.
    #[error(transparent)]
    Engine(#[from] roost_engine::Error),
    /// The pairing or its keys.
    #[error(transparent)]
    Pairing(#[from] roost_pairing::Error),
    /// Relay and scheduler on this computer.
    #[error(transparent)]
    Local(#[from] roost_local::Error),
    /// The work was ended.
    #[error("The work was ended: {0}. Nothing was moved.")]
    Ended(String),
}

impl Error {
    /// Returns the failure's code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::PassphraseTooShort | Self::WrongPassphrase => Code::Passphrase,
            Self::NoMoveFile | Self::Damaged | Self::Unreadable(_) => Code::FileUnreadable,
            Self::Newer => Code::DatabaseNewer,
            Self::NotEmpty(_) | Self::Exists(_) => Code::ChangeNotAllowed,
            Self::DiskFull => Code::DiskFull,
            Self::Io { .. } | Self::Ended(_) => Code::Internal,
            Self::Engine(error) => error.code(),
            Self::Pairing(error) => error.code().parse().unwrap_or(Code::RelayUnknown),
            Self::Local(roost_local::Error::AlreadyRunning { .. }) => Code::DatabaseLocked,
            Self::Local(_) => Code::Internal,
        }
    }

    /// Returns what the person can do about it in Roost.
    #[must_use]
    pub fn next_steps(&self) -> Vec<NextStep> {
        match self {
            Self::Engine(error) => error.next_steps(),
            _ => Vec::new(),
        }
    }

    /// A failure to write `path`.
    pub(crate) fn of_writing(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io { path, source },
        }
    }

    /// A failure to read the sealed file.
    pub(crate) fn of_reading(error: io::Error) -> Self {
        match error.kind() {
            // What was changed, and what ends too early.
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::Other => {
                Self::Damaged
            }
            _ => Self::Unreadable(error),
        }
    }
}

impl From<roost_store::Error> for Error {
    fn from(error: roost_store::Error) -> Self {
        Self::Engine(error.into())
    }
}
