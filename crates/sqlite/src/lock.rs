//! Locks on files beside the database. The system lets go of them when the process ends, however it
//! ends.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use roost_private_files::{self as private_files, beside};

use crate::error::Error;

/// How often a lock is asked for again.
const ASK_AGAIN: Duration = Duration::from_millis(10);
/// Links that lead to one another; more are a circle.
const LINKS_MAX: usize = 40;

/// Returns the lock file of the database at `path`, whatever links lead to it.
#[must_use]
pub fn lock_file(path: &Path) -> PathBuf {
    beside(&own_name(path), ".lock")
}

/// Takes the lock of the database at `path`: while it is held, no other process that asks for it works
/// on the file. Waits for `patience`.
///
/// # Errors
/// [`Error::InUse`] when another process keeps it.
pub fn lock(path: &Path, patience: Duration) -> Result<File, Error> {
    acquire(&lock_file(path), patience, File::try_lock)?
        .ok_or_else(|| Error::InUse { path: path.to_owned() })
}

/// Asks for a lock until it is given or `patience` ends. None: another process kept it.
pub(crate) fn acquire(
    name: &Path,
    patience: Duration,
    ask: impl Fn(&File) -> Result<(), TryLockError>,
) -> Result<Option<File>, Error> {
    let io = |source| Error::io(name, source);
    let file = private_files::open(name).map_err(io)?;
    let started = Instant::now();
    loop {
        match ask(&file) {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::Error(source)) => return Err(io(source)),
            Err(TryLockError::WouldBlock) if started.elapsed() >= patience => return Ok(None),
            Err(TryLockError::WouldBlock) => std::thread::sleep(ASK_AGAIN),
        }
    }
}

/// The file's own name, also while there is no file yet: all that open it take the same lock.
fn own_name(path: &Path) -> PathBuf {
    let mut name = path.to_owned();
    for _ in 0..LINKS_MAX {
        if let Ok(own) = name.canonicalize() {
            return own;
        }
        let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        match std::fs::read_link(&name) {
            Ok(target) => name = folder.join(target),
            Err(_) => {
                let own = folder.canonicalize().ok().zip(name.file_name());
                return own.map_or(name.clone(), |(folder, file)| folder.join(file));
            }
        }
    }
    name
}
