//! The database: one connection on one thread. Work that waits together is committed together,
//! so that hundreds of durable writes a second pass.

use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::rates::RateLog;

mod migrations {
    refinery::embed_migrations!("migrations");
}

/// How much work may wait for the thread.
const QUEUE: usize = 1024;
/// How much work one commit carries at most.
const BATCH: usize = 256;

/// Why the sandbox cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused.
    #[error("the sandbox's database: {0}")]
    Database(#[from] rusqlite::Error),
    /// The database is from another version, or damaged.
    #[error("the sandbox's database cannot be brought up to date; use another file: {0}")]
    Migration(Box<refinery::Error>),
    /// A file or socket.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What came of it.
        source: io::Error,
    },
    /// The thread of the database is gone, after a failed commit or at the end.
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

/// What work sees: the open transaction, and what is remembered beside it.
pub(crate) struct Scope<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) rates: &'a mut RateLog,
    /// The last Snowflake given out.
    pub(crate) last_id: &'a mut i64,
}

/// A handle to the thread.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    work: SyncSender<Box<dyn Work>>,
}

/// One piece of work: run inside the common transaction, answered after the common commit.
trait Work: Send {
    fn run(&mut self, scope: &mut Scope<'_>) -> bool;
    fn answer(self: Box<Self>, committed: bool);
}

struct Piece<T, F> {
    body: Option<F>,
    result: Option<Result<T, Error>>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Work for Piece<T, F>
where
    T: Send,
    F: FnOnce(&mut Scope<'_>) -> Result<T, Error> + Send,
{
    fn run(&mut self, scope: &mut Scope<'_>) -> bool {
        self.result = self.body.take().map(|body| body(scope));
        matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, committed: bool) {
        let result = match self.result {
            Some(Ok(_)) if !committed => Err(Error::Closed),
            Some(result) => result,
            None => Err(Error::Closed),
        };
        // Who asked may be gone; what was committed stays.
        let _ = self.reply.send(result);
    }
}

impl Database {
    /// Opens the file, brings it up to date, and starts the thread. `memory` is how long past
    /// posts matter to the rates, from `now` back; both in milliseconds.
    pub(crate) fn open(path: &Path, now: i64, memory: i64) -> Result<Self, Error> {
        let mut connection = connect(path)?;
        migrate(&mut connection, path)?;
        let rates = RateLog::load(&connection, now - memory)?;
        let last_id = connection.query_row(
            "SELECT max(coalesce((SELECT max(id) FROM tweet), 0),
                        coalesce((SELECT max(id) FROM media), 0),
                        coalesce((SELECT max(id) FROM account), 0))",
            [],
            |row| row.get(0),
        )?;
        let (work, waiting) = sync_channel(QUEUE);
        thread::Builder::new()
            .name("sandbox-database".into())
            .spawn(move || serve(&connection, rates, last_id, &waiting))
            .map_err(Error::io("starting the database's thread"))?;
        Ok(Self { work })
    }

    /// Runs `body` in a transaction and answers once it is on the disk. Every commit goes through
    /// here; `point` is its name.
    pub(crate) async fn write<T, F>(&self, point: &'static str, body: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Scope<'_>) -> Result<T, Error> + Send + 'static,
    {
        tracing::trace!(point, "write");
        let (reply, answer) = oneshot::channel();
        let piece: Box<dyn Work> = Box::new(Piece { body: Some(body), result: None, reply });
        let work = self.work.clone();
        match work.try_send(piece) {
            Ok(()) => {}
            Err(std::sync::mpsc::TrySendError::Full(piece)) => {
                tokio::task::spawn_blocking(move || work.send(piece))
                    .await
                    .map_err(|_| Error::Closed)?
                    .map_err(|_| Error::Closed)?;
            }
            Err(std::sync::mpsc::TrySendError::Disconnected(_)) => return Err(Error::Closed),
        }
        answer.await.map_err(|_| Error::Closed)?
    }
}

fn connect(path: &Path) -> Result<Connection, Error> {
    let unmade = Error::io(format!("{} can't be made", path.display()));
    roost_private_files::make_file(path).map_err(unmade)?;
    let side = roost_private_files::beside(path, ".lock");
    // Before SQLite makes its log, which gets the same permissions.
    let files = roost_private_files::of_database(path).into_iter().chain([side]);
    for file in roost_private_files::close_to_others(files) {
        tracing::warn!(file = %file.display(), "other users could read this file; no more");
    }
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    let side = roost_private_files::beside(path, ".lock");
    let lock = roost_private_files::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&side)
        .map_err(Error::io(format!("making {}", side.display())))?;
    lock.lock().map_err(Error::io(format!("locking {}", side.display())))?;
    migrations::migrations::runner()
        .set_grouped(true)
        .run(connection)
        .map_err(|error| Error::Migration(Box::new(error)))?;
    Ok(())
}

fn serve(
    connection: &Connection,
    mut rates: RateLog,
    mut last_id: i64,
    waiting: &Receiver<Box<dyn Work>>,
) {
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        batch.extend(waiting.try_iter().take(BATCH - 1));
        let mut scope = Scope { db: connection, rates: &mut rates, last_id: &mut last_id };
        let committed = commit(connection, &mut batch, &mut scope);
        if let Err(error) = &committed {
            tracing::error!(%error, "the sandbox's database did not commit");
        }
        for work in batch {
            work.answer(committed.is_ok());
        }
    }
}

/// One transaction for the whole batch, a savepoint for each piece: who fails takes only his own
/// back.
fn commit(
    connection: &Connection,
    batch: &mut [Box<dyn Work>],
    scope: &mut Scope<'_>,
) -> Result<(), rusqlite::Error> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = batch.iter_mut().try_for_each(|work| {
        connection.execute_batch("SAVEPOINT piece")?;
        let end =
            if work.run(scope) { "RELEASE piece" } else { "ROLLBACK TO piece; RELEASE piece" };
        connection.execute_batch(end)
    });
    match done.and_then(|()| connection.execute_batch("COMMIT")) {
        Ok(()) => Ok(()),
        Err(error) => {
            // The first error is the one to tell; this one only ends the transaction.
            let _ = connection.execute_batch("ROLLBACK");
            Err(error)
        }
    }
}

/// The next Snowflake: X's ids tell their moment, and never repeat.
pub(crate) fn next_id(scope: &mut Scope<'_>, now: i64) -> i64 {
    const X_EPOCH: i64 = 1_288_834_974_657;
    let from_clock = (now - X_EPOCH).max(0) << 22;
    *scope.last_id = from_clock.max(*scope.last_id + 1);
    *scope.last_id
}
