//! The rows that are not imported, in a file of their own.

use std::io::Write as _;
use std::path::Path;

use roost_core::failure::Code;
use roost_import::rejects;
use roost_import::session::Session;

use crate::Result;
use crate::open_import::refused;

/// Writes the rows into a file, and returns how many there are. Without any, no file is written.
pub(super) fn write(session: &Session, path: &Path) -> Result<u64> {
    let file =
        rejects::file(session).map_err(|error| refused(Code::FileTooLarge, format!("{error}.")))?;
    let Some(file) = file else { return Ok(0) };
    save(path, &file.bytes)?;
    Ok(file.rows)
}

/// Puts a whole file in the place of one that may be there: never half of it.
pub(super) fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, bytes).map_err(|error| {
        let code = match error.kind() {
            std::io::ErrorKind::StorageFull => Code::DiskFull,
            _ => Code::FileUnreadable,
        };
        refused(code, format!("{} can't be written: {error}.", path.display()))
    })
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = roost_private_files::beside(path, ".part");
    let written = (|| {
        let mut file =
            roost_private_files::options().write(true).create(true).truncate(true).open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    })();
    if written.is_err() {
        // It says nothing that the sources don't.
        drop(std::fs::remove_file(&part));
    }
    written
}
