//! The database: one connection on one thread. Work that waits together is committed together,
//! so that hundreds of durable writes a second pass.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use roost_sqlite::{
    Depth, ExclusiveDatabase, Executor, GroupWriter, Grouping, Hooks, Schema, Settings,
    open_exclusive,
};
use rusqlite::Connection;

use crate::rates::RateLog;

mod embedded {
    refinery::embed_migrations!("migrations");
}

const SCHEMA: Schema = Schema { application_id: None, migrations: embedded::migrations::runner };
const GROUPING: Grouping =
    Grouping { thread: "sandbox-database", writes_max: 256, linger: Duration::ZERO };
/// How long another sandbox may take to open the file.
const LOCK_PATIENCE: Duration = Duration::from_secs(30);

/// Why the sandbox cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused.
    #[error("the sandbox's database: {0}")]
    Database(#[from] rusqlite::Error),
    /// What was done could not be committed; nothing of it stays.
    #[error("the sandbox's database: {0}")]
    Commit(roost_sqlite::Error),
    /// The database is from another version, damaged, or no sandbox's.
    #[error("the sandbox's database cannot be used; use another file: {0}")]
    Open(roost_sqlite::Error),
    /// A file or socket.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What came of it.
        source: io::Error,
    },
    /// The thread of the database is gone.
    #[error("the sandbox's database is closed")]
    Closed,
    /// Not understood.
    #[error("{0}")]
    Invalid(String),
}

impl Error {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

impl From<roost_sqlite::Error> for Error {
    fn from(error: roost_sqlite::Error) -> Self {
        match error {
            roost_sqlite::Error::Stopped => Self::Closed,
            other => Self::Commit(other),
        }
    }
}

/// What work sees: the open transaction, and what is remembered beside it.
pub(crate) struct Scope<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) rates: &'a mut RateLog,
    /// The last Snowflake given out.
    pub(crate) last_id: &'a mut i64,
}

/// What is remembered beside the database.
struct Memory {
    rates: RateLog,
    last_id: i64,
}

impl Hooks for Memory {
    type Context = ();
}

/// A handle to the thread.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    writer: Arc<GroupWriter<Memory>>,
}

impl Database {
    /// Opens the file, brings it up to date, and starts the thread. `memory` is how long past
    /// posts matter to the rates, from `now` back; both in milliseconds.
    pub(crate) fn open(
        path: &Path,
        now: i64,
        memory: i64,
        executor: &Executor,
    ) -> Result<Self, Error> {
        // The lock is for opening only.
        let ExclusiveDatabase { connection, lock: _ } =
            open_exclusive(path, &SCHEMA, &Settings::new(), Depth::Header, LOCK_PATIENCE)
                .map_err(Error::Open)?;
        let rates = RateLog::load(&connection, now - memory)?;
        let last_id = connection.query_row(
            "SELECT max(coalesce((SELECT max(id) FROM tweet), 0),
                        coalesce((SELECT max(id) FROM media), 0),
                        coalesce((SELECT max(id) FROM account), 0))",
            [],
            |row| row.get(0),
        )?;
        let writer =
            GroupWriter::start(connection, None, Memory { rates, last_id }, GROUPING, executor)
                .map_err(Error::io("starting the database's thread"))?;
        Ok(Self { writer: Arc::new(writer) })
    }

    /// Runs `body` in a transaction and answers once it is on the disk. Every commit goes through
    /// here; `point` is its name.
    pub(crate) async fn write<T, F>(&self, point: &'static str, body: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Scope<'_>) -> Result<T, Error> + Send + 'static,
    {
        tracing::trace!(point, "write");
        let write = self.writer.write(point, |write| {
            let Memory { rates, last_id } = &mut *write.hooks;
            body(&mut Scope { db: write.connection, rates, last_id })
        });
        write.await
    }
}

/// The next Snowflake: X's ids tell their moment, and never repeat.
pub(crate) fn next_id(scope: &mut Scope<'_>, now: i64) -> i64 {
    const X_EPOCH: i64 = 1_288_834_974_657;
    let from_clock = (now - X_EPOCH).max(0) << 22;
    *scope.last_id = from_clock.max(*scope.last_id + 1);
    *scope.last_id
}
