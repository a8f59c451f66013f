//! Opening the file: the lock, the pragmas, the migrations, and a look at its health.

use std::cmp::Ordering;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use roost_private_files as private_files;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// «RoRl»: tells a relay's database from any other SQLite file.
const APPLICATION_ID: i32 = 0x526f_526c;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Pages in the log at which they are carried over into the file: 16 MB.
const CHECKPOINT_PAGES: u32 = 4000;
/// Links that lead to one another; more are a circle.
const LINKS_MAX: usize = 40;

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
            // A changed letter of the schema or a value that can't be: SQLite itself minds neither.
            _ if is_no_longer_ours(error) => Self::Damaged { path, reason },
            _ => Self::Unreadable { path, reason },
        }
    }

    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        Self::Unreadable { path: path.to_owned(), reason: error.to_string() }
    }
}

/// Whether an error says that the schema or a row is not as this program wrote it.
const fn is_no_longer_ours(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as E;
    matches!(
        error,
        E::InvalidColumnName(_)
            | E::InvalidColumnType(..)
            | E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::Utf8Error(..)
            | E::SqlInputError { .. }
    )
}

/// Takes the side file's lock; the system lets go of it when the process ends, however it ends.
pub(crate) fn lock(path: &Path) -> Result<File, OpenError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        private_files::make_folder(folder).map_err(|error| OpenError::io(folder, &error))?;
    }
    let side = lock_file(path);
    let file = private_files::options()
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

fn lock_file(path: &Path) -> PathBuf {
    private_files::beside(&one_name(path), ".lock")
}

/// Takes away what other users may do with the ledger and what lies beside it. An older version
/// left the lock open to them.
pub(super) fn keep_to_owner(path: &Path) {
    let files = private_files::of_database(path).into_iter().chain([lock_file(path)]);
    for file in private_files::close_to_others(files) {
        tracing::warn!(file = %file.display(), "other users could read this file; no more");
    }
}

/// The file's own name, whatever links lead to it, also while there is no file yet: whoever opens
/// it takes the same lock.
fn one_name(path: &Path) -> PathBuf {
    let mut name = path.to_owned();
    for _ in 0..LINKS_MAX {
        if let Ok(own) = name.canonicalize() {
            return own;
        }
        let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        match std::fs::read_link(&name) {
            Ok(target) => name = folder.join(target),
            Err(_) => {
                let own = folder.canonicalize().ok().zip(name.file_name());
                return own.map_or(name.clone(), |(folder, file)| folder.join(file));
            }
        }
    }
    name
}

/// SQLite takes an emptied file for a new database. Beside a key file, which is made after the
/// ledger, it is no new one. A ledger that is gone as a whole may be begun anew.
pub(crate) fn refuse_emptied(path: &Path, key_file: &Path) -> Result<(), OpenError> {
    let is_empty = std::fs::metadata(path).is_ok_and(|file| file.len() == 0);
    if is_empty && key_file.exists() {
        return Err(OpenError::Damaged {
            path: path.to_owned(),
            reason: "it is empty, though it was in use".to_owned(),
        });
    }
    Ok(())
}

/// What a copy of the file does not share with it: when it was made, or else its number on the
/// disk. Nothing where the system tells neither.
pub(crate) fn identity(path: &Path) -> Option<String> {
    let file = std::fs::metadata(path).ok()?;
    let made = file.created().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    if let Some(made) = made {
        return Some(format!("made {}", made.as_nanos()));
    }
    #[cfg(unix)]
    return Some(format!("inode {}", std::os::unix::fs::MetadataExt::ino(&file)));
    #[cfg(not(unix))]
    None
}

/// A connection that writes durably.
pub(super) fn connect(path: &Path) -> Result<Connection, OpenError> {
    // SQLite gives its log the same permissions.
    private_files::make_file(path).map_err(|error| OpenError::io(path, &error))?;
    let connection = Connection::open(path).map_err(|error| OpenError::of(path, &error))?;
    let set = || -> rusqlite::Result<()> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.pragma_update(None, "trusted_schema", "OFF")?;
        // What a change may have to undo stays in memory; it is never needed after a crash.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        // Pages that change again and again are carried over once in a while, not each time.
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        plan_once(&connection)
    };
    set().map_err(|error| OpenError::of(path, &error))?;
    Ok(connection)
}

/// Statements are prepared once and kept. Without the guarantee that a plan stays, SQLite prepares
/// them anew for each new value.
pub(super) fn plan_once(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(128);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
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

/// Whether refinery can read the record of migrations: it panics on a garbled one.
fn has_sound_history(connection: &Connection) -> rusqlite::Result<bool> {
    let there = "SELECT 1 FROM sqlite_schema WHERE name = 'refinery_schema_history'";
    if !connection.prepare(there)?.exists([])? {
        return Ok(true);
    }
    let columns = "SELECT version, name, applied_on, checksum FROM refinery_schema_history";
    let Ok(mut statement) = connection.prepare(columns) else { return Ok(false) };
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column).ok().and_then(|value| value.as_str().ok());
        let numbered = row.get::<_, i32>(0).is_ok_and(|version| version >= 0);
        let dated = text(2).is_some_and(|at| OffsetDateTime::parse(at, &Rfc3339).is_ok());
        let summed = text(3).is_some_and(|sum| sum.parse::<u64>().is_ok());
        if !(numbered && text(1).is_some() && dated && summed) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Brings the schema up to date, all or nothing.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    if !is_marked(connection, path)? {
        connection
            .pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(|error| OpenError::of(path, &error))?;
    }
    if !has_sound_history(connection).map_err(|error| OpenError::of(path, &error))? {
        return Err(OpenError::Damaged {
            path: path.to_owned(),
            reason: "its record of migrations is garbled".to_owned(),
        });
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
