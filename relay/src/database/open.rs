//! Opening the file: the lock, the pragmas, the migrations, and a look at its health.

use std::cmp::Ordering;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

/// «RoRl»: tells a relay's database from any other SQLite file.
const APPLICATION_ID: i32 = 0x526f_526c;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another relay works on it.
    #[error("another relay already works on {}: stop that one first", .0.display())]
    InUse(PathBuf),
    /// A newer program wrote it.
    #[error("{} was written by a newer roost-relay: update this one", .0.display())]
    Newer(PathBuf),
    /// An older program wrote it, and may be at work on it.
    #[error("{} was written by an older roost-relay: stop that one and start this one first, \
        which brings it up to date", .0.display())]
    Older(PathBuf),
    /// It is no relay's database, or a damaged one.
    #[error("{} can't be used: {reason}; restore the last backup with `roost-relay restore`",
        path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// It can't be read or written.
    #[error("{} can't be opened: {reason}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl OpenError {
    pub(super) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let (path, reason) = (path.to_owned(), error.to_string());
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged { path, reason },
            _ => Self::Unreadable { path, reason },
        }
    }

    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        Self::Unreadable { path: path.to_owned(), reason: error.to_string() }
    }
}

/// Takes the side file's lock; the system lets go of it when the process ends, however it ends.
pub(crate) fn lock(path: &Path) -> Result<File, OpenError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| OpenError::io(folder, &error))?;
    }
    let mut side = path.as_os_str().to_owned();
    side.push(".lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&side)
        .map_err(|error| OpenError::io(path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(OpenError::io(path, &error)),
    }
}

/// A new file is its owner's alone; SQLite gives its log the same permissions.
pub(crate) fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// A connection that writes durably.
pub(super) fn connect(path: &Path) -> Result<Connection, OpenError> {
    make_private(path).map_err(|error| OpenError::io(path, &error))?;
    let connection = Connection::open(path).map_err(|error| OpenError::of(path, &error))?;
    let set = || -> rusqlite::Result<()> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.pragma_update(None, "trusted_schema", "OFF")?;
        connection.set_prepared_statement_cache_capacity(128);
        Ok(())
    };
    set().map_err(|error| OpenError::of(path, &error))?;
    Ok(connection)
}

/// A connection to a ledger that exists and is ours, beside the one that works on it. Its schema
/// is never changed here: the relay at work may be of another version.
pub(crate) fn beside(path: &Path) -> Result<Connection, OpenError> {
    let connection = connect(path)?;
    is_marked(&connection, path)?;
    let theirs: i64 = connection
        .query_row("SELECT ifnull(max(version), 0) FROM refinery_schema_history", [], |row| {
            row.get(0)
        })
        .map_err(|error| OpenError::of(path, &error))?;
    let runner = embedded::migrations::runner();
    let ours = runner.get_migrations().iter().map(|one| i64::from(one.version())).max();
    match theirs.cmp(&ours.unwrap_or(0)) {
        Ordering::Less => Err(OpenError::Older(path.to_owned())),
        Ordering::Greater => Err(OpenError::Newer(path.to_owned())),
        Ordering::Equal => Ok(connection),
    }
}

/// Whether the file has a relay's mark; one that holds something else is refused.
fn is_marked(connection: &Connection, path: &Path) -> Result<bool, OpenError> {
    let id: i32 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(|error| OpenError::of(path, &error))?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|error| OpenError::of(path, &error))?;
    if tables > 0 && id != APPLICATION_ID {
        return Err(OpenError::Damaged {
            path: path.to_owned(),
            reason: "it is no relay's database".to_owned(),
        });
    }
    Ok(id == APPLICATION_ID)
}

/// Brings the schema up to date, all or nothing.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    if !is_marked(connection, path)? {
        connection
            .pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(|error| OpenError::of(path, &error))?;
    }
    embedded::migrations::runner().set_grouped(true).run(connection).map_err(
        |error| match error.kind() {
            refinery::error::Kind::MissingVersion(_) => OpenError::Newer(path.to_owned()),
            _ => OpenError::Damaged { path: path.to_owned(), reason: error.to_string() },
        },
    )?;
    Ok(())
}

/// A ledger that lies is worse than none: looks at pages and references before anything is sent.
pub(super) fn inspect(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| OpenError::of(path, &error))?;
    let orphans: i64 = connection
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))
        .map_err(|error| OpenError::of(path, &error))?;
    if verdict != "ok" || orphans != 0 {
        let reason = if orphans == 0 { verdict } else { format!("{orphans} rows have no post") };
        return Err(OpenError::Damaged { path: path.to_owned(), reason });
    }
    Ok(())
}
