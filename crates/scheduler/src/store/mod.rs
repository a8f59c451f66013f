//! The scheduler's memory: one SQLite file, one writer, many readers.

mod bulk_cancel;
mod dead_letter;
mod deduplication;
mod event;
mod filter;
mod flow_rule;
pub(crate) mod keys;
pub(crate) mod message;
mod migrate;
pub(crate) mod prune;
pub(crate) mod queue;
pub(crate) mod quota;
pub(crate) mod schedule;
mod summary;
mod tally;
#[cfg(test)]
mod tests;
pub(crate) mod url_group;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::error::Error;
use crate::plan::Limits;
use crate::timer::Timer;

pub(crate) use bulk_cancel::cancel_matching;
pub(crate) use dead_letter::DeadLetter;
pub(crate) use event::{Answer, Event, State, Wanted, note};
pub(crate) use filter::Filter;
pub(crate) use flow_rule::FlowRule;
pub(crate) use message::{Message, MessageState, NewMessage, Published};
pub(crate) use migrate::{check_version, create_private, reader};
pub(crate) use queue::Queue;
pub(crate) use schedule::Schedule;
pub use summary::Summary;
pub(crate) use tally::{Counters, LATENESS_MS};
pub(crate) use url_group::UrlGroup;
pub(crate) use writer::Write;

/// Readers kept open while nobody reads.
const IDLE_READERS: usize = 8;

/// The database. Dropping it waits until what was asked to be written is written.
#[derive(Debug)]
pub(crate) struct Database {
    path: PathBuf,
    // Fields are dropped in this order: the last writes first, the lock last.
    writer: writer::Writer,
    readers: Mutex<Vec<Connection>>,
    /// What happened since the file was opened.
    pub(crate) counters: Arc<Counters>,
    _lock: std::fs::File,
}

impl Database {
    /// Opens or makes the file, brings it up to date and begins to write.
    pub(crate) fn open(path: &Path, timer: Arc<Timer>, limits: Limits) -> Result<Self, Error> {
        let (connection, lock) = migrate::open(path)?;
        let counters = Arc::<Counters>::default();
        let writer = writer::Writer::start(connection, timer, limits, counters.clone())?;
        let readers = Mutex::default();
        Ok(Self { path: path.to_owned(), writer, readers, counters, _lock: lock })
    }

    /// Every write of this crate passes here: `body` runs in a transaction of its own kind (a
    /// savepoint of the group that is committed together) and the call returns when the group is
    /// on disk. `point` names the write for whoever watches or cuts the writes.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Write<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.writer.write(point, body).await
    }

    /// As [`Database::write`], for what nobody waits for; keeps its place in the order of writes.
    pub(crate) fn write_later(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Write<'_>) -> Result<(), Error> + Send + 'static,
    ) {
        self.writer.write_later(point, body);
    }

    /// As [`Database::write`], without a task that waits: `answer` is called with the result, on
    /// the writing thread.
    pub(crate) fn write_then(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Write<'_>) -> Result<(), Error> + Send + 'static,
        answer: impl FnOnce(Result<(), Error>) + Send + 'static,
    ) {
        self.writer.write_then(point, body, answer);
    }

    /// As [`Database::write`], on a thread that may wait: at the start.
    pub(crate) fn write_now<T: Send + 'static>(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Write<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.writer.write_now(point, body)
    }

    /// Reads what is committed.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        body: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let database = self.clone();
        let reading = tokio::task::spawn_blocking(move || database.read_now(body));
        reading.await.map_err(|_| Error::Stopping)?
    }

    /// As [`Database::read`], on the calling thread.
    pub(crate) fn read_now<T>(
        &self,
        body: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => migrate::reader(&self.path)?,
        };
        let result = body(&connection);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
        result
    }
}
