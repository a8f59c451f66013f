//! Backups: whole, checked and private, or none.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use roost_sqlite::{Error, copier, copy, set_aside};

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

#[test]
fn what_is_set_aside_takes_its_log_along() {
    let home = Home::filled();
    let other = home.other_program();
    other.execute_batch("PRAGMA wal_autocheckpoint = 0; DELETE FROM row WHERE n > 9").expect("log");
    let copied = Home::new();
    for suffix in ["", "-wal"] {
        let name = format!("test.db{suffix}");
        fs::copy(home.folder.path().join(&name), copied.folder.path().join(&name)).expect("copied");
    }
    let aside = copied.folder.path().join("aside.db");
    set_aside(&copied.path(), &aside).expect("moved");
    assert!(!copied.path().exists());
    assert_eq!(count(&rusqlite::Connection::open(&aside).expect("a database")), 10);
}
