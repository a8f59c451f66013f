//! What is told apart before a file is trusted, and that it is left as it was.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

use crate::common::*;
use roost_core::status::Actor;
use roost_store::{Error, Filter, Store};
use rusqlite::Connection;

/// A closed store with some posts in it.
fn filled() -> Home {
    let home = Home::new();
    let store = home.store();
    for n in 0..200 {
        create(&store, &draft(&format!("a post with words in it, number {n}")));
    }
    drop(store);
    assert!(!home.folder.path().join("roost.db-wal").exists(), "closed and checkpointed");
    home
}

/// Opening must fail and leave every byte.
fn refused(home: &Home) -> Error {
    let before = fs::read(home.path()).ok();
    let error = home.open().expect_err("refused");
    assert_eq!(fs::read(home.path()).ok(), before, "the file was touched: {error}");
    let words = error.to_string();
    assert!(words.contains("Nothing was") || words.contains("left as it was"), "{words}");
    error
}

fn raw(home: &Home) -> Connection {
    Connection::open(home.path()).expect("the file")
}

#[test]
fn what_was_written_is_there_after_a_restart() {
    let home = filled();
    let posts = read(&home.store(), |read| read.count_posts(&Filter::default()));
    assert_eq!(posts, 200);
}

#[test]
fn a_newer_store_is_refused_and_untouched() {
    let home = filled();
    raw(&home)
        .execute(
            "INSERT INTO refinery_schema_history VALUES (99, 'later', '2030-01-01T00:00:00Z', '1')",
            [],
        )
        .expect("written by a newer one");
    let error = refused(&home);
    assert!(matches!(error, Error::Newer { found: 99, .. }), "{error:?}");
    assert!(error.to_string().contains("Update Roost"), "{error}");
}

#[test]
fn a_newer_store_is_untouched_even_when_its_last_writes_are_in_the_log() {
    let home = filled();
    let newer = raw(&home);
    newer
        .execute_batch(
            "PRAGMA wal_autocheckpoint = 0;
             INSERT INTO refinery_schema_history VALUES (99, 'l', '2030-01-01T00:00:00Z', '1');",
        )
        .expect("written by a newer one");
    let copy = Home::new();
    for suffix in ["", "-wal", ".here"] {
        let name = format!("roost.db{suffix}");
        fs::copy(home.folder.path().join(&name), copy.folder.path().join(&name)).expect("copied");
    }
    let log = copy.folder.path().join("roost.db-wal");
    let before = fs::read(&log).expect("a log");
    assert!(!before.is_empty());
    assert!(matches!(refused(&copy), Error::Newer { .. }));
    assert_eq!(fs::read(&log).expect("a log"), before);
}

#[test]
fn a_garbled_record_of_migrations_is_an_error_and_no_panic() {
    for garbage in [
        "UPDATE refinery_schema_history SET checksum = 'x'",
        "UPDATE refinery_schema_history SET checksum = NULL",
        "UPDATE refinery_schema_history SET applied_on = 'yesterday'",
        "UPDATE refinery_schema_history SET applied_on = '2026-02-31T00:00:00Z'",
        "UPDATE refinery_schema_history SET applied_on = x'00ff'",
        "UPDATE refinery_schema_history SET name = 'other'",
        "UPDATE refinery_schema_history SET version = 'one' WHERE version = 1",
        "UPDATE refinery_schema_history SET version = NULL WHERE version = 1",
        "UPDATE refinery_schema_history SET version = -1 WHERE version = 1",
        "ALTER TABLE refinery_schema_history DROP COLUMN checksum",
        "DROP TABLE refinery_schema_history",
    ] {
        let home = filled();
        raw(&home).execute_batch(garbage).expect(garbage);
        let error = refused(&home);
        assert!(matches!(error, Error::History { .. }), "{garbage}: {error:?}");
        assert!(error.wants_backup());
    }
}

#[test]
fn an_emptied_file_is_not_taken_for_a_new_store() {
    let home = filled();
    fs::write(home.path(), b"").expect("emptied");
    assert!(matches!(refused(&home), Error::Emptied { .. }));
}

#[test]
fn a_file_that_is_gone_is_not_silently_made_anew() {
    let home = filled();
    fs::remove_file(home.path()).expect("removed");
    assert!(matches!(refused(&home), Error::Missing { .. }));
    assert!(!home.path().exists());
}

#[test]
fn an_empty_file_where_no_store_ever_was_becomes_one() {
    let home = Home::new();
    fs::write(home.path(), b"").expect("empty");
    create(&home.store(), &draft("x"));
}

#[test]
fn other_files_are_told_apart() {
    let home = Home::new();
    fs::write(home.path(), b"Dear diary, today I wrote a text file. ".repeat(20)).expect("text");
    assert!(matches!(refused(&home), Error::NotADatabase { .. }));

    let home = Home::new();
    raw(&home).execute_batch("CREATE TABLE bookmark (url TEXT)").expect("another program's");
    assert!(matches!(refused(&home), Error::OtherApplication { application_id: 0, .. }));

    let home = Home::new();
    fs::create_dir(home.path()).expect("a folder");
    let error = home.open().expect_err("a folder is no store");
    assert!(matches!(error, Error::NotADatabase { .. }), "{error:?}");
}

#[test]
fn damage_is_named() {
    type Blow = fn(&mut Vec<u8>);
    let blows: [(&str, Blow); 5] = [
        ("header", |bytes| bytes[..16].fill(0)),
        ("cut in half", |bytes| bytes.truncate(bytes.len() / 2)),
        ("cut to a stump", |bytes| bytes.truncate(50)),
        ("garbage", |bytes| {
            let middle = bytes.len() / 2;
            bytes[4_096..middle].iter_mut().for_each(|byte| *byte ^= 0x5a);
        }),
        ("last pages zeroed", |bytes| {
            let from = bytes.len() - 8 * 4_096;
            bytes[from..].fill(0);
        }),
    ];
    for (name, blow) in blows {
        let home = filled();
        let mut bytes = fs::read(home.path()).expect("bytes");
        blow(&mut bytes);
        fs::write(home.path(), bytes).expect("damaged");
        let error = refused(&home);
        assert!(matches!(error, Error::Damaged { .. }), "{name}: {error:?}");
        assert!(error.wants_backup() && error.to_string().contains("backup"), "{name}");
    }
}

#[test]
fn every_zeroed_page_is_noticed() {
    let home = filled();
    let whole = fs::read(home.path()).expect("bytes");
    let pages = whole.len() / 4_096;
    for page in 0..pages {
        let mut bytes = whole.clone();
        bytes[page * 4_096..(page + 1) * 4_096].fill(0);
        fs::write(home.path(), bytes).expect("damaged");
        let error = refused(&home);
        assert!(
            matches!(error, Error::Damaged { .. } | Error::History { .. }),
            "page {page}: {error:?}"
        );
    }
}

#[test]
fn a_reference_to_nothing_is_damage() {
    let home = filled();
    let other = raw(&home);
    other
        .execute_batch(
            "PRAGMA foreign_keys = OFF;
             UPDATE scheduled_post SET account_id = '404' WHERE seq = 7;",
        )
        .expect("a hand in the file");
    drop(other);
    let error = refused(&home);
    assert!(error.to_string().contains("scheduled_post"), "{error}");
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
}

#[test]
fn a_file_that_another_program_keeps_to_itself_is_locked_not_damaged() {
    let home = filled();
    let other = raw(&home);
    other
        .execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM notification; COMMIT;",
        )
        .expect("it keeps the file");
    let error = refused(&home);
    assert!(matches!(error, Error::Locked), "{error:?}");
    drop(other);
    home.store();
}

#[test]
fn an_opener_that_hangs_is_waited_for_only_so_long() {
    let home = filled();
    let lock = fs::File::create(home.folder.path().join("roost.db.lock")).expect("the lock");
    lock.lock().expect("held");
    assert!(matches!(refused(&home), Error::Locked));
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let home = filled();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o444)).expect("set");
    if fs::OpenOptions::new().append(true).open(home.path()).is_ok() {
        println!("skipped: who runs the tests may write everything");
        return;
    }
    assert!(matches!(refused(&home), Error::ReadOnly));
}

#[test]
fn eight_openers_at_once_find_one_store() {
    let home = Home::new();
    let path = home.path();
    let barrier = Barrier::new(8);
    let ids: Vec<_> = std::thread::scope(|scope| {
        let open = || {
            barrier.wait();
            let store = Store::open(&path, home.clock.clone()).expect("opened");
            create(&store, &draft("x"));
            store.id()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(read(&home.store(), |read| read.count_posts(&Filter::default())), 8);
}

#[test]
fn a_crash_before_the_first_migration_is_no_damage() {
    let home = Home::new();
    raw(&home)
        .execute_batch("PRAGMA application_id = 0x526f6f73; PRAGMA journal_mode = WAL;")
        .expect("the first commit of a new store");
    create(&home.store(), &draft("x"));
}

#[test]
fn threads_read_while_one_writes() {
    let home = Home::new();
    let store = home.store();
    let written = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..50 {
                write(&store, |tx| {
                    tx.create_post(&draft(&format!("{n} one")), Actor::Person)?;
                    tx.create_post(&draft(&format!("{n} two")), Actor::Person)
                });
            }
            written.store(true, Ordering::SeqCst);
        });
        for _ in 0..4 {
            scope.spawn(|| {
                while !written.load(Ordering::SeqCst) {
                    let (one, two) = read(&store, |read| {
                        Ok((
                            read.count_posts(&Filter::default())?,
                            read.status_counts(None)?.total(),
                        ))
                    });
                    assert_eq!(one, two, "one read is one moment");
                    assert_eq!(one % 2, 0, "half a write was seen");
                }
            });
        }
    });
    assert_eq!(read(&store, |read| read.count_posts(&Filter::default())), 100);
}

#[test]
fn a_watch_sees_writes_of_this_and_of_another_process() {
    let home = Home::new();
    let store = home.store();
    let mut watch = store.watch().expect("a watch");
    assert!(!watch.changed().expect("asked"));
    create(&store, &draft("x"));
    assert!(watch.changed().expect("asked"));
    assert!(!watch.changed().expect("asked"));
    raw(&home).execute("DELETE FROM notification WHERE seq < 0", []).expect("nothing");
    create(&home.store(), &draft("elsewhere"));
    assert!(watch.changed().expect("asked"));
}

#[test]
fn a_store_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    let home = Home::new();
    shared(&home.store());
    let _: Arc<dyn roost_core::clock::Clock> = home.store().clock().clone();
    assert_eq!(home.store().path(), Some(Path::new(&home.path())));
}
