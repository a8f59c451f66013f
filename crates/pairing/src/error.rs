//! Why the relay elsewhere is not known, or its keys are not kept.

use std::path::PathBuf;

use roost_engine::NextStep;

use crate::Refusal;

/// Why the relay elsewhere is not known, or its keys are not kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The environment names a relay and no key.
    #[error(
        "ROOST_RELAY_URL is set and ROOST_RELAY_KEY is not. Set both, or neither for the relay that \
         this data folder is paired with."
    )]
    RelayKeyMissing,
    /// A scheduler can't be kept without a pairing to keep it beside.
    #[error(
        "This data folder is paired with no relay, so that there is nothing to keep QStash's token \
         beside. Pair first."
    )]
    NotPaired,
    /// The keys of the pairing can't be read, so that nothing can be kept beside them.
    #[error("{0} Nothing was kept. {remedy}", remedy = .0.remedy("try again"))]
    KeysNotRead(Refusal),
    /// The file of the pairing.
    #[error("{} can't be read: {why}. Pair again.", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system or the reader said. It repeats nothing of the file.
        why: String,
    },
    /// The keys in their file are none.
    #[error("The relay's key can't be read. Pair again.")]
    NoKeys,
    /// The relay's certificate is not known any more.
    #[error("The relay's certificate in pairing.json can't be read. Pair again.")]
    NoPin,
    /// A file of the pairing.
    #[error("{} can't be written: {source}.", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The keyring did not forget the keys.
    #[error(
        "{0} The pairing is gone; its keys are still in the keyring, under the name roost. Remove \
         them there."
    )]
    NotForgotten(Refusal),
    /// The keyring did not take the keys.
    #[error(
        "{0} Nothing was kept. {remedy}, or keep the key in a file that only you can read.",
        remedy = .0.remedy_when_keeping()
    )]
    NotKept(Refusal),
}

impl Error {
    /// The failure's name, for scripts and for the window.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RelayKeyMissing => "relay_key",
            Self::NotPaired => "not_paired",
            Self::Unreadable { .. } => "pairing_unreadable",
            Self::NoKeys => "keyring",
            Self::NoPin => "pairing_unreadable",
            Self::Unwritable { .. } => "disk",
            Self::NotKept(_) | Self::KeysNotRead(_) | Self::NotForgotten(_) => {
                "keyring_unavailable"
            }
        }
    }

    /// Returns what the person can do about it in Roost.
    #[must_use]
    pub fn next_steps(&self) -> Vec<NextStep> {
        match self {
            Self::NotPaired
            | Self::KeysNotRead(_)
            | Self::Unreadable { .. }
            | Self::NoKeys
            | Self::NoPin
            | Self::NotKept(_) => vec![NextStep::Pair],
            Self::RelayKeyMissing | Self::Unwritable { .. } | Self::NotForgotten(_) => Vec::new(),
        }
    }

    /// Whether the command or its environment is to be mended, rather than the machine.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::RelayKeyMissing | Self::NotPaired)
    }
}
