//! Files and folders that are their owner's alone, and older ones that are made so. Where the system
//! has no such modes, its own rules for a person's folder hold.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Makes a folder and what is missing above it, for their owner alone. One that is there stays as it
/// is: somebody chose it.
///
/// # Errors
/// When it can't be made.
pub fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// The options that make a new file its owner's alone.
#[must_use]
pub fn options() -> OpenOptions {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
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

/// A SQLite database and the files that SQLite keeps beside it.
#[must_use]
pub fn of_database(path: &Path) -> [PathBuf; 4] {
    ["", "-wal", "-shm", "-journal"].map(|suffix| beside(path, suffix))
}

/// Takes away what others may do with these files, as far as they are there and may be changed.
/// Returns those that others could read or write until now.
pub fn mend<P: AsRef<Path>>(files: impl IntoIterator<Item = P>) -> Vec<PathBuf> {
    files.into_iter().filter_map(|path| mended(path.as_ref())).collect()
}

#[cfg(unix)]
fn mended(path: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let file = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let mode = file.permissions().mode();
    if mode & 0o077 == 0 {
        return None;
    }
    let own = std::fs::Permissions::from_mode(mode & 0o700);
    std::fs::set_permissions(path, own).is_ok().then(|| path.to_owned())
}

#[cfg(not(unix))]
fn mended(_path: &Path) -> Option<PathBuf> {
    None
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
    fn an_open_file_is_mended_and_named_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.sqlite");
        let [_, log, ..] = of_database(&path);
        for (path, open) in [(&path, 0o644), (&log, 0o600)] {
            std::fs::write(path, "").unwrap();
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(open)).unwrap();
        }
        assert_eq!(mend(of_database(&path)), std::slice::from_ref(&path));
        assert_eq!(mode(&path), 0o600);
        assert!(mend(of_database(&path)).is_empty(), "said once");
    }
}
