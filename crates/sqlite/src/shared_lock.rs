//! The locks of a database that several processes may have open at once. Each process holds one lock while
//! it opens, replaces or closes the file; a second lock is shared by all processes that have it open.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use roost_private_files::beside;

use crate::check::{Depth, check_contents};
use crate::clean;
use crate::connect;
use crate::error::Error;
use crate::lock::acquire;
use crate::settings::Settings;

/// How long a process that ends waits for one that begins.
const PATIENCE_AT_THE_END: Duration = Duration::from_secs(1);

/// Held while the file is opened, replaced or let go of: one process at a time does that.
#[derive(Debug)]
pub struct OpeningLock {
    path: PathBuf,
    _lock: File,
}

impl OpeningLock {
    /// Takes the lock; waits for `patience`.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process keeps it.
    pub fn take(path: &Path, patience: Duration) -> Result<Self, Error> {
        let lock = acquire(&beside(path, ".lock"), patience, File::try_lock)?;
        Ok(Self { path: path.to_owned(), _lock: lock.ok_or(Error::Locked)? })
    }

    /// Keeps all other processes off, those that have the file open included: for one that replaces it.
    /// Lets them come again when the file that is returned is dropped.
    ///
    /// # Errors
    /// [`Error::InUse`] when a process has it open.
    pub fn exclude_all(&self) -> Result<File, Error> {
        acquire(&beside(&self.path, ".open"), Duration::ZERO, File::try_lock)?
            .ok_or_else(|| Error::InUse { path: self.path.clone() })
    }

    /// Notes that this process has the file open from now on.
    ///
    /// # Errors
    /// [`Error::Locked`] when a process that replaces it does not let go within `patience`.
    pub fn enter(&self, patience: Duration) -> Result<SharedLock, Error> {
        let name = beside(&self.path, ".open");
        let (open, is_first) = match acquire(&name, Duration::ZERO, File::try_lock)? {
            Some(file) => {
                share(&file).map_err(|source| Error::io(&name, source))?;
                (file, true)
            }
            None => {
                let shared = acquire(&name, patience, File::try_lock_shared)?;
                (shared.ok_or(Error::Locked)?, false)
            }
        };
        Ok(SharedLock {
            path: self.path.clone(),
            open,
            is_first,
            checked_at: AtomicI64::new(0),
            is_damaged: AtomicBool::new(false),
            is_settled: AtomicBool::new(false),
        })
    }
}

/// Makes a lock that is held alone one that is shared. Between the two no process can come in: all that
/// open or replace the file hold the lock for opening, as the caller does.
fn share(open: &File) -> std::io::Result<()> {
    open.unlock()?;
    open.lock_shared()
}

/// The file, held open by this process. Letting go notes a clean end, unless other processes hold it too:
/// the connections are to be closed before.
#[derive(Debug)]
pub struct SharedLock {
    path: PathBuf,
    /// Held, shared, as long as the file is open.
    open: File,
    is_first: bool,
    /// When the whole file was last found sound, in Unix milliseconds; 0 when that is not known.
    checked_at: AtomicI64,
    is_damaged: AtomicBool,
    /// Whether the file passed and was opened: before that there is no end to note.
    is_settled: AtomicBool,
}

impl SharedLock {
    /// Returns how much of the file has to be read. A process that opens it beside others relies on the
    /// first of them.
    #[must_use]
    pub fn depth(&self) -> Depth {
        match !self.is_first || clean::is_untouched(&self.path) {
            true => Depth::Header,
            false => Depth::Whole,
        }
    }

    /// Returns whether no other process had the file open when this one entered. Another that has been
    /// there may be of another version.
    #[must_use]
    pub const fn is_first(&self) -> bool {
        self.is_first
    }

    /// Notes that the file passed at this depth, before it is written.
    pub fn passed(&self, depth: Depth, now_ms: i64) {
        let checked_at = match depth {
            Depth::Whole => {
                clean::mark_sound(&self.path);
                Some(now_ms)
            }
            Depth::Header => clean::checked_at(&self.path),
        };
        self.checked_at.store(checked_at.unwrap_or(0), Ordering::SeqCst);
    }

    /// Notes that the file is open and in use: from now on its end counts.
    pub fn settle(&self) {
        self.is_settled.store(true, Ordering::SeqCst);
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the whole file, beside all that use it.
    ///
    /// # Errors
    /// When it is damaged, or can't be read. After damage no clean end is noted.
    pub fn check(&self, settings: &Settings, now_ms: i64) -> Result<(), Error> {
        let found = connect::reader(&self.path, settings)
            .and_then(|reader| check_contents(&reader, &self.path))
            .map_err(|error| error.at(&self.path));
        match &found {
            Ok(()) => {
                self.checked_at.store(now_ms, Ordering::SeqCst);
                self.is_damaged.store(false, Ordering::SeqCst);
                clean::mark_sound(&self.path);
                clean::note_check(&self.path, now_ms);
            }
            Err(Error::Damaged { .. }) => {
                self.is_damaged.store(true, Ordering::SeqCst);
                clean::mark_damaged(&self.path);
            }
            Err(_) => {}
        }
        found
    }

    /// Returns when the whole file was last found sound, by this process or another, in Unix
    /// milliseconds; 0 when that is not known.
    #[must_use]
    pub fn checked_at(&self) -> i64 {
        let noted = clean::checked_at(&self.path).unwrap_or(0);
        noted.max(self.checked_at.load(Ordering::SeqCst))
    }

    /// Notes a clean end, unless another process has the file open: then that one will.
    pub fn note_end(&self) {
        let Ok(_opening) = OpeningLock::take(&self.path, PATIENCE_AT_THE_END) else { return };
        if self.open.unlock().is_err() || self.open.try_lock().is_err() {
            // Others have it open.
            let _ = self.open.lock_shared();
            return;
        }
        if self.is_damaged.load(Ordering::SeqCst) {
            clean::forget(&self.path);
        } else {
            clean::note_end(&self.path, self.checked_at.load(Ordering::SeqCst));
        }
        let _ = share(&self.open);
    }
}

impl Drop for SharedLock {
    fn drop(&mut self) {
        if self.is_settled.load(Ordering::SeqCst) {
            self.note_end();
        }
    }
}
