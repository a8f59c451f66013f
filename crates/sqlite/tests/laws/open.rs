//! What is told apart before a file is trusted, and that it is left as it was.

use std::fs;
use std::time::Duration;

use roost_sqlite::{
    Depth, Error, Found, Schema, expect_current, inspect, lock, migrate, open_exclusive, reader,
    writer,
};
use rusqlite::Connection;

use crate::support::*;

/// Opening must fail and leave every byte.
fn refused(home: &Home) -> Error {
    let before = fs::read(home.path()).ok();
    let error = home.open().expect_err("refused");
    assert_eq!(fs::read(home.path()).ok(), before, "the file was touched: {error}");
    error
}

fn pragma(connection: &Connection, name: &str) -> String {
    use rusqlite::types::Value;
    match connection.pragma_query_value(None, name, |row| row.get(0)).expect(name) {
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn every_commit_is_synced_and_every_file_carries_its_product_s_mark() {
    let home = Home::new();
    let opened = home.open().expect("a database");
    let expected = [
        ("synchronous", "2"),
        ("journal_mode", "wal"),
        ("foreign_keys", "1"),
        ("trusted_schema", "0"),
        ("temp_store", "2"),
        ("busy_timeout", "50"),
    ];
    for (name, value) in expected {
        assert_eq!(pragma(&opened.connection, name), value, "{name}");
    }
    assert_eq!(pragma(&opened.connection, "application_id"), APPLICATION_ID.to_string());
}

#[test]
fn what_was_written_is_there_after_a_restart() {
    let home = Home::filled();
    assert_eq!(count(&home.open().expect("opened").connection), 200);
}

#[cfg(unix)]
#[test]
fn everything_that_is_made_is_its_owner_s_alone_and_older_files_become_so() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::filled();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o644)).expect("as it was once");
    let _opened = home.open().expect("opened");
    for entry in fs::read_dir(home.folder.path()).expect("files") {
        let entry = entry.expect("a file");
        let mode = entry.metadata().expect("there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
}

#[test]
fn an_older_file_is_brought_up_to_date_and_nothing_of_it_is_lost() {
    let home = Home::new();
    let opened = open_exclusive(&home.path(), &EARLIER, &settings(), Depth::Whole, Duration::ZERO);
    put(&opened.expect("made by the version before").connection, 7).expect("written");
    let beside = reader(&home.path(), &settings()).expect("a reader");
    let error = expect_current(&beside, &home.path(), &SCHEMA).expect_err("not up to date");
    assert!(matches!(error, Error::Older { .. }), "{error}");
    drop(beside);
    let opened = home.open().expect("opened");
    assert_eq!(numbers(&opened.connection), [7]);
    expect_current(&opened.connection, &home.path(), &SCHEMA).expect("up to date");
}

#[test]
fn a_newer_file_is_refused_and_untouched() {
    let home = Home::filled();
    let later = "INSERT INTO refinery_schema_history VALUES (99, 'l', '2030-01-01T00:00:00Z', '1')";
    home.other_program().execute_batch(later).expect("written by a newer one");
    let error = refused(&home);
    assert!(matches!(error, Error::Newer { found: 99, known: 2, .. }), "{error:?}");
}

#[test]
fn a_garbled_record_of_migrations_is_an_error_and_no_panic() {
    for garbage in [
        "UPDATE refinery_schema_history SET checksum = 'x'",
        "UPDATE refinery_schema_history SET applied_on = 'yesterday'",
        "UPDATE refinery_schema_history SET name = NULL",
        "UPDATE refinery_schema_history SET version = 'one' WHERE version = 1",
        "UPDATE refinery_schema_history SET version = -1 WHERE version = 1",
        "ALTER TABLE refinery_schema_history DROP COLUMN checksum",
        "DROP TABLE refinery_schema_history",
    ] {
        let home = Home::filled();
        home.other_program().execute_batch(garbage).expect(garbage);
        let error = refused(&home);
        assert!(matches!(error, Error::History { .. }), "{garbage}: {error:?}");
    }
}

#[test]
fn a_migration_and_its_record_are_one_transaction() {
    let home = Home::new();
    let mut connection = writer(&home.path(), &SCHEMA, &settings(), true).expect("a file");
    // The record's table stands in the way of the last statement of the batch: the record.
    connection
        .execute_batch(
            "CREATE TABLE refinery_schema_history
                 (version INT4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255),
                  checksum VARCHAR(255));
             CREATE TRIGGER refuse BEFORE INSERT ON refinery_schema_history
             BEGIN SELECT RAISE(ABORT, 'power is gone'); END;",
        )
        .expect("tables");
    migrate(&mut connection, &home.path(), &SCHEMA).expect_err("the record is refused");
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'row'";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0)).expect("a count");
    assert_eq!(tables, 0, "the schema stayed without its record");
}

#[test]
fn other_files_are_told_apart() {
    let home = Home::new();
    fs::write(home.path(), b"Dear diary, today I wrote a text file. ".repeat(20)).expect("text");
    assert!(matches!(refused(&home), Error::NotADatabase { .. }));

    let home = Home::new();
    home.other_program().execute_batch("CREATE TABLE bookmark (url TEXT)").expect("another's");
    assert!(matches!(refused(&home), Error::OtherApplication { application_id: 0, .. }));

    // A product without a mark knows its files by their record of migrations.
    let unmarked = Schema { application_id: None, ..SCHEMA };
    let error = inspect(&home.path(), &unmarked, &settings(), Depth::Header).expect_err("foreign");
    assert!(matches!(error, Error::History { .. }), "{error:?}");

    let home = Home::new();
    fs::create_dir(home.path()).expect("a folder");
    assert!(matches!(refused(&home), Error::NotADatabase { .. }));
}

#[test]
fn a_file_whose_mark_stands_only_in_its_log_is_ours_and_gets_the_mark_when_it_is_opened() {
    let home = Home::marked_in_its_log(APPLICATION_ID);
    let look = || inspect(&home.path(), &SCHEMA, &settings(), Depth::Header).expect("ours");
    assert_eq!(look(), Found::Database { is_pending: true });
    let opened = home.open().expect("opened");
    assert_eq!(numbers(&opened.connection), [7]);
    assert_eq!(home.mark_in_the_file(), APPLICATION_ID, "a lost log would take the mark along");
}

#[test]
fn a_log_does_not_make_another_program_s_file_ours() {
    for (application_id, told) in [(0, 0), (0x4f74_6872, 0x4f74_6872)] {
        let home = Home::marked_in_its_log(application_id);
        let log = || fs::read(home.folder.path().join("test.db-wal")).expect("a log");
        let before = log();
        let error = refused(&home);
        let is_told = matches!(error, Error::OtherApplication { application_id, .. } if application_id == told);
        assert!(is_told, "{error:?}");
        assert_eq!(log(), before, "its log was touched");
    }
}

#[test]
fn no_file_and_an_empty_file_are_told_to_the_product() {
    let home = Home::new();
    let look = || inspect(&home.path(), &SCHEMA, &settings(), Depth::Whole).expect("looked");
    assert_eq!(look(), Found::Nothing);
    fs::write(home.path(), b"").expect("emptied");
    assert_eq!(look(), Found::Empty);
    drop(home.open().expect("it becomes one"));
    assert_eq!(look(), Found::Database { is_pending: false });
}

#[test]
fn damage_is_named_wherever_it_is() {
    let home = Home::filled();
    let whole = fs::read(home.path()).expect("bytes");
    for page in 0..whole.len() / 4_096 {
        let mut bytes = whole.clone();
        bytes[page * 4_096..(page + 1) * 4_096].fill(0);
        fs::write(home.path(), bytes).expect("damaged");
        let error = refused(&home);
        let told = matches!(
            error,
            Error::Damaged { .. } | Error::History { .. } | Error::NotADatabase { .. }
        );
        assert!(told, "page {page}: {error:?}");
    }
    fs::write(home.path(), &whole[..whole.len() / 2]).expect("cut");
    let error = refused(&home);
    assert!(matches!(&error, Error::Damaged { path, .. } if *path == home.path()), "{error:?}");
}

#[test]
fn a_reference_to_nothing_is_damage() {
    let home = Home::filled();
    let dangling = "PRAGMA foreign_keys = OFF; UPDATE row SET parent = 404 WHERE n = 7;";
    home.other_program().execute_batch(dangling).expect("a hand in the file");
    let error = refused(&home);
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("a row of row refers to a parent"), "{error}");
}

#[test]
fn a_file_that_another_program_keeps_to_itself_is_locked_not_damaged() {
    let home = Home::filled();
    let other = home.other_program();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").expect("it keeps it");
    assert!(matches!(refused(&home), Error::Locked));
    drop(other);
    home.open().expect("free again");
}

#[test]
fn a_second_process_finds_the_file_in_use_until_the_first_lets_go() {
    let home = Home::filled();
    let first = home.open().expect("opened");
    assert!(matches!(home.open(), Err(Error::InUse { .. })));
    drop(first);
    home.open().expect("free again");
}

#[cfg(unix)]
#[test]
fn whatever_links_lead_to_a_file_it_has_one_lock() {
    use std::os::unix::fs::symlink;
    let home = Home::new();
    let at = |name: &str| home.folder.path().join(name);
    // The second link is there before the file is.
    symlink(home.folder.path(), at("folder")).expect("a link");
    symlink("test.db", at("link.db")).expect("a link");
    for first in ["link.db", "test.db", "folder/link.db"] {
        let held = lock(&at(first), Duration::ZERO).expect("free");
        for second in ["test.db", "link.db", "folder/test.db"] {
            let error = lock(&at(second), Duration::ZERO).expect_err("in use");
            assert!(matches!(error, Error::InUse { .. }), "{first}, {second}: {error}");
        }
        drop(held);
    }
    let through =
        open_exclusive(&at("link.db"), &SCHEMA, &settings(), Depth::Whole, Duration::ZERO);
    through.expect("a link that leads to no file yet makes it");
    assert!(home.path().exists());
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::filled();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o400)).expect("set");
    if fs::OpenOptions::new().append(true).open(home.path()).is_ok() {
        println!("skipped: this user may write everything");
        return;
    }
    assert!(matches!(refused(&home), Error::ReadOnly));
}
