//! The mark that a store was here. It is outside the database, because SQLite takes an emptied file for
//! a new database.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use roost_core::id::StoreId;
use roost_private_files::{self as private_files, beside};
use roost_sqlite::Found;

use crate::error::Error;

pub(super) fn path_of(path: &Path) -> PathBuf {
    beside(path, ".here")
}

/// Leaves the mark, when it is not there already.
pub(super) fn leave(path: &Path, store_id: StoreId) -> Result<(), Error> {
    let mark = path_of(path);
    let text = format!("{store_id}\n");
    if fs::read_to_string(&mark).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let write = || {
        let mut file = private_files::open(&mark)?;
        file.set_len(0)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|source| Error::io(&mark, source))
}

/// Holds what was found against the mark: a store that was here is not begun anew in silence.
pub(super) fn compare(
    path: &Path,
    found: Result<Found, roost_sqlite::Error>,
) -> Result<Found, Error> {
    let path = path.to_owned();
    if !path_of(&path).exists() {
        return Ok(found?);
    }
    match found {
        Ok(Found::Nothing) => Err(Error::Missing { path }),
        Ok(Found::Empty) => Err(Error::Emptied { path }),
        Err(roost_sqlite::Error::NotADatabase { .. }) if path.is_file() => {
            Err(Error::Damaged { path, detail: "its header is overwritten".into() })
        }
        found => Ok(found?),
    }
}
