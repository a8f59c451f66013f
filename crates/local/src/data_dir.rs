//! Where Roost's data is: a folder for its owner alone.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;

/// Whether this is a build for development, which has a data folder and names of its own: a Roost that is
/// installed for daily use runs beside it untouched.
pub const IS_DEVELOPMENT: bool = cfg!(debug_assertions);

/// The data folder's name in the system's place for the data of applications.
pub const DATA_FOLDER: &str = if IS_DEVELOPMENT { "roost-dev" } else { "roost" };

/// Returns Roost's data folder where the person chose no other: in the system's place for the data of
/// applications.
#[must_use]
pub fn data_dir() -> Option<PathBuf> {
    dirs::data_dir().map(|base| base.join(DATA_FOLDER))
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
        close_to_others(&path).map_err(failed)?;
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

fn make_private(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Closes a folder to all other users of this computer, even where its files are sealed.
#[cfg(unix)]
pub(crate) fn close_to_others(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
pub(crate) fn close_to_others(_path: &Path) -> std::io::Result<()> {
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
