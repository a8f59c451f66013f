//! Files and folders that are their owner's alone, and older ones that are made so. Where the system
//! has no such modes, its own rules for a person's folder hold.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

#[cfg(unix)]
const FILE_MODE: u32 = 0o600;
#[cfg(unix)]
const FOLDER_MODE: u32 = 0o700;

/// Makes a folder and what is missing above it, for their owner alone. One that is there stays as it
/// is: the person chose it.
///
/// # Errors
/// When it can't be made.
pub fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, FOLDER_MODE);
    builder.create(path)
}

/// Returns the options that make a new file its owner's alone.
#[must_use]
pub fn options() -> OpenOptions {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, FILE_MODE);
    options
}

/// Opens a file for reading and writing, and makes it when it is not there.
///
/// # Errors
/// What the system says.
pub fn open(path: &Path) -> io::Result<File> {
    options().create(true).truncate(false).read(true).write(true).open(path)
}

/// Makes an empty file; one that is there stays as it is.
///
/// # Errors
/// When it can't be made.
pub fn make_file(path: &Path) -> io::Result<()> {
    match options().write(true).create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// Returns the path with more behind its name: `relay.sqlite` and `.lock` are `relay.sqlite.lock`.
#[must_use]
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Returns a SQLite database and the files that SQLite keeps beside it.
#[must_use]
pub fn of_database(path: &Path) -> [PathBuf; 4] {
    ["", "-wal", "-shm", "-journal"].map(|suffix| beside(path, suffix))
}

/// Takes away what others may do with these files and folders, as far as they are there and belong to
/// this user. Returns those that others could read or write until now.
pub fn close_to_others<P: AsRef<Path>>(files: impl IntoIterator<Item = P>) -> Vec<PathBuf> {
    files.into_iter().filter(|path| closed(path.as_ref())).map(|p| p.as_ref().to_owned()).collect()
}

#[cfg(unix)]
fn closed(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let Ok(metadata) = std::fs::metadata(path) else { return false };
    let mode = metadata.permissions().mode();
    if mode & 0o077 == 0 {
        return false;
    }
    let own = if metadata.is_dir() { FOLDER_MODE } else { FILE_MODE };
    // Rights that were taken from the owner on purpose (a read-only file) are not given back.
    match std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode & own)) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "others can read this file");
            false
        }
    }
}

#[cfg(not(unix))]
fn closed(_path: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_its_owner_s_alone_and_what_was_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let chosen = folder.path().join("chosen");
        std::fs::create_dir(&chosen).unwrap();
        std::fs::set_permissions(&chosen, std::fs::Permissions::from_mode(0o755)).unwrap();
        let made = chosen.join("a/b");
        make_folder(&made).unwrap();
        make_folder(&made).unwrap();
        make_file(&made.join("file")).unwrap();
        make_file(&made.join("file")).unwrap();
        assert_eq!(mode(&chosen), 0o755, "a folder that somebody named is theirs");
        assert_eq!([mode(&chosen.join("a")), mode(&made)], [0o700; 2]);
        assert_eq!(mode(&made.join("file")), 0o600);
    }

    #[test]
    fn what_others_could_read_is_closed_to_them_and_named_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.sqlite");
        let [_, log, ..] = of_database(&path);
        for (path, open) in [(&path, 0o644), (&log, 0o600)] {
            std::fs::write(path, "").unwrap();
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(open)).unwrap();
        }
        assert_eq!(close_to_others(of_database(&path)), std::slice::from_ref(&path));
        assert_eq!(mode(&path), 0o600);
        assert!(close_to_others(of_database(&path)).is_empty(), "said once");

        let kept = folder.path().join("backups");
        std::fs::create_dir(&kept).unwrap();
        std::fs::set_permissions(&kept, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
        assert_eq!(close_to_others([&kept, &path]), [kept.clone(), path.clone()]);
        assert_eq!((mode(&kept), mode(&path)), (0o700, 0o400), "a read-only file stays one");
    }
}
