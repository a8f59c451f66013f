//! The lock of a data folder that posts of another computer arrive in: one process at a time reads them, or
//! puts them in use.

use std::fs::{File, TryLockError};
use std::path::Path;

use roost_private_files::{make_folder, options};

use crate::Error;

/// The lock's file in the data folder. It stays there: were it removed, two processes could each hold one.
pub(crate) const LOCK: &str = "arrival.lock";

/// Held by this process until it is dropped.
#[derive(Debug)]
pub(crate) struct ArrivalLock(#[expect(dead_code, reason = "held, not read")] File);

impl ArrivalLock {
    /// Waits until no other process has the lock, and takes it. Blocking.
    ///
    /// # Errors
    /// When the lock's file can't be made or locked.
    pub(crate) fn wait(data: &Path) -> Result<Self, Error> {
        let file = open(data)?;
        file.lock().map_err(Error::of_writing(data.join(LOCK)))?;
        Ok(Self(file))
    }

    /// Takes the lock.
    ///
    /// # Errors
    /// [`Error::NotEmpty`] while another process has it; otherwise when its file can't be made or locked.
    pub(crate) fn acquire(data: &Path) -> Result<Self, Error> {
        let file = open(data)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(Error::NotEmpty("posts are being moved into it")),
            Err(TryLockError::Error(error)) => Err(Error::of_writing(data.join(LOCK))(error)),
        }
    }
}

fn open(data: &Path) -> Result<File, Error> {
    make_folder(data).map_err(Error::of_writing(data))?;
    let path = data.join(LOCK);
    options().write(true).create(true).open(&path).map_err(Error::of_writing(path))
}
