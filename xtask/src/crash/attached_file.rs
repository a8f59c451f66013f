//! The picture and the video of a run.

use std::path::{Path, PathBuf};

use anyhow::Result;
use sha2::{Digest as _, Sha256};

/// A file that a planned post has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttachedFile {
    /// X takes it at once.
    Picture,
    /// X works on it for a while.
    Video,
}

impl AttachedFile {
    const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Picture => include_bytes!("../../../crates/media/tests/files/still.webp"),
            Self::Video => include_bytes!("../../../crates/media/tests/files/short.mp4"),
        }
    }

    /// What it shows, as X is to be told.
    pub(crate) const fn alt_text(self) -> &'static str {
        match self {
            Self::Picture => "A picture, \"described\"",
            Self::Video => "A short video",
        }
    }

    /// Returns the digest of its bytes, as X's ledger tells it.
    pub(crate) fn sha256(self) -> String {
        Sha256::digest(self.bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Writes it into a folder, for a person to choose it there.
    pub(crate) fn write_into(self, folder: &Path) -> Result<PathBuf> {
        let path = folder.join(match self {
            Self::Picture => "picture.webp",
            Self::Video => "video.mp4",
        });
        std::fs::write(&path, self.bytes())?;
        Ok(path)
    }
}
