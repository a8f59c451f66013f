//! Opening the file: pragmas, migrations, permissions.

use std::cmp::Ordering;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use roost_private_files as private_files;
use rusqlite::{Connection, OpenFlags};

use crate::error::Error;

refinery::embed_migrations!("migrations");

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The writer's pages in memory, KiB.
const WRITER_CACHE_KIB: i64 = 16 * 1024;
/// Pages in the log before they are copied into the database (16 MiB): most are written again
/// and again until then, and copied once.
const CHECKPOINT_PAGES: i64 = 4096;

/// How long a process that is just ending may still hold the file.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// The writer's connection to an up-to-date file, and the lock that keeps every other scheduler
/// off it: two would deliver everything twice.
pub(super) fn open(path: &Path) -> Result<(Connection, File), Error> {
    let wrong = |reason: String| Error::Open { path: path.to_owned(), reason };
    let side = private_files::beside(path, ".lock");
    private(path).map_err(|error| wrong(error.to_string()))?;
    let lock = private(&side).map_err(|error| wrong(error.to_string()))?;
    // Before SQLite makes its log, which gets the same permissions.
    for file in
        private_files::close_to_others(private_files::of_database(path).into_iter().chain([side]))
    {
        tracing::warn!(file = %file.display(), "other users could read this file; no more");
    }
    if !locked(&lock) {
        return Err(wrong("another scheduler is using it".into()));
    }
    let mut connection = Connection::open(path).map_err(|error| wrong(error.to_string()))?;
    prepare(&connection).map_err(|error| wrong(error.to_string()))?;
    migrate(&mut connection, path)?;
    Ok((connection, lock))
}

fn locked(lock: &File) -> bool {
    const STEP: Duration = Duration::from_millis(50);
    let mut waited = Duration::ZERO;
    while lock.try_lock().is_err() {
        if waited >= LOCK_PATIENCE {
            return false;
        }
        std::thread::sleep(STEP);
        waited += STEP;
    }
    true
}

/// A reader's connection.
pub(crate) fn reader(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    // What a savepoint needs to undo itself; nothing of it has to outlive the process.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    let runner = migrations::runner().set_grouped(true);
    // A garbled history makes the runner panic; for its reader that is one more damaged file.
    let outcome = catch_unwind(AssertUnwindSafe(|| runner.run(connection)));
    let wrong = |reason: String| Error::Open { path: path.to_owned(), reason };
    match outcome {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(match error.kind() {
            refinery::error::Kind::MissingVersion(_) => Error::Newer(path.to_owned()),
            _ => wrong(error.to_string()),
        }),
        Err(_) => Err(wrong("its history of migrations is damaged".into())),
    }
}

/// Whether a file that is only read has this program's schema.
pub(crate) fn check_version(connection: &Connection, path: &Path) -> Result<(), Error> {
    let sql = "SELECT ifnull(max(version), 0) FROM refinery_schema_history";
    let theirs: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    let runner = migrations::runner();
    let ours = runner.get_migrations().iter().map(|one| i64::from(one.version())).max();
    match theirs.cmp(&ours.unwrap_or(0)) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(Error::Newer(path.to_owned())),
        Ordering::Less => Err(Error::Open {
            path: path.to_owned(),
            reason: "an older version used it last; start qstash-local on it once".into(),
        }),
    }
}

/// Makes a file that only its owner may read; there must be none.
pub(crate) fn create_private(path: &Path) -> std::io::Result<()> {
    private_files::options().write(true).create_new(true).open(path).map(drop)
}

/// Opens or makes a file that only its owner may read: it holds keys and bodies.
fn private(path: &Path) -> std::io::Result<File> {
    private_files::options().read(true).write(true).create(true).truncate(false).open(path)
}
