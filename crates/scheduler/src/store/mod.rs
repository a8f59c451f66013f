//! The scheduler's memory: one SQLite file, one writer, many readers. What is asked for while a commit
//! is under way is committed together by the next. So hundreds of publishes per second share a few
//! syncs of the disk, and each caller still waits until its own is durable.

mod bulk_cancel;
mod change_counters;
mod dead_letter;
mod deduplication;
mod event;
mod filter;
mod flow_rule;
pub(crate) mod keys;
pub(crate) mod message;
mod message_row;
mod message_state;
mod open;
pub(crate) mod prune;
pub(crate) mod queue;
pub(crate) mod quota;
pub(crate) mod schedule;
mod summary;
#[cfg(test)]
mod tests;
pub(crate) mod url_group;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use roost_sqlite::{Executor, GroupWriter, Grouping, Pool};
use rusqlite::Connection;

use crate::error::Error;
use crate::limits::Limits;
use crate::timer::Timer;

pub(crate) use bulk_cancel::cancel_matching;
pub(crate) use change_counters::{Counters, LATENESS_MS};
pub(crate) use dead_letter::DeadLetter;
pub(crate) use event::{Answer, Event, State, Wanted, note};
pub(crate) use filter::Filter;
pub(crate) use message::{NewMessage, Published};
pub(crate) use message_row::Message;
pub(crate) use message_state::MessageState;
pub(crate) use open::{check_version, copy, reader};
pub(crate) use queue::Queue;
pub(crate) use schedule::Schedule;
pub use summary::Summary;
pub(crate) use url_group::UrlGroup;
pub(crate) use writer::Write;

/// Readers kept open while none is used.
const IDLE_READERS: usize = 8;

/// A write that no caller waits for may wait so long for one to share the sync of the disk with.
const GROUP_COMMIT_LINGER: Duration = Duration::from_millis(10);
const GROUPING: Grouping =
    Grouping { thread: "scheduler-writer", writes_max: 512, linger: GROUP_COMMIT_LINGER };

/// The database. Dropping it waits until what was asked to be written is written.
#[derive(Debug)]
pub(crate) struct Database {
    // Fields are dropped in this order: the readers before the writer, so that it empties the log. The
    // writer lets go of the lock last.
    readers: Pool,
    executor: Executor,
    writer: GroupWriter<writer::State>,
    /// What happened since the file was opened.
    pub(crate) counters: Arc<Counters>,
}

impl Database {
    /// Opens or makes the file, brings it up to date and begins to write.
    pub(crate) fn open(
        path: &Path,
        timer: Arc<Timer>,
        limits: Limits,
        executor: Executor,
    ) -> Result<Self, Error> {
        let opened = open::open(path)?;
        let counters = Arc::<Counters>::default();
        let state = writer::State::new(timer, limits, counters.clone());
        let (connection, lock) = (opened.connection, Some(opened.lock));
        let writer = GroupWriter::start(connection, lock, state, GROUPING, &executor)
            .map_err(|error| Error::Config(error.to_string()))?;
        let readers = Pool::new(path, &open::SETTINGS, IDLE_READERS);
        Ok(Self { readers, executor, writer, counters })
    }

    /// Every write of this crate passes here: `body` runs in a transaction of its own kind (a
    /// savepoint of the group that is committed together) and the call returns when the group is
    /// on disk. `point` names the write for all that watch or cut the writes.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Write<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let write = self.writer.write(point, |write| body(&mut Write::of(write)));
        write.await.map_err(|error: Error| error.named(point))
    }

    /// As [`Database::write`], for a write that no caller waits for; keeps its place in the order of
    /// writes.
    pub(crate) fn write_later(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Write<'_>) -> Result<(), Error> + Send + 'static,
    ) {
        let log = move |result: Result<(), Error>| {
            if let Err(error) = result {
                tracing::error!(point, %error, "a write failed");
            }
        };
        let sent = self.writer.write_later(point, |write| body(&mut Write::of(write)), log);
        warn_unless_sent(point, &sent);
    }

    /// As [`Database::write`], without a task that waits: `answer` is called with the result, on
    /// the writing thread. It is dropped unused when the writer has ended.
    pub(crate) fn write_then(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Write<'_>) -> Result<(), Error> + Send + 'static,
        answer: impl FnOnce(Result<(), Error>) + Send + 'static,
    ) {
        let named = move |result: Result<(), Error>| answer(result.map_err(|e| e.named(point)));
        let sent = self.writer.write_then(point, |write| body(&mut Write::of(write)), named);
        warn_unless_sent(point, &sent);
    }

    /// As [`Database::write`], on a thread that may wait: at the start.
    pub(crate) fn write_now<T: Send + 'static>(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Write<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let written = self.writer.write_now(point, |write| body(&mut Write::of(write)));
        written.map_err(|error: Error| error.named(point))
    }

    /// Reads what is committed.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        body: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let database = self.clone();
        let reading = self.executor.run("read", move || database.read_now(body));
        reading.await.map_err(|_| Error::Stopping)?
    }

    /// As [`Database::read`], on the calling thread.
    pub(crate) fn read_now<T>(
        &self,
        body: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.readers.read(body)
    }
}

fn warn_unless_sent(point: &'static str, sent: &Result<(), roost_sqlite::Error>) {
    if sent.is_err() {
        tracing::warn!(point, "not written: the scheduler is stopping");
    }
}
