//! The lock that keeps a second instance of relay and scheduler out of a data folder.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::Error;
use crate::data_dir::close_to_others;

/// The services' folder, locked by this process until it is dropped.
#[derive(Debug)]
pub(crate) struct DataLock {
    folder: PathBuf,
    _lock: File,
}

impl DataLock {
    /// Makes the services' folder, where it is not there, and locks it.
    ///
    /// # Errors
    /// [`Error::AlreadyRunning`] when another process has locked it; otherwise when the folder or its lock
    /// can't be made.
    pub(crate) fn acquire(data_dir: &Path) -> Result<Self, Error> {
        let path = data_dir.join("local");
        let failed = |source| Error::Folder { folder: path.clone(), source };
        fs::create_dir_all(&path).map_err(failed)?;
        close_to_others(&path).map_err(failed)?;
        let lock = lock_file(&path.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: path, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(Error::AlreadyRunning { folder: data_dir.to_owned() })
            }
            Err(TryLockError::Error(source)) => Err(Error::Folder { folder: path, source }),
        }
    }

    /// Returns the path of a file in the services' folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn lock_file(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_folder_has_one_instance() {
        let data = tempfile::tempdir().unwrap();
        let first = DataLock::acquire(data.path()).unwrap();
        let second = DataLock::acquire(data.path()).unwrap_err();
        assert!(matches!(second, Error::AlreadyRunning { .. }), "{second}");
        drop(first);
        assert!(DataLock::acquire(data.path()).is_ok());
    }
}
