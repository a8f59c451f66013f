//! A small product: one table, two migrations.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::path::PathBuf;
use std::time::Duration;

use refinery::{Migration, Runner};
use roost_sqlite::{Depth, Error, ExclusiveDatabase, Schema, Settings, open_exclusive};
use rusqlite::Connection;

/// `Test`.
pub(crate) const APPLICATION_ID: u32 = 0x5465_7374;
pub(crate) const SCHEMA: Schema =
    Schema { application_id: Some(APPLICATION_ID), migrations: current };
/// The product's version before this one.
pub(crate) const EARLIER: Schema =
    Schema { application_id: Some(APPLICATION_ID), migrations: earlier };

const FIRST: &str = "CREATE TABLE parent (id INTEGER PRIMARY KEY);
    CREATE TABLE row (n INTEGER PRIMARY KEY, body BLOB, parent INTEGER REFERENCES parent);";
const SECOND: &str = "CREATE INDEX row_of_parent ON row (parent);";

fn migration(name: &str, sql: &str) -> Migration {
    Migration::unapplied(name, sql).expect("a migration")
}

fn earlier() -> Runner {
    Runner::new(&[migration("V1__first", FIRST)])
}

fn current() -> Runner {
    Runner::new(&[migration("V1__first", FIRST), migration("V2__second", SECOND)])
}

pub(crate) fn settings() -> Settings {
    Settings { busy_timeout: Duration::from_millis(50), ..Settings::new() }
}

/// A scratch folder and a place for a database in it.
pub(crate) struct Home {
    pub(crate) folder: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }

    pub(crate) fn open(&self) -> Result<ExclusiveDatabase, Error> {
        open_exclusive(&self.path(), &SCHEMA, &settings(), Depth::Whole, Duration::ZERO)
    }

    /// A closed database with rows in it.
    pub(crate) fn filled() -> Self {
        let home = Self::new();
        let opened = home.open().expect("a database");
        let fill = |connection: &Connection| {
            (0..200).try_for_each(|n| {
                let row = "INSERT INTO row (n, body) VALUES (?1, zeroblob(500))";
                connection.execute(row, [n]).map(drop)
            })
        };
        roost_sqlite::write::<_, Error>(&opened.connection, "fill", |c| Ok(fill(c)?))
            .expect("filled");
        home
    }

    /// Other databases made their log first and their mark in it; the last to close them only read,
    /// so that nothing was written back. `application_id` stands in the log alone.
    pub(crate) fn marked_in_its_log(application_id: u32) -> Self {
        let home = Self::new();
        let mut writer = home.other_program();
        writer.pragma_update(None, "journal_mode", "WAL").expect("a log");
        writer.pragma_update(None, "application_id", application_id).expect("a mark");
        earlier().set_grouped(true).run(&mut writer).expect("the schema");
        put(&writer, 7).expect("written");
        let reader = roost_sqlite::reader(&home.path(), &settings()).expect("a reader");
        assert_eq!(numbers(&reader), [7]);
        drop(writer);
        drop(reader);
        assert_eq!(home.mark_in_the_file(), 0, "the mark stands in the log");
        home
    }

    /// The mark in the file's own header, whatever its log says.
    pub(crate) fn mark_in_the_file(&self) -> u32 {
        let header = std::fs::read(self.path()).expect("bytes");
        u32::from_be_bytes(header[68..72].try_into().expect("four bytes"))
    }

    /// Another program's connection to the file.
    pub(crate) fn other_program(&self) -> Connection {
        Connection::open(self.path()).expect("the file")
    }
}

pub(crate) fn put(connection: &Connection, n: i64) -> Result<usize, Error> {
    Ok(connection.execute("INSERT INTO row (n) VALUES (?1)", [n])?)
}

pub(crate) fn count(connection: &Connection) -> i64 {
    connection.query_row("SELECT count(*) FROM row", [], |row| row.get(0)).expect("a count")
}

pub(crate) fn numbers(connection: &Connection) -> Vec<i64> {
    let mut statement = connection.prepare("SELECT n FROM row ORDER BY n").expect("rows");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}

/// Lets the file grow by so many pages: a full disk.
pub(crate) fn room_for(connection: &Connection, pages: i64) {
    let used: i64 =
        connection.pragma_query_value(None, "page_count", |row| row.get(0)).expect("a count");
    connection
        .pragma_update_and_check(None, "max_page_count", used + pages, |_| Ok(()))
        .expect("a limit");
}
