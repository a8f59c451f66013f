//! The handle: one writer, readers beside it, and the one function through which all writes pass.

use std::fmt;
use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roost_core::clock::{Clock, UnixMillis};
use roost_core::id::StoreId;
use roost_sqlite::{Pool, Settings, SharedLock};
use rusqlite::Connection;

use crate::error::Error;
use crate::file::{location, moved_away};
use crate::options::Options;
use crate::step_notes::{StepNotes, Touched};

/// The local store. Cloning it gives another handle to the same one.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

/// What a store holds open.
pub(crate) struct Inner {
    // Fields are dropped in this order: the readers before the writer, so that it writes the log back,
    // and both before the file is let go of.
    /// None: in memory, where there is one connection for all.
    pub(crate) readers: Option<Pool>,
    pub(crate) writer: Mutex<Connection>,
    /// None: in memory.
    pub(crate) file: Option<SharedLock>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) store_id: StoreId,
    pub(crate) options: Options,
    pub(crate) settings: Settings,
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Store").field("path", &self.path()).finish_non_exhaustive()
    }
}

impl Store {
    /// Returns a handle to what was opened.
    pub(crate) fn of(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// Runs `body` in one transaction and commits it with full sync; on an error nothing of it
    /// stays. `point` names the write, for logs, events and crash tests.
    /// Returns what `body` returned.
    ///
    /// The writer is one: a write inside `body` would wait for itself.
    ///
    /// # Errors
    /// What `body` returns, or why SQLite could not begin or commit.
    pub fn write<T>(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.try_write(point, body)
    }

    /// [`Store::write`] for a body with errors of its own. Returns what `body` returned.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn try_write<T, E: From<Error>>(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.write_if(point, moved_away::refuse, body)
    }

    /// [`Store::write`] to a store that may have gone to another computer.
    pub(crate) fn write_regardless<T>(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.write_if(point, |_| Ok(()), body)
    }

    fn write_if<T, E: From<Error>>(
        &self,
        point: &'static str,
        allow: fn(&Connection) -> Result<(), Error>,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let writer = self.writer();
        let written = roost_sqlite::write(&writer, point, |connection| {
            allow(connection).map_err(|error| Failed::Body(E::from(error)))?;
            let now = self.0.clock.now();
            let mut tx = Tx::new(connection, now, point);
            let value = body(&mut tx).map_err(Failed::Body)?;
            tx.end_step().map_err(|error| Failed::Body(E::from(error)))?;
            Ok(value)
        });
        let value = written.map_err(|failed| match failed {
            Failed::Body(error) => error,
            Failed::Database(error) => E::from(self.named(error.into())),
        })?;
        if let Some(path) = self.path() {
            roost_sqlite::bound_log(&writer, path, &self.0.settings);
        }
        Ok(value)
    }

    /// Runs `body` over one snapshot of the store; writers go on meanwhile.
    /// Returns what `body` returned.
    ///
    /// # Errors
    /// What `body` returns, or why SQLite could not read.
    pub fn read<T>(&self, body: impl FnOnce(&Read<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let Some(readers) = &self.0.readers else {
            return body(&Read { connection: &self.writer() });
        };
        let snapshot = |reader: &Connection| {
            roost_sqlite::snapshot(reader, |connection| body(&Read { connection }))
        };
        readers.read(snapshot).map_err(|error| self.named(error))
    }

    /// Reads the whole file and says whether it is sound: about a second for each 200 MB. Readers and
    /// the writer go on meanwhile. A start does so by itself after anything but a clean end.
    ///
    /// # Errors
    /// [`Error::Damaged`] when it is not sound.
    pub fn check(&self) -> Result<(), Error> {
        match &self.0.file {
            Some(file) => Ok(file.check(&self.0.settings, self.0.clock.now().0)?),
            None => Ok(()),
        }
    }

    /// Returns when the whole file was last read and found sound, by this process or another.
    #[must_use]
    pub fn checked_at(&self) -> UnixMillis {
        let checked_at = self.0.file.as_ref().map(|file| UnixMillis(file.checked_at()));
        checked_at.unwrap_or_else(|| self.0.clock.now())
    }

    /// Notes a clean end though this handle stays open: for a program that ends without letting go of
    /// what it has. The next start then needs not read the whole file.
    pub fn note_clean_end(&self) {
        if let Some(file) = &self.0.file {
            let writer = self.writer();
            self.0.readers.iter().for_each(Pool::close_idle);
            roost_sqlite::write_log_back(&writer, &self.0.settings);
            file.note_end();
        }
    }

    /// Returns the mark of this store, made once; two desktops on copies of one store share it.
    #[must_use]
    pub fn id(&self) -> StoreId {
        self.0.store_id
    }

    /// Returns the file, unless the store is in memory.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.file.as_ref().map(SharedLock::path)
    }

    /// Whether this file is a copy of the one in which the store lived, and nobody has said yet that
    /// it lives here: the first may be in use beside it.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn is_copy(&self) -> Result<bool, Error> {
        let Some(path) = self.path() else { return Ok(false) };
        self.read(|store| location::is_relocated_copy(store.connection, path))
    }

    /// Notes that the store lives in this file from here on.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn claim_location(&self) -> Result<(), Error> {
        let Some(path) = self.path() else { return Ok(()) };
        self.write("store.live_here", |store| location::claim(store.connection, path, store.now()))
    }

    /// Returns the clock that the store was opened with.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Notices every committed write, of this process or another.
    ///
    /// # Errors
    /// When a connection for it cannot be opened.
    pub fn watch(&self) -> Result<Watch, Error> {
        let reader = |path| roost_sqlite::reader(path, &self.0.settings);
        let connection = self.path().map(reader).transpose()?;
        let mut watch = Watch { connection, store: self.clone(), seen: 0 };
        watch.changed()?;
        Ok(watch)
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    pub(crate) fn writer(&self) -> MutexGuard<'_, Connection> {
        // A panic while the lock was held rolled its transaction back: the connection is sound.
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn named(&self, error: Error) -> Error {
        error.at(self.path().unwrap_or(Path::new("")))
    }
}

/// Why a write did not happen: its body returned an error, or the database could not begin or commit.
enum Failed<E> {
    Body(E),
    Database(roost_sqlite::Error),
}

impl<E> From<roost_sqlite::Error> for Failed<E> {
    fn from(error: roost_sqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// What can be read. Each table's file adds its part.
#[derive(Debug)]
pub struct Read<'c> {
    pub(crate) connection: &'c Connection,
}

/// One transaction: what can be written, and everything that can be read.
#[derive(Debug)]
pub struct Tx<'c> {
    read: Read<'c>,
    pub(crate) now: UnixMillis,
    pub(crate) point: &'static str,
    /// The seq of the first event of this transaction, once there is one.
    pub(crate) action: Option<i64>,
    /// What the command is called, once it said so.
    pub(crate) label: Option<crate::table::Label>,
    /// The posts of the events that were appended since the last step of history.
    pub(crate) touched: Touched,
    /// What the step of history says beside its events.
    pub(crate) step: StepNotes,
    /// The command, where it is a step of history though it changes no post.
    pub(crate) step_label: Option<crate::table::Label>,
}

impl Read<'_> {
    /// Returns the number of the file's format: its last migration's.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn format(&self) -> Result<u32, Error> {
        let sql = "SELECT max(version) FROM refinery_schema_history";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }
}

/// Returns the version of SQLite that the store is read and written with.
#[must_use]
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

impl<'c> Tx<'c> {
    fn new(connection: &'c Connection, now: UnixMillis, point: &'static str) -> Self {
        Self {
            read: Read { connection },
            now,
            point,
            action: None,
            label: None,
            touched: Touched::default(),
            step: StepNotes::default(),
            step_label: None,
        }
    }
}

impl Tx<'_> {
    /// Returns the instant of this transaction; all rows that it writes carry it.
    #[must_use]
    pub fn now(&self) -> UnixMillis {
        self.now
    }
}

impl<'c> Deref for Tx<'c> {
    type Target = Read<'c>;

    fn deref(&self) -> &Read<'c> {
        &self.read
    }
}

/// Tells whether the store changed since it was last asked.
#[derive(Debug)]
pub struct Watch {
    connection: Option<Connection>,
    store: Store,
    seen: i64,
}

impl Watch {
    /// Whether anything was committed since the last call. Costs one read of shared memory.
    ///
    /// # Errors
    /// When SQLite cannot tell.
    pub fn changed(&mut self) -> Result<bool, Error> {
        let version = match &self.connection {
            Some(reader) => reader.query_row("PRAGMA data_version", [], |row| row.get(0))?,
            None => i64::try_from(self.store.writer().total_changes()).unwrap_or(i64::MAX),
        };
        let changed = version != self.seen;
        self.seen = version;
        Ok(changed)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]
mod tests {
    use std::time::Duration;

    use roost_core::clock::ManualClock;

    use super::*;
    use crate::{Filter, NewPost};
    use roost_core::id::PostId;
    use roost_core::status::Actor;

    fn store(folder: &Path) -> Store {
        let options = Options { busy_timeout: Duration::from_millis(50), ..Options::default() };
        let clock = Arc::new(ManualClock::at(UnixMillis(1_800_000_000_000)));
        Store::open_with(folder.join("roost.db"), clock, options).expect("a store")
    }

    fn draft(text: String) -> NewPost {
        let content = roost_core::post::Content::of_texts([text]);
        NewPost::draft(PostId::new(UnixMillis(1_800_000_000_000)), content)
    }

    fn create(store: &Store, text: String) -> Result<(), Error> {
        store.write("create-post", |tx| tx.create_post(&draft(text), Actor::Person).map(|_| ()))
    }

    fn pragma(connection: &Connection, name: &str) -> i64 {
        connection.pragma_query_value(None, name, |row| row.get(0)).expect(name)
    }

    #[test]
    fn every_commit_is_on_disk_before_it_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        let writer = store.writer();
        assert_eq!(pragma(&writer, "synchronous"), 2, "2 is FULL");
        assert_eq!(pragma(&writer, "foreign_keys"), 1);
        assert_eq!(pragma(&writer, "busy_timeout"), 50);
        assert_eq!(pragma(&writer, "application_id"), 0x526f_6f73);
        let mode: String =
            writer.pragma_query_value(None, "journal_mode", |row| row.get(0)).expect("a mode");
        assert_eq!(mode, "wal");
    }

    #[test]
    fn a_full_disk_is_named_and_harms_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        create(&store, "there before".into()).expect("room for one");
        let pages = pragma(&store.writer(), "page_count");
        let limit = |pages| {
            let writer = store.writer();
            writer.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).expect("set");
        };
        limit(pages);
        let filled = (0..1_000).find_map(|_| create(&store, "x".repeat(20_000)).err());
        assert!(matches!(filled, Some(Error::DiskFull)), "{filled:?}");
        let count =
            |store: &Store| store.read(|read| read.count_posts(&Filter::default())).expect("read");
        let before = count(&store);
        assert!(before >= 1);
        limit(1_000_000);
        create(&store, "room again".into()).expect("it recovers");
        assert_eq!(count(&store), before + 1);
    }

    #[test]
    fn a_store_that_may_not_be_written_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        store.writer().pragma_update(None, "query_only", true).expect("set");
        let error = create(&store, "x".into()).expect_err("read-only");
        assert!(matches!(error, Error::ReadOnly), "{error:?}");
    }

    #[test]
    fn a_locked_store_is_named_and_works_afterwards() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        let other = Connection::open(folder.path().join("roost.db")).expect("another program");
        other.execute_batch("BEGIN EXCLUSIVE").expect("it locks");
        let error = create(&store, "x".into()).expect_err("locked");
        assert!(matches!(error, Error::Locked), "{error:?}");
        other.execute_batch("ROLLBACK").expect("it lets go");
        create(&store, "x".into()).expect("free again");
    }

    #[test]
    fn a_panic_in_a_write_leaves_nothing_and_breaks_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        let broken = store.clone();
        std::thread::spawn(move || {
            let _ = broken.write("create-post", |tx| -> Result<(), Error> {
                tx.create_post(&draft("half".into()), Actor::Person)?;
                panic!("the power is gone");
            });
        })
        .join()
        .expect_err("it panicked");
        create(&store, "whole".into()).expect("the writer is sound");
        let posts = store.read(|read| read.count_posts(&Filter::default())).expect("read");
        assert_eq!(posts, 1);
    }
}
