//! The store's file: how it is opened, what stands beside it, and its backups.
//!
//! A file is inspected before it is trusted ([`roost_sqlite::inspect`]), held against the mark that a
//! store was here ([`here`]), backed up before it is migrated, and bound to where it lives ([`home`]).
//! All of it happens behind the lock for opening.

mod backup;
mod backup_file;
mod existence_mark;
mod leave;
pub(crate) mod location;
pub(crate) mod moved_away;
mod open_store;
mod retention;

use std::path::{Path, PathBuf};

use roost_core::clock::Clock;
use roost_core::id::StoreId;
use roost_private_files as private_files;
use roost_sqlite::{Depth, Found, OpeningLock, Schema, Settings, SharedLock};
use rusqlite::Connection;

pub use backup::{backups, check_backup, put_moved_store, restore_backup, start_anew};
pub use backup_file::Backup;
pub use moved_away::MovedAway;
pub use retention::{BACKUP_BYTES_MAX, BACKUP_BYTES_MAX_DEFAULT};

use crate::error::Error;
use crate::options::{Opening, Options};
use crate::post::{recompute, restored};
use crate::table::place_tags;

mod embedded {
    refinery::embed_migrations!("../../migrations");
}

/// `Roos` in the header tells a store from any other SQLite file.
const SCHEMA: Schema =
    Schema { application_id: Some(0x526f_6f73), migrations: embedded::migrations::runner };

/// What stands beside the store.
const BESIDE: [&str; 5] = [".lock", ".open", ".here", ".clean", ".damaged"];

/// A file that passed, open for writing.
pub(crate) struct Opened {
    pub(crate) writer: Connection,
    pub(crate) store_id: StoreId,
    pub(crate) shared_lock: SharedLock,
}

/// Checks, backs up, migrates and opens the file at `path`.
pub(crate) fn open(path: &Path, clock: &dyn Clock, options: &Options) -> Result<Opened, Error> {
    let settings = options.settings();
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        private_files::make_folder(folder).map_err(|source| Error::io(folder, source))?;
    }
    let opening = OpeningLock::take(path, options.busy_timeout)?;
    let shared_lock = opening.enter(options.busy_timeout)?;
    close_to_others(path, options);
    let depth = shared_lock.depth();
    tell_depth(path, depth, options);
    let found =
        existence_mark::compare(path, roost_sqlite::inspect(path, &SCHEMA, &settings, depth))?;
    shared_lock.passed(depth, clock.now().0);
    if found == (Found::Database { is_pending: true }) {
        if !shared_lock.is_first() {
            // A process that knows only the older format would write on in it.
            return Err(Error::InUseByOlder { path: path.to_owned() });
        }
        backup::rotate(path, clock, options, Some(format_of(path, &settings)?))?;
    }
    let is_fresh = !matches!(found, Found::Database { .. });
    let mut writer = roost_sqlite::writer(path, &SCHEMA, &settings, is_fresh)?;
    if found != (Found::Database { is_pending: false }) {
        recompute::provide(&writer)?;
        roost_sqlite::migrate(&mut writer, path, &SCHEMA)?;
    }
    restored::prepare(&writer, clock.now())?;
    if shared_lock.is_first() {
        place_tags(&writer)?;
    }
    let store_id = store_id(&writer, clock)?;
    location::note_if_unknown(&writer, path, clock.now())?;
    existence_mark::leave(path, store_id)?;
    shared_lock.settle();
    Ok(Opened { writer, store_id, shared_lock })
}

/// Returns the number of the format that the file at `path` has: its last migration's, 0 before the
/// first.
fn format_of(path: &Path, settings: &Settings) -> Result<u32, Error> {
    let sql = "SELECT max(version) FROM refinery_schema_history";
    let store = roost_sqlite::copier(path, settings)?;
    Ok(store.query_row(sql, [], |row| row.get::<_, Option<u32>>(0)).ok().flatten().unwrap_or(0))
}

/// Tells that the whole file is read, which may take a while.
fn tell_depth(path: &Path, depth: Depth, options: &Options) {
    if depth == Depth::Header {
        return;
    }
    let bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    tracing::info!(bytes, "no clean end was noted, or something happened since: all is checked");
    if let Some(tell) = options.tell.filter(|_| bytes > 0) {
        tell(&Opening::ReadsTheWholeFile { path: path.to_owned(), bytes });
    }
}

/// Closes what an earlier version left open to other users of this computer.
fn close_to_others(path: &Path, options: &Options) {
    let mut files = private_files::of_database(path).to_vec();
    files.extend(BESIDE.map(|suffix| private_files::beside(path, suffix)));
    files.extend(backup::kept(path));
    let paths = private_files::close_to_others(files);
    if let Some(tell) = options.tell.filter(|_| !paths.is_empty()) {
        tell(&Opening::ClosedToOthers { paths });
    }
}

/// Returns a fresh database in memory, migrated.
pub(crate) fn open_in_memory(
    clock: &dyn Clock,
    options: &Options,
) -> Result<(Connection, StoreId), Error> {
    let mut writer = roost_sqlite::in_memory(&SCHEMA, &options.settings())?;
    recompute::provide(&writer)?;
    roost_sqlite::migrate(&mut writer, Path::new(":memory:"), &SCHEMA)?;
    let store_id = store_id(&writer, clock)?;
    Ok((writer, store_id))
}

/// Returns the store's mark: read, or made when the store is new.
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
        path: PathBuf::new(),
        detail: "its own id is unreadable".into(),
    })
}
