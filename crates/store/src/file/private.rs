//! What Roost keeps is read by the person alone: files that it makes are 0600 and folders 0700, and
//! what an earlier version left open to others is closed at the next start. Systems without Unix
//! modes keep a person's data folder to that person by themselves.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

#[cfg(unix)]
const FILE_MODE: u32 = 0o600;
#[cfg(unix)]
const FOLDER_MODE: u32 = 0o700;

/// Opens a file for reading and writing, and makes it when it is not there: for its owner alone.
///
/// # Errors
/// What the system says.
pub fn open_private(path: impl AsRef<Path>) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, FILE_MODE);
    options.open(path)
}

/// Makes a folder with all that are missing above it: for its owner alone. One that is there stays as
/// it is.
///
/// # Errors
/// What the system says.
pub fn make_private_folder(path: impl AsRef<Path>) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, FOLDER_MODE);
    builder.create(path)
}

/// Closes a file or folder that others can read. Answers whether it was open to them; a file that is
/// not there, or that belongs to somebody else, stays as it is.
pub(super) fn close_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt;

        let Ok(metadata) = std::fs::metadata(path) else { return false };
        if metadata.permissions().mode() & 0o077 == 0 {
            return false;
        }
        let mode = if metadata.is_dir() { FOLDER_MODE } else { FILE_MODE };
        // Rights that were taken from the owner on purpose (a read-only file) are not given back.
        let mode = metadata.permissions().mode() & mode;
        match std::fs::set_permissions(path, Permissions::from_mode(mode)) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "others can read this file");
                false
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}
