//! What goes to another computer of relay and scheduler in here.

use std::fs;
use std::path::{Path, PathBuf};

use roost_core::clock::UnixMillis;
use roost_relay::admin::Frozen;

use crate::Error;
use crate::data_lock::DataLock;

/// The services' folder in a data folder.
pub const SERVICES_FOLDER: &str = "local";
const LEDGER: &str = "relay.db";
/// The lock is this computer's own.
const STAYS: [&str; 2] = ["lock", "relay.db.lock"];

/// The services' files, which nothing changes as long as this is kept. Dropped before
/// [`ServiceFiles::gone`], it takes the ledger's mark back: nothing was moved.
#[derive(Debug)]
pub struct ServiceFiles {
    /// Each file, by its path in the data folder.
    pub files: Vec<PathBuf>,
    lock: DataLock,
    frozen: Option<Frozen>,
}

impl ServiceFiles {
    /// Leaves the ledger marked as moved: the files are elsewhere.
    pub fn gone(mut self) {
        self.frozen = None;
    }
}

impl Drop for ServiceFiles {
    fn drop(&mut self) {
        let Some(frozen) = &self.frozen else { return };
        if let Err(error) = roost_relay::admin::thaw(&self.lock.file(LEDGER), frozen) {
            // It is served all the same, and looks on X first for what was due.
            tracing::warn!(%error, "the mark of a move that came to nothing stays in the ledger");
        }
    }
}

/// Keeps relay and scheduler from running in a data folder, and returns their files. The ledger is noted as
/// moved to `place`. Opened elsewhere at once it goes on; after a longer way, or should it be opened here
/// again, what was due meanwhile is looked for on X first. None where they never ran.
///
/// # Errors
/// [`Error::AlreadyRunning`] while they run; otherwise when the ledger can't be written.
pub fn move_out(data: &Path, place: &str, now: UnixMillis) -> Result<Option<ServiceFiles>, Error> {
    let folder = data.join(SERVICES_FOLDER);
    if !folder.join(LEDGER).exists() {
        return Ok(None);
    }
    let lock = DataLock::acquire(data)?;
    let frozen = roost_relay::admin::freeze(&lock.file(LEDGER), place, now)
        .map_err(|error| Error::Relay(error.to_string()))?;
    let mut services = ServiceFiles { files: Vec::new(), lock, frozen: Some(frozen) };
    list(&folder, Path::new(SERVICES_FOLDER), &mut services.files)
        .map_err(|source| Error::Folder { folder, source })?;
    Ok(Some(services))
}

/// Puts the services' files that came from another computer, in the folder `moved`, into the place of those
/// of a data folder that was never in use. What is there is kept aside. Where they are in their place
/// already, nothing happens.
///
/// # Errors
/// [`Error::AlreadyRunning`] while relay and scheduler run here; otherwise when a folder can't be renamed.
pub fn move_in(data: &Path, moved: &Path, now: UnixMillis) -> Result<(), Error> {
    let folder = data.join(SERVICES_FOLDER);
    let failed = |source| Error::Folder { folder: folder.clone(), source };
    let _lock = DataLock::acquire(data)?;
    // Another process may have done it until the lock was free.
    if !moved.exists() {
        return Ok(());
    }
    let aside = data.join(format!("{SERVICES_FOLDER}.aside-{}", now.0));
    fs::rename(&folder, aside).map_err(failed)?;
    fs::rename(moved, &folder).map_err(failed)
}

/// Lists the files below `folder`, which is `name` in the data folder.
fn list(folder: &Path, name: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file_name = entry.file_name();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            list(&entry.path(), &name.join(&file_name), files)?;
        } else if kind.is_file() && !STAYS.iter().any(|stays| *stays == file_name) {
            files.push(name.join(&file_name));
        }
    }
    Ok(())
}
