//! The files beside the store, named after it: two locks, and the mark that a store was here.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use roost_core::id::StoreId;

use super::private::open_private;
use crate::error::Error;

/// How often a lock is asked for again.
const ASK_AGAIN: Duration = Duration::from_millis(10);

/// `roost.db` and `.lock` make `roost.db.lock`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Where the mark is that a store was here. It is outside the database, because SQLite takes an
/// emptied file for a new database.
pub(super) fn mark(path: &Path) -> PathBuf {
    beside(path, ".here")
}

/// The files that SQLite keeps beside the database.
pub(super) const SQLITE_SUFFIXES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// One opener at a time checks and migrates.
pub(super) fn lock_for_opening(path: &Path, patience: Duration) -> Result<File, Error> {
    acquire(&beside(path, ".lock"), patience, File::try_lock)?.ok_or(Error::Locked)
}

/// Everything that stands beside the store, and the store itself: for its owner alone.
pub(super) const OURS: [&str; 9] =
    ["", "-wal", "-shm", "-journal", ".lock", ".open", ".here", ".clean", ".damaged"];

/// Held by everyone who has the store open. Tells whether nobody else has. The caller holds the lock
/// for opening.
pub(super) fn lock_shared(path: &Path, patience: Duration) -> Result<(File, bool), Error> {
    let name = beside(path, ".open");
    if let Some(file) = acquire(&name, Duration::ZERO, File::try_lock)? {
        share(&file).map_err(|source| Error::io(&name, source))?;
        return Ok((file, true));
    }
    let file = acquire(&name, patience, File::try_lock_shared)?.ok_or(Error::Locked)?;
    Ok((file, false))
}

/// Makes a lock that is held alone one that is shared. Between the two nobody can come in: who opens
/// or replaces the store holds the lock for opening, as the caller does.
pub(super) fn share(open: &File) -> std::io::Result<()> {
    open.unlock()?;
    open.lock_shared()
}

/// Held by who replaces the file; refused while anyone has it open.
pub(super) fn lock_alone(path: &Path) -> Result<File, Error> {
    acquire(&beside(path, ".open"), Duration::ZERO, File::try_lock)?
        .ok_or_else(|| Error::InUse { path: path.to_owned() })
}

/// Asks for a lock until it is given or `patience` ends. None: somebody else kept it.
fn acquire(
    name: &Path,
    patience: Duration,
    ask: impl Fn(&File) -> Result<(), TryLockError>,
) -> Result<Option<File>, Error> {
    let io = |source| Error::io(name, source);
    let file = open_private(name).map_err(io)?;
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

/// Leaves the mark, when it is not there already.
pub(super) fn leave_mark(path: &Path, store_id: StoreId) -> Result<(), Error> {
    let mark = mark(path);
    let text = format!("{store_id}\n");
    if fs::read_to_string(&mark).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let write = || {
        let mut file = open_private(&mark)?;
        file.set_len(0)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|source| Error::io(&mark, source))
}

/// Makes a rename or a new file survive a power loss, where the system can.
pub(super) fn sync_folder_of(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|source| Error::io(folder, source))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
