//! The folder in which files are kept, each once, under the digest of its bytes.
//!
//! `ab/cdef…` holds the file whose SHA-256 begins with `ab`. A file is written under another name
//! first, synced, and renamed: under its digest there is the whole file or none. Bytes are never
//! changed, and what was damaged on the disk is noticed when it is read to its end.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use roost_private_files::{make_folder, options};
use sha2::{Digest as _, Sha256};

use crate::limits::BYTES_MAX;

/// Where files are while they are written.
pub(crate) const INCOMING: &str = "incoming";
const PIECE_BYTES: usize = 64 * 1024;
const LEFT_BEHIND_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// SHA-256 of a file's bytes: 64 hexadecimal digits in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text that is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest has 64 hexadecimal digits")]
pub struct NoDigest;

impl FromStr for Digest {
    type Err = NoDigest;

    fn from_str(text: &str) -> Result<Self, NoDigest> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoDigest);
        }
        let mut digest = [0; 32];
        for (byte, at) in digest.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| NoDigest)?;
        }
        Ok(Self(digest))
    }
}

/// A file in the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Under what it is kept.
    pub digest: Digest,
    /// Its size in bytes.
    pub bytes: u64,
    /// Whether it was not there before.
    pub is_new: bool,
}

/// Why a file was not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// It is larger than the library takes.
    #[error("the file has more than {} MB, the most that is kept of one", bytes_max / 1_000_000)]
    TooLarge {
        /// The most bytes that are kept of a file.
        bytes_max: u64,
    },
    /// It could not be read, or the library could not be written.
    #[error("the file could not be kept: {0}")]
    Io(#[from] io::Error),
}

/// A folder of files.
#[derive(Debug)]
pub struct Library {
    pub(crate) folder: PathBuf,
    pub(crate) bytes_max: u64,
    next: AtomicU64,
}

impl Library {
    /// Opens the library in `folder`, makes what is missing of it, and removes what an ended program
    /// left half written.
    ///
    /// # Errors
    /// When the folder can't be made or read.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        let incoming = folder.join(INCOMING);
        make_folder(&incoming)?;
        for entry in fs::read_dir(&incoming)? {
            let entry = entry?;
            if is_left_behind(&entry)? {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(Self { folder, bytes_max: BYTES_MAX, next: AtomicU64::new(0) })
    }

    /// Returns the library with another limit than X's largest for what it keeps, in bytes.
    #[must_use]
    pub fn with_limit(self, bytes_max: u64) -> Self {
        Self { bytes_max, ..self }
    }

    /// Keeps what `source` holds, to its end. The same bytes twice are one file.
    ///
    /// # Errors
    /// When there is more than X takes, it can't be read, or the library can't be written; nothing of
    /// it stays then.
    pub fn keep(&self, source: &mut impl Read) -> Result<Kept, NotKept> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let beside = self.folder.join(INCOMING).join(format!("{}-{number}", std::process::id()));
        let kept = self.keep_through(&beside, source);
        if kept.is_err() {
            // What went wrong is told; what is left of it goes at the next start at the latest.
            let _ = fs::remove_file(&beside);
        }
        kept
    }

    fn keep_through(&self, beside: &Path, source: &mut impl Read) -> Result<Kept, NotKept> {
        let mut file = options().write(true).create(true).truncate(true).open(beside)?;
        let (digest, bytes) = copy(source, &mut file, self.bytes_max)?;
        let path = self.path(digest);
        if fs::metadata(&path).is_ok_and(|there| there.len() == bytes) {
            fs::remove_file(beside)?;
            return Ok(Kept { digest, bytes, is_new: false });
        }
        file.sync_all()?;
        let shelf = path.parent().unwrap_or(&self.folder);
        make_folder(shelf)?;
        fs::rename(beside, &path)?;
        sync_folder(shelf)?;
        sync_folder(&self.folder)?;
        Ok(Kept { digest, bytes, is_new: true })
    }

    /// Returns where a file is, or would be.
    #[must_use]
    pub fn path(&self, digest: Digest) -> PathBuf {
        let name = digest.to_string();
        let (shelf, rest) = name.split_at(2);
        self.folder.join(shelf).join(rest)
    }

    /// Opens a file for reading; `None` when it is not there.
    ///
    /// # Errors
    /// When the system can't open it.
    pub fn file(&self, digest: Digest) -> io::Result<Option<File>> {
        match File::open(self.path(digest)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns whether a file is there and its bytes still have its digest.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn is_whole(&self, digest: Digest) -> io::Result<bool> {
        let Some(mut file) = self.file(digest)? else { return Ok(false) };
        match copy(&mut file, &mut io::sink(), u64::MAX) {
            Ok((found, _)) => Ok(found == digest),
            Err(NotKept::TooLarge { .. }) => Ok(false),
            Err(NotKept::Io(error)) => Err(error),
        }
    }

    /// Removes a file; one that is not there is removed already.
    ///
    /// # Errors
    /// When the system can't remove it.
    pub fn remove(&self, digest: Digest) -> io::Result<()> {
        match fs::remove_file(self.path(digest)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Returns every file that is kept, with its size in bytes, in no order.
    ///
    /// # Errors
    /// When a folder can't be read.
    pub fn files(&self) -> io::Result<Vec<(Digest, u64)>> {
        let mut files = Vec::new();
        for shelf in fs::read_dir(&self.folder)? {
            let shelf = shelf?;
            let shelf_name = shelf.file_name();
            if shelf_name == INCOMING || !shelf.file_type()?.is_dir() {
                continue;
            }
            for entry in fs::read_dir(shelf.path())? {
                let entry = entry?;
                let name =
                    [shelf_name.to_string_lossy(), entry.file_name().to_string_lossy()].concat();
                if let Ok(digest) = name.parse() {
                    files.push((digest, entry.metadata()?.len()));
                }
            }
        }
        Ok(files)
    }
}

/// Copies to the end, and returns the digest and the number of bytes.
pub(crate) fn copy(
    source: &mut impl Read,
    target: &mut impl io::Write,
    bytes_max: u64,
) -> Result<(Digest, u64), NotKept> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE_BYTES];
    let mut bytes = 0;
    loop {
        let read = match source.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        bytes += read as u64;
        if bytes > bytes_max {
            return Err(NotKept::TooLarge { bytes_max });
        }
        hash.update(&piece[..read]);
        target.write_all(&piece[..read])?;
    }
    target.flush()?;
    Ok((Digest(hash.finalize().into()), bytes))
}

/// Another program on the same folder may be writing, the command line beside the window; no file
/// takes it a day.
fn is_left_behind(entry: &fs::DirEntry) -> io::Result<bool> {
    let age = entry.metadata()?.modified()?.elapsed();
    Ok(age.is_ok_and(|age| age > LEFT_BEHIND_AFTER))
}

#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Folders can't be opened for that elsewhere; the system's journal orders renames.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
