//! Putting a new program in the old one's place, in one step of the file system: whatever ends in between
//! leaves one of the two, whole. The one that runs keeps what it has open.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use super::Error;

/// How every program of Linux begins, an AppImage too.
const ELF: &[u8] = b"\x7fELF";
/// What the new file is called until it is whole.
const UNFINISHED: &str = ".update";

/// Puts `bytes` in the place of `program`. Blocking.
pub(super) fn replace(program: &Path, bytes: &[u8]) -> Result<(), Error> {
    if !bytes.starts_with(ELF) {
        return Err(Error::NoProgram);
    }
    // A link to the program stays one.
    let program = fs::canonicalize(program).map_err(|error| of_io(program, error))?;
    let new = roost_private_files::beside(&program, UNFINISHED);
    let replaced = write(&program, &new, bytes).and_then(|()| fs::rename(&new, &program));
    if let Err(error) = replaced {
        let _ = fs::remove_file(&new);
        return Err(of_io(&program, error));
    }
    // The rename itself is on disk too; where a folder can't be asked for that, it comes by itself.
    if let Some(folder) = program.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
    Ok(())
}

fn write(program: &Path, new: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::options().write(true).create_new(true).open(new)?;
    file.write_all(bytes)?;
    // Others may run it as far as they might before.
    file.set_permissions(fs::metadata(program)?.permissions())?;
    file.sync_all()
}

fn of_io(program: &Path, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Error::NotWritable(program.parent().unwrap_or(program).to_owned())
        }
        io::ErrorKind::StorageFull => Error::DiskFull,
        _ => Error::NotReplaced { path: program.to_owned(), error },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_replaced_program_keeps_its_rights_and_the_link_that_leads_to_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (program, link) = (folder.path().join("Roost.AppImage"), folder.path().join("roost"));
        fs::write(&program, "old").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o751)).unwrap();
        std::os::unix::fs::symlink(&program, &link).unwrap();
        // What an attempt left that was ended.
        fs::write(folder.path().join("Roost.AppImage.update"), "half").unwrap();
        let running = File::open(&program).unwrap();
        replace(&link, b"\x7fELF new").unwrap();
        assert_eq!(fs::read(&program).unwrap(), b"\x7fELF new");
        assert_eq!(fs::metadata(&program).unwrap().permissions().mode() & 0o777, 0o751);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(io::read_to_string(running).unwrap(), "old", "what runs keeps its file");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left over");
    }

    #[test]
    fn what_is_no_program_replaces_none() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("Roost.AppImage");
        fs::write(&program, "old").unwrap();
        // An archive of one.
        let refused = replace(&program, b"\x1f\x8b archive").unwrap_err();
        assert!(matches!(refused, Error::NoProgram), "{refused}");
        assert_eq!(fs::read(&program).unwrap(), b"old");
    }
}
