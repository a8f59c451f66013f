//! The pictures and the video of a run.

use std::borrow::Cow;
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
    /// One of many pictures, no two of which have the same bytes.
    Numbered(u16),
}

const PICTURE: &[u8] = include_bytes!("../../../crates/media/tests/files/still.webp");

impl AttachedFile {
    fn bytes(self) -> Cow<'static, [u8]> {
        match self {
            Self::Picture => Cow::Borrowed(PICTURE),
            Self::Video => {
                Cow::Borrowed(include_bytes!("../../../crates/media/tests/files/short.mp4"))
            }
            Self::Numbered(number) => Cow::Owned(numbered(number)),
        }
    }

    /// What it shows, as X is to be told.
    pub(crate) fn alt_text(self) -> String {
        match self {
            Self::Picture => "A picture, \"described\"".to_owned(),
            Self::Video => "A short video".to_owned(),
            Self::Numbered(number) => format!("Picture {number} of many"),
        }
    }

    /// Returns the digest of its bytes, as X's ledger tells it.
    pub(crate) fn sha256(self) -> String {
        Sha256::digest(self.bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn file_name(self) -> String {
        match self {
            Self::Picture => "picture.webp".to_owned(),
            Self::Video => "video.mp4".to_owned(),
            Self::Numbered(number) => format!("picture-{number}.webp"),
        }
    }

    /// Writes it into a folder, for a person to choose it there.
    pub(crate) fn write_into(self, folder: &Path) -> Result<PathBuf> {
        let path = folder.join(self.file_name());
        std::fs::write(&path, self.bytes())?;
        Ok(path)
    }
}

/// Returns the picture with a chunk behind it that viewers pass over.
fn numbered(number: u16) -> Vec<u8> {
    let mut bytes = PICTURE.to_vec();
    bytes.extend(b"NUMB\x02\0\0\0");
    bytes.extend(number.to_le_bytes());
    // The size of all that follows it.
    let size = u32::try_from(bytes.len() - 8).unwrap_or(u32::MAX);
    bytes[4..8].copy_from_slice(&size.to_le_bytes());
    bytes
}
