//! The file with the key: whose it may be, and how it comes to be.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// What a key holds.
pub(super) const KEY_BYTES: usize = 32;
/// Where systemd puts what it hands over to a service.
const CREDENTIALS_FOLDER_VAR: &str = "CREDENTIALS_DIRECTORY";

/// The key, when there is a file; a byte more than it should hold when it holds too much.
pub(super) fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    refuse_open_file(&file, is_credential(path, std::env::var_os(CREDENTIALS_FOLDER_VAR)))?;
    let mut key = Zeroizing::new(Vec::with_capacity(KEY_BYTES));
    Read::by_ref(&mut file)
        .take(KEY_BYTES as u64 + 1)
        .read_to_end(&mut key)
        .map_err(|error| error.to_string())?;
    Ok(Some(key))
}

/// A file for nobody else. It has its name only once it is whole and on disk: half a key would
/// keep the relay from every later start.
pub(super) fn make(path: &Path, key: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        roost_private_files::make_folder(folder)?;
    }
    let unfinished = unfinished(path);
    match std::fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = roost_private_files::options().write(true).create_new(true).open(&unfinished)?;
    file.write_all(key)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&unfinished, path)?;
    #[cfg(unix)]
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

/// Whether systemd handed the file over. It lets the service's own user in by an access list, and
/// of that the mode shows the widest right as the group's: nobody can take it away, or need to.
fn is_credential(path: &Path, credentials: Option<OsString>) -> bool {
    credentials.is_some_and(|folder| !folder.is_empty() && path.starts_with(folder))
}

#[cfg(unix)]
fn refuse_open_file(file: &File, is_credential: bool) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map_err(|error| error.to_string())?.permissions().mode();
    match (is_credential, mode & 0o077) {
        (_, 0) => Ok(()),
        (true, others) if others & 0o027 == 0 => Ok(()),
        (true, _) => Err("more than its service may read or write this credential".to_owned()),
        (false, _) => Err("other users may read it; take that away with chmod 600".to_owned()),
    }
}

#[cfg(not(unix))]
fn refuse_open_file(_file: &File, _is_credential: bool) -> Result<(), String> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_group_s_mode_is_systemd_s_business_for_a_credential_and_for_no_other_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("roost-relay-key");
        make(&path, &[7; KEY_BYTES]).expect("made");
        let file = File::open(&path).expect("a file");
        let refused = |mode: u32, is_credential: bool| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
            refuse_open_file(&file, is_credential).err()
        };
        for mode in [0o400, 0o440, 0o600, 0o640] {
            assert_eq!(refused(mode, true), None, "{mode:o}");
        }
        for mode in [0o444, 0o460, 0o402, 0o401, 0o666] {
            let said = refused(mode, true).expect("refused");
            assert!(!said.contains("chmod"), "nobody can do that to a credential: {said}");
        }
        assert!(refused(0o440, false).expect("refused").contains("chmod 600"));

        assert!(is_credential(&path, Some(folder.path().into())));
        for elsewhere in [None, Some(OsString::new()), Some("/run/credentials/other".into())] {
            assert!(!is_credential(&path, elsewhere));
        }
    }

    #[test]
    fn a_crash_while_the_key_is_made_leaves_no_half_a_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("relay.key");
        std::fs::write(unfinished(&path), [1, 2, 3]).expect("half a key");
        assert_eq!(read(&path), Ok(None), "what is not whole does not count");
        make(&path, &[7; KEY_BYTES]).expect("made anew");
        assert_eq!(read(&path).expect("read").expect("a key").as_slice(), [7; KEY_BYTES]);
        assert!(!unfinished(&path).exists());
    }
}
