//! Files that a command writes for the person: whole, or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::output::Output;

/// Refuses a file that is there already, unless the person agrees: beforehand, or when asked on a
/// terminal.
///
/// # Errors
/// `file_exists` when the person did not agree; nothing was changed.
pub(crate) fn may_overwrite(path: &Path, force: bool, output: &Output) -> Result<(), Failure> {
    let is_file = fs::metadata(path).is_ok_and(|found| found.is_file());
    let question = || format!("{} is there already. Overwrite it? [y/N] ", path.display());
    if force || !is_file || (is_interactive() && agrees(&question(), output)) {
        return Ok(());
    }
    Err(Failure::work(
        "file_exists",
        format!(
            "{} is there already and was left as it is. Name another file, or overwrite it with \
             --force.",
            path.display()
        ),
    ))
}

/// Whether a person sits at both ends.
pub(crate) fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether the person answers a question with yes.
pub(crate) fn agrees(question: &str, output: &Output) -> bool {
    output.ask(question);
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).is_ok()
        && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

/// Writes a file beside the named one and renames it, so that a failure leaves what was there. A pipe
/// or a device is written to as it is.
///
/// # Errors
/// When the file can't be written; what stood there is as it was.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write(path, bytes).map_err(|error| {
        let kept = if path.is_file() { " The file that was there is as it was." } else { "" };
        Failure::work("disk", format!("{} can't be written: {error}.{kept}", path.display()))
    })
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays one: what it leads to is replaced.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let before = fs::metadata(&path).ok();
    if before.as_ref().is_some_and(|found| !found.is_file()) {
        return OpenOptions::new().write(true).open(&path)?.write_all(bytes);
    }
    let beside = beside(&path)?;
    let written = write_beside(&beside, bytes, before.as_ref())
        .and_then(|()| fs::rename(&beside, &path))
        .and_then(|()| sync_folder(&path));
    if written.is_err() {
        // It may never have been made.
        drop(fs::remove_file(&beside));
    }
    written
}

/// A name in the same folder that nobody else uses.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.unfinished", std::process::id()));
    Ok(path.with_file_name(hidden))
}

fn write_beside(beside: &Path, bytes: &[u8], before: Option<&fs::Metadata>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(beside)?;
    if let Some(before) = before {
        file.set_permissions(before.permissions())?;
    }
    file.write_all(bytes)?;
    file.sync_all()
}

/// A rename is on disk when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("posts.json");
        for content in ["first", "second"] {
            replace(&path, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn a_link_stays_a_link_and_rights_stay_what_they_were() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("posts.json"), folder.path().join("link.json"));
        fs::write(&path, "first").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        replace(&link, b"second").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_device_is_written_to_and_not_replaced() {
        use std::os::unix::fs::FileTypeExt;
        let full = Path::new("/dev/full");
        let refused = replace(full, b"words").unwrap_err();
        assert_eq!(refused.code, "disk", "{refused}");
        assert!(fs::metadata(full).unwrap().file_type().is_char_device());
    }
}
