//! Files that arrive in pieces, under the digest that they were announced with.
//!
//! Pieces come one after the other. What is there of a file is its first bytes, and goes on after a
//! cut or a restart; once all of it is there, the digest decides whether it is kept. Bytes that a power
//! cut took from the middle are noticed by that, so that no piece has to be synced.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use roost_private_files::{make_folder, options};

use crate::library::{Digest, INCOMING, Kept, Library, NotKept, copy, sync_folder};

/// What a file is called while it arrives.
const ENDING: &str = ".part";

/// How far a file has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// These first bytes of it are there.
    Partial {
        /// How many.
        received_bytes: u64,
    },
    /// All of it is there, and has its digest.
    Whole(Kept),
}

/// Why a piece was not added.
#[derive(Debug, thiserror::Error)]
pub enum NotAppended {
    /// It does not begin where what is there ends.
    #[error("{received_bytes} bytes of the file are there: the next piece begins at them")]
    WrongOffset {
        /// How many of the file's first bytes are there.
        received_bytes: u64,
    },
    /// It reaches beyond the size that the file was announced with, or that is none.
    #[error("the piece does not lie within the file")]
    BeyondEnd,
    /// All of it was there, and its digest was another one; nothing of it is left.
    #[error("the file has another digest than it was announced with")]
    WrongDigest,
    /// The file is larger than the library takes.
    #[error("the file has more than {} MB, the most that is kept of one", bytes_max / 1_000_000)]
    TooLarge {
        /// The most bytes that are kept of a file.
        bytes_max: u64,
    },
    /// The library could not be read or written.
    #[error("the piece could not be kept: {0}")]
    Io(#[from] io::Error),
}

/// A file that has not arrived as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partial {
    /// The digest that it was announced with.
    pub digest: Digest,
    /// How many of its first bytes are there.
    pub received_bytes: u64,
    /// How long ago the last of them came.
    pub age: Duration,
}

impl Library {
    fn partial_path(&self, digest: Digest) -> PathBuf {
        self.folder.join(INCOMING).join(format!("{digest}{ENDING}"))
    }

    /// Returns how many first bytes are there of a file that arrives in pieces and is not whole.
    ///
    /// # Errors
    /// When the system can't tell.
    pub fn received_bytes(&self, digest: Digest) -> io::Result<u64> {
        match fs::metadata(self.partial_path(digest)) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Adds the piece that stands at `offset` of a file of `bytes`, and keeps the file under its digest
    /// once it is whole. A piece that is there already changes nothing. Pieces of one file are added one
    /// at a time: the caller sees to that.
    ///
    /// # Errors
    /// See [`NotAppended`]. What was there before stays, but for a file with another digest.
    pub fn append(
        &self,
        digest: Digest,
        offset: u64,
        piece: &[u8],
        bytes: u64,
    ) -> Result<Arrival, NotAppended> {
        if let Some(file) = self.file(digest)? {
            let kept = Kept { digest, bytes: file.metadata()?.len(), is_new: false };
            return Ok(Arrival::Whole(kept));
        }
        if bytes > self.bytes_max {
            return Err(NotAppended::TooLarge { bytes_max: self.bytes_max });
        }
        let end = offset.saturating_add(piece.len() as u64);
        if bytes == 0 || end > bytes {
            return Err(NotAppended::BeyondEnd);
        }
        let mut received_bytes = self.received_bytes(digest)?;
        if received_bytes > bytes {
            // It was announced larger before: one of the two was wrong, and the digest will tell.
            self.remove_partial(digest)?;
            received_bytes = 0;
        }
        if end > received_bytes {
            if offset != received_bytes {
                return Err(NotAppended::WrongOffset { received_bytes });
            }
            self.write_piece(digest, received_bytes, piece)?;
            received_bytes = end;
        }
        if received_bytes < bytes {
            return Ok(Arrival::Partial { received_bytes });
        }
        self.finish(digest, bytes)
    }

    /// Writes at the end of what is there. What could not be written whole is cut off again.
    fn write_piece(&self, digest: Digest, there_bytes: u64, piece: &[u8]) -> io::Result<()> {
        let path = self.partial_path(digest);
        make_folder(&self.folder.join(INCOMING))?;
        let mut file = options().append(true).create(true).open(path)?;
        let written = file.write_all(piece).and_then(|()| file.flush());
        if written.is_err() {
            // What went wrong is told; bytes that stay all the same are gone on from.
            let _ = file.set_len(there_bytes);
        }
        written
    }

    fn finish(&self, digest: Digest, bytes: u64) -> Result<Arrival, NotAppended> {
        let partial = self.partial_path(digest);
        let mut file = options().read(true).write(true).open(&partial)?;
        let found = match copy(&mut file, &mut io::sink(), u64::MAX) {
            Ok((found, _)) => found,
            Err(NotKept::TooLarge { bytes_max }) => {
                return Err(NotAppended::TooLarge { bytes_max });
            }
            Err(NotKept::Io(error)) => return Err(error.into()),
        };
        if found != digest {
            drop(file);
            self.remove_partial(digest)?;
            return Err(NotAppended::WrongDigest);
        }
        file.sync_all()?;
        drop(file);
        let path = self.path(digest);
        let shelf = path.parent().unwrap_or(&self.folder);
        make_folder(shelf)?;
        fs::rename(&partial, &path)?;
        sync_folder(shelf)?;
        sync_folder(&self.folder)?;
        Ok(Arrival::Whole(Kept { digest, bytes, is_new: true }))
    }

    /// Returns the files that have not arrived as a whole, in no order.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub fn partials(&self) -> io::Result<Vec<Partial>> {
        let mut partials = Vec::new();
        for entry in fs::read_dir(self.folder.join(INCOMING))? {
            let entry = entry?;
            let name = entry.file_name();
            let digest = name.to_str().and_then(|name| name.strip_suffix(ENDING));
            let Some(Ok(digest)) = digest.map(str::parse) else { continue };
            let metadata = entry.metadata()?;
            let age = metadata.modified()?.elapsed().unwrap_or_default();
            partials.push(Partial { digest, received_bytes: metadata.len(), age });
        }
        Ok(partials)
    }

    /// Removes what is there of a file that is not whole.
    ///
    /// # Errors
    /// When the system can't remove it.
    pub fn remove_partial(&self, digest: Digest) -> io::Result<()> {
        match fs::remove_file(self.partial_path(digest)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
