//! One process hands over for one store.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use crate::{Error, Result};

/// The right to hand over for a store: no other process has it, or gets it, as long as this is kept.
#[derive(Debug)]
pub struct RunLock(Arc<File>);

impl RunLock {
    /// Returns it for the store's file `database`. Two loops over one store would hand over twice,
    /// which is harmless, and a waste; the second is refused.
    ///
    /// # Errors
    /// [`Error::AlreadyRunning`] while a window or `roost sync --watch` runs. Its file beside the store
    /// may be unusable.
    pub fn acquire(database: &Path) -> Result<Self> {
        let path = database.with_extension("running");
        let unusable =
            |error| Error::Internal(format!("{} can't be used: {error}", path.display()));
        let mark = roost_private_files::open(&path).map_err(unusable)?;
        match mark.try_lock() {
            Ok(()) => Ok(Self(Arc::new(mark))),
            Err(TryLockError::WouldBlock) => Err(Error::AlreadyRunning(database.to_owned())),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// Returns the file, in which the loop that has the lock notes what it does.
    pub(crate) const fn file(&self) -> &Arc<File> {
        &self.0
    }
}
