//! Moving a relay to another machine: a folder with everything it needs, under a new mark; the ledger that
//! stays behind is never served again.

use std::fs;
use std::path::{Path, PathBuf};

use roost_core::clock::UnixMillis;

use super::Error;
use crate::config::Config;
use crate::database::{Database, OpenError, bring_up_to_date, copy, lock};
use crate::rows::admin_action::{self, COMMAND_LINE, What};
use crate::rows::epoch::{self, MovedMark};
use crate::start::new_epoch;

/// Folders beside the configuration that go with it: certificates.
const FOLDERS: [&str; 2] = ["tls", "acme"];

/// Writes everything that the relay needs into a new folder, and freezes the ledger here. Returns the files
/// that were written. The relay must be stopped.
///
/// # Errors
/// When a relay runs on the ledger, the folder is there, or a file can't be written; then nothing is frozen.
pub fn move_out(
    config_file: &Path,
    config: &Config,
    to: &Path,
    now: UnixMillis,
) -> Result<Vec<PathBuf>, Error> {
    if to.exists() {
        return Err(Error::Exists(to.to_owned()));
    }
    if !config.database.exists() {
        return Err(Error::Missing(config.database.clone()));
    }
    // Held to the end: no relay serves the ledger that is being copied.
    let held = lock(&config.database)?;
    let failed = |path: &Path, error: &std::io::Error| Error::File {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    roost_private_files::make_folder(to).map_err(|error| failed(to, &error))?;
    let mut written = Vec::new();
    for from in beside_ledger(config_file, config) {
        let Some(name) = from.file_name() else { continue };
        let target = to.join(name);
        copy_tree(&from, &target).map_err(|error| failed(&target, &error))?;
        written.push(target);
    }
    let name = config.database.file_name().map_or_else(|| "relay.sqlite".into(), PathBuf::from);
    let ledger = to.join(name);
    copy(&config.database, &ledger)?;
    // A mark of its own: desktops notice, and tell what they know. It is no copy of a ledger that may be
    // at work, because that one ends below.
    let mark = new_epoch()?;
    drop(Database::open(&ledger, &config.executor, |c| epoch::renew(c, &mark, false, now))?);
    let _ = fs::remove_file(roost_sqlite::lock_file(&ledger));
    written.push(ledger);
    freeze(&config.database, &to.display().to_string(), now)?;
    drop(held);
    Ok(written)
}

/// A ledger that was noted as moved, and what [`thaw`] puts back.
#[derive(Debug, Clone)]
pub struct Frozen {
    before: MovedMark,
    noted: i64,
}

/// Notes in a ledger that it was moved to `place`, so that it is not served again. The relay must be
/// stopped. Where it was not started since an update of the program, its ledger is brought up to date first.
///
/// # Errors
/// When there is no ledger, or it can't be written.
pub fn freeze(database: &Path, place: &str, now: UnixMillis) -> Result<Frozen, Error> {
    let connection = match super::beside(database) {
        Err(Error::Database(OpenError::Older(_))) => {
            bring_up_to_date(database)?;
            super::beside(database)
        }
        opened => opened,
    }?;
    let note = || -> rusqlite::Result<Frozen> {
        admin_action::note(&connection, COMMAND_LINE, What::Moved, place, now)?;
        let noted = connection.last_insert_rowid();
        Ok(Frozen { before: epoch::leave(&connection, place, now)?, noted })
    };
    note().map_err(|error| super::of(database, &error))
}

/// Takes back what [`freeze`] noted: the move came to nothing, and nothing of the ledger left this machine.
///
/// # Errors
/// When the ledger can't be written.
pub fn thaw(database: &Path, frozen: &Frozen) -> Result<(), Error> {
    let connection = super::beside(database)?;
    let take_back = || -> rusqlite::Result<()> {
        epoch::stay(&connection, &frozen.before)?;
        admin_action::take_back(&connection, frozen.noted)
    };
    take_back().map_err(|error| super::of(database, &error))
}

/// What goes with the ledger: configuration, key, the embedded scheduler, images and videos,
/// certificates.
fn beside_ledger(config_file: &Path, config: &Config) -> Vec<PathBuf> {
    let scheduler = |name: &str| config.database.with_file_name(name);
    let folder = config_file.parent().unwrap_or(Path::new(""));
    let mut files = vec![config_file.to_owned(), config.key_file.clone()];
    files.extend(["scheduler.sqlite", "scheduler.sqlite-wal", "scheduler.token"].map(scheduler));
    files.push(config.media_folder.clone());
    files.extend(FOLDERS.map(|name| folder.join(name)));
    files.retain(|file| file.exists());
    files
}

/// Copies a file, or a folder with what is in it, for its owner alone.
fn copy_tree(from: &Path, to: &Path) -> std::io::Result<()> {
    if from.is_dir() {
        roost_private_files::make_folder(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy_tree(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    let mut target = roost_private_files::options().write(true).create_new(true).open(to)?;
    std::io::copy(&mut fs::File::open(from)?, &mut target)?;
    target.sync_all()
}
