//! Where Roost's data is, and the lock that keeps a second instance out.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::Error;

/// Roost's data folder where nobody chose another: the system's place for applications' data.
#[must_use]
pub fn data_dir() -> Option<PathBuf> {
    dirs::data_dir().map(|base| base.join("roost"))
}

/// Makes the data folder, for its owner alone, when it is not there: `chosen`, or else the system's
/// place. The latter is Roost's own, and is closed to others if an earlier version left it open; one
/// that a person chose keeps its rights.
///
/// # Errors
/// When this system names no place for data, or the folder can't be made.
pub fn make_data_dir(chosen: Option<PathBuf>) -> Result<DataDir, Error> {
    let was_chosen = chosen.is_some();
    let path = chosen.or_else(data_dir).ok_or(Error::NoPlace)?;
    let failed = |source| Error::Folder { folder: path.clone(), source };
    make_private(&path).map_err(failed)?;
    let was_open = !was_chosen && is_open_to_others(&path);
    if was_open {
        private(&path).map_err(failed)?;
    }
    Ok(DataDir { path, was_open })
}

/// The data folder as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDir {
    /// Where it is.
    pub path: PathBuf,
    /// Whether other users of this computer could look into it until now.
    pub was_open: bool,
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
        let lock = lock_file(&path.join("lock")).map_err(failed)?;
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

fn lock_file(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn make_private(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
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

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_path: &Path) -> bool {
    false
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
