//! One write at a time: durable, whole or not at all, under a name.

use std::panic::{AssertUnwindSafe, catch_unwind};

use roost_sqlite::{Error, snapshot, write};
use rusqlite::Connection;

use crate::support::*;

#[test]
fn a_write_that_fails_or_panics_leaves_nothing_and_breaks_nothing() {
    let home = Home::new();
    let opened = home.open().expect("a database");
    let failing = write(&opened.connection, "fails", |c| {
        put(c, 1)?;
        Err::<(), _>(Error::Stopped)
    });
    assert!(matches!(failing, Err(Error::Stopped)));
    let panicking = catch_unwind(AssertUnwindSafe(|| {
        write(&opened.connection, "panics", |c| -> Result<(), Error> {
            put(c, 2)?;
            panic!("a bug");
        })
    }));
    assert!(panicking.is_err());
    write(&opened.connection, "whole", |c| put(c, 3)).expect("the connection is sound");
    assert_eq!(numbers(&opened.connection), [3]);
}

#[test]
fn a_full_disk_a_lock_and_a_read_only_file_are_named_and_pass() {
    let home = Home::new();
    let connection = home.open().expect("a database").connection;
    let big = |c: &Connection| {
        Ok::<_, Error>(c.execute("INSERT INTO row (body) VALUES (zeroblob(100000))", [])?)
    };
    room_for(&connection, 3);
    assert!(matches!(write(&connection, "big", big), Err(Error::DiskFull)));
    assert_eq!(count(&connection), 0);
    room_for(&connection, 1_000_000);

    let other = home.other_program();
    other.execute_batch("BEGIN IMMEDIATE").expect("it locks");
    assert!(matches!(write(&connection, "big", big), Err(Error::Locked)));
    other.execute_batch("ROLLBACK").expect("it lets go");

    connection.pragma_update(None, "query_only", true).expect("set");
    assert!(matches!(write(&connection, "big", big), Err(Error::ReadOnly)));
    connection.pragma_update(None, "query_only", false).expect("set");

    write(&connection, "big", big).expect("it recovers");
    assert_eq!(count(&connection), 1);
}

#[test]
fn one_snapshot_is_one_moment() {
    let home = Home::new();
    let opened = home.open().expect("a database");
    let reader = roost_sqlite::reader(&home.path(), &settings()).expect("a reader");
    let both = snapshot(&reader, |c| {
        let before = count(c);
        write(&opened.connection, "meanwhile", |c| put(c, 1))?;
        Ok::<_, Error>((before, count(c)))
    });
    assert_eq!(both.expect("read"), (0, 0));
    assert_eq!(count(&reader), 1);
    assert!(put(&reader, 2).is_err(), "a reader writes nothing");
}
