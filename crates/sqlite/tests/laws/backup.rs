//! Backups: whole, checked and private, or none.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use roost_sqlite::{Error, copier, copy, put_in_place, set_aside};

use crate::support::*;

#[test]
fn a_backup_made_while_one_writes_is_one_moment() {
    let home = Home::new();
    let connection = home.open().expect("a database").connection;
    let target = home.folder.path().join("backup.db");
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..20 {
                copy(&copier(&home.path(), &settings()).expect("the file"), &target)
                    .expect("a backup");
                let backup = rusqlite::Connection::open(&target).expect("a database");
                assert_eq!(count(&backup) % 2, 0, "half a write was copied");
            }
            is_done.store(true, Ordering::SeqCst);
        });
        let mut n = 0;
        while !is_done.load(Ordering::SeqCst) {
            roost_sqlite::write(&connection, "pair", |c| {
                put(c, n)?;
                put(c, n + 1)
            })
            .expect("it is not disturbed");
            n += 2;
        }
    });
}

#[test]
fn a_backup_that_fails_leaves_what_was_there() {
    let home = Home::filled();
    let target = home.folder.path().join("backup.db");
    copy(&copier(&home.path(), &settings()).expect("the file"), &target).expect("a backup");
    let before = fs::read(&target).expect("bytes");
    let dangling = "PRAGMA foreign_keys = OFF; UPDATE row SET parent = 404 WHERE n = 7;";
    home.other_program().execute_batch(dangling).expect("a hand in the file");
    let error = copy(&copier(&home.path(), &settings()).expect("the file"), &target);
    assert!(matches!(error, Err(Error::Damaged { .. })), "{error:?}");
    assert_eq!(fs::read(&target).expect("bytes"), before);
    let leftovers = fs::read_dir(home.folder.path()).expect("files").flatten();
    let parts = leftovers.filter(|entry| entry.file_name().to_string_lossy().contains(".part"));
    assert_eq!(parts.count(), 0);
}

#[cfg(unix)]
#[test]
fn a_backup_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::filled();
    let target = home.folder.path().join("backup.db");
    copy(&copier(&home.path(), &settings()).expect("the file"), &target).expect("a backup");
    assert_eq!(fs::metadata(&target).expect("there").permissions().mode() & 0o777, 0o600);
}

/// A closed database whose last commit, which leaves 10 rows, stands in its log alone.
fn with_a_log() -> Home {
    let home = Home::filled();
    let other = home.other_program();
    other.execute_batch("PRAGMA wal_autocheckpoint = 0; DELETE FROM row WHERE n > 9").expect("log");
    let copied = Home::new();
    for suffix in ["", "-wal"] {
        let name = format!("test.db{suffix}");
        fs::copy(home.folder.path().join(&name), copied.folder.path().join(&name)).expect("copied");
    }
    copied
}

#[test]
fn what_is_set_aside_is_whole_without_its_log() {
    let home = with_a_log();
    let aside = home.folder.path().join("aside.db");
    set_aside(&home.path(), &aside).expect("moved");
    for name in ["test.db", "test.db-wal", "aside.db-wal"] {
        assert!(!home.folder.path().join(name).exists(), "{name}");
    }
    assert_eq!(count(&rusqlite::Connection::open(&aside).expect("a database")), 10);
}

#[test]
fn a_damaged_database_is_set_aside_with_its_log() {
    let home = with_a_log();
    fs::write(home.path(), [0x5a; 8192]).expect("ruined");
    let aside = home.folder.path().join("aside.db");
    set_aside(&home.path(), &aside).expect("moved");
    assert_eq!(fs::read(&aside).expect("kept"), [0x5a; 8192]);
    for log in ["test.db-wal", "test.db-journal"] {
        assert!(!home.folder.path().join(log).exists(), "{log}");
    }
}

#[test]
fn no_database_is_put_where_the_log_of_another_lies_until_that_is_set_aside() {
    let home = with_a_log();
    let at = |name: &str| home.folder.path().join(name);
    let fresh = Home::filled();
    fs::copy(fresh.path(), at("fresh.db")).expect("a backup");
    // The process ended when the database was moved and its log was not.
    fs::rename(home.path(), at("aside.db")).expect("moved");
    let error = put_in_place(&at("fresh.db"), &home.path()).expect_err("another's log");
    assert!(matches!(&error, Error::Io { path, .. } if *path == at("test.db-wal")), "{error:?}");
    assert!(!home.path().exists() && at("fresh.db").exists());
    set_aside(&home.path(), &at("second.db")).expect("moved");
    put_in_place(&at("fresh.db"), &home.path()).expect("in its place");
    assert_eq!(count(&home.other_program()), 200);
}
