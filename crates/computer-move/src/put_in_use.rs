//! Putting what was read in its place: renames alone, each of which may be the last before a crash. Done
//! again, it goes on where it was.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use roost_core::clock::{Clock, SystemClock};
use roost_private_files::make_folder;
use roost_store::Store;

use crate::arrival_lock::ArrivalLock;
use crate::export::sync_folder_of;
use crate::import::{UNPACKED, check_unused, remove};
use crate::{Error, MEDIA, STORE};

/// The store, once nothing else was found in the data folder.
const CHECKED: &str = "checked.db";

/// Puts in use what [`crate::import`] has read, if it has. Every host asks for it before it opens the
/// store. Returns whether there was anything. Blocking.
///
/// # Errors
/// When the store, or relay and scheduler, are in use in another process, or something can't be renamed;
/// the next call goes on. While another process does it, this one waits for it. When something else was begun in the data folder meanwhile, what was read is
/// dropped: the sealed file still has it.
pub fn put_in_use(data: &Path, clock: &dyn Clock) -> Result<bool, Error> {
    let moved = data.join(UNPACKED);
    if !moved.exists() {
        return Ok(false);
    }
    let _lock = ArrivalLock::wait(data)?;
    if !moved.exists() {
        return Ok(false);
    }
    let (store, checked) = (moved.join(STORE), moved.join(CHECKED));
    if store.exists() {
        check_or_drop(data, &moved)?;
        rename(&store, &checked)?;
    }
    // Before the services, which nothing runs where nothing has the store open.
    if checked.exists() {
        if !has_arrived(data)? {
            check_or_drop(data, &moved)?;
            roost_store::put_moved_store(data.join(STORE), &checked, clock)?;
        }
        fs::remove_file(&checked).map_err(Error::of_writing(&checked))?;
    }
    let services = moved.join(roost_local::SERVICES_FOLDER);
    if services.exists() {
        roost_local::move_in(data, &services, clock.now())?;
    }
    merge(&moved.join(MEDIA), &data.join(MEDIA))?;
    for name in roost_pairing::PAIRING_FILES {
        rename(&moved.join(name), &data.join(name))?;
    }
    remove(&moved)?;
    sync_folder_of(&moved)?;
    tracing::info!("posts that were moved here from another computer are in use");
    Ok(true)
}

/// Refuses a data folder in which something was begun meanwhile, and drops what was read.
fn check_or_drop(data: &Path, moved: &Path) -> Result<(), Error> {
    let checked = check_unused(data);
    if matches!(checked, Err(Error::NotEmpty(_))) {
        remove(moved)?;
    }
    checked
}

/// Returns whether the store was put in its place before a crash. It is marked as moved until it has asked
/// the relay about its posts, which it can't before this is done.
fn has_arrived(data: &Path) -> Result<bool, Error> {
    let store = data.join(STORE);
    if !store.exists() {
        return Ok(false);
    }
    let store = Store::open(store, Arc::new(SystemClock))?;
    Ok(store.read(|store| store.restored_mark())?.is_some_and(|mark| mark.is_move))
}

/// Moves the files below `from` to the same names below `to`.
fn merge(from: &Path, to: &Path) -> Result<(), Error> {
    if !from.exists() {
        return Ok(());
    }
    make_folder(to).map_err(Error::of_writing(to))?;
    for entry in fs::read_dir(from).map_err(Error::of_writing(from))? {
        let entry = entry.map_err(Error::of_writing(from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            merge(&source, &target)?;
        } else {
            rename(&source, &target)?;
        }
    }
    Ok(())
}

/// Renames a file; that it is not there is no failure.
fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::of_writing(to)(error)),
        _ => Ok(()),
    }
}
