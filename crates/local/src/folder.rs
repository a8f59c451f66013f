//! Where Roost's data is, and the lock that keeps a second instance out.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::Error;

/// Roost's data folder where nobody chose another: the system's place for applications' data.
#[must_use]
pub fn data_dir() -> Option<PathBuf> {
    dirs::data_dir().map(|base| base.join("roost"))
}

/// The services' folder, held by this process until it is dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    pub(crate) fn hold(data_dir: &Path) -> Result<Self, Error> {
        let path = data_dir.join("local");
        let failed = |source| Error::Folder { folder: path.clone(), source };
        fs::create_dir_all(&path).map_err(failed)?;
        private(&path).map_err(failed)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("lock"))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(Error::AlreadyRunning { folder: data_dir.to_owned() })
            }
            Err(TryLockError::Error(source)) => Err(Error::Folder { folder: path, source }),
        }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// Sealed or not, nobody else has business in there.
#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn private(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_folder_has_one_instance() {
        let data = tempfile::tempdir().unwrap();
        let first = Folder::hold(data.path()).unwrap();
        let second = Folder::hold(data.path()).unwrap_err();
        assert!(matches!(second, Error::AlreadyRunning { .. }), "{second}");
        drop(first);
        assert!(Folder::hold(data.path()).is_ok());
    }
}
