//! The file on disk: what stands beside it, how it is checked, opened, migrated and backed up.
//!
//! Before a file is trusted it climbs a ladder ([`check`]): is it there, is it empty though a
//! mark outside says otherwise, does its header name SQLite and Roost, is its history one that
//! this Roost knows, do SQLite's quick check and the foreign keys hold. Until the last rung the
//! file is only read. All of it, and the migration, happens behind a lock on a file beside it.

mod backup;
mod check;
mod connection;
pub(crate) mod home;
mod migrate;
mod side;

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use roost_core::clock::Clock;
use roost_core::id::StoreId;
use rusqlite::Connection;

pub use backup::{Backup, backups, restore_backup, start_anew};
pub(crate) use connection::reader;

use crate::error::Error;
use check::Found;

/// Limits of an open store.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long to wait for another program that holds the file.
    pub busy_timeout: Duration,
    /// How many backups stay.
    pub backups: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { busy_timeout: Duration::from_secs(5), backups: 7 }
    }
}

/// A file that passed, open for writing.
pub(crate) struct Opened {
    pub(crate) writer: Connection,
    pub(crate) store_id: StoreId,
    pub(crate) open_mark: File,
}

/// Checks, backs up, migrates and opens the file at `path`.
pub(crate) fn open(path: &Path, clock: &dyn Clock, options: &Options) -> Result<Opened, Error> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|source| Error::io(folder, source))?;
    }
    let open_mark = side::lock_shared(path, options.busy_timeout)?;
    let _alone = side::lock_for_opening(path, options.busy_timeout)?;
    let found = check::inspect(path, options)?;
    if found == (Found::Store { pending: true }) {
        backup::rotate(path, clock, options)?;
    }
    let mut writer = connection::writer(path, options, found == Found::Nothing)
        .map_err(|error| error.at(path))?;
    if found != (Found::Store { pending: false }) {
        migrate::run(&mut writer, path)?;
    }
    let store_id = store_id(&writer, clock)?;
    home::settle(&writer, path, clock.now())?;
    side::leave_mark(path, store_id)?;
    Ok(Opened { writer, store_id, open_mark })
}

/// A fresh database in memory, migrated.
pub(crate) fn open_in_memory(
    clock: &dyn Clock,
    options: &Options,
) -> Result<(Connection, StoreId), Error> {
    let mut writer = connection::in_memory(options)?;
    migrate::run(&mut writer, Path::new(":memory:"))?;
    let store_id = store_id(&writer, clock)?;
    Ok((writer, store_id))
}

/// The store's mark: read, or made when the store is new.
fn store_id(writer: &Connection, clock: &dyn Clock) -> Result<StoreId, Error> {
    let now = clock.now();
    let read = || {
        writer.query_row("SELECT value ->> '$' FROM setting WHERE key = 'store_id'", [], |row| {
            row.get::<_, String>(0)
        })
    };
    let text = match read() {
        Err(rusqlite::Error::QueryReturnedNoRows) => {
            writer.execute(
                "INSERT INTO setting (key, value, updated_at)
                 VALUES ('store_id', json_quote(?1), ?2)",
                (StoreId::new(now).to_string(), now.0),
            )?;
            read()?
        }
        other => other?,
    };
    text.parse().map_err(|_| Error::Damaged {
        path: std::path::PathBuf::new(),
        detail: "its own id is unreadable".into(),
    })
}
