//! Backups: whole, checked, rotated, and put back without destroying anything.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::fs;
use std::time::Duration;

use crate::common::*;
use roost_core::clock::{Clock as _, UnixMillis};
use roost_store::{BACKUP_BYTES_MAX, Error, Filter, Store, backups, restore_backup, start_anew};

fn count(store: &Store) -> u64 {
    read(store, |read| read.count_posts(&Filter::default()))
}

#[test]
fn a_backup_is_a_whole_store() {
    let home = Home::new();
    let store = home.store();
    create(&store, &draft("in the backup"));
    let target = home.folder.path().join("elsewhere.db");
    store.backup_to(&target).expect("a backup");
    create(&store, &draft("after it"));
    store.backup_to(&target).expect("written over");
    let copy = Store::open(&target, home.clock).expect("it opens");
    assert_eq!((count(&copy), copy.id()), (2, store.id()));
    let text = Filter { text: Some("backup".into()), ..Filter::default() };
    assert_eq!(read(&copy, |read| read.count_posts(&text)), 1, "search is in it");
}

#[test]
fn a_backup_that_fails_leaves_the_older_one() {
    let home = Home::new();
    let store = home.store();
    let target = home.folder.path().join("a folder");
    fs::create_dir_all(target.join("with a file")).expect("in the way");
    store.backup_to(&target).expect_err("a folder is in the way");
    assert!(target.join("with a file").exists());
    assert!(!home.folder.path().join("a folder.part").exists() || target.is_dir());
}

#[test]
fn of_one_day_the_newest_backups_stay() {
    let home = Home::new();
    let store = home.store();
    let mut made = Vec::new();
    for n in 0..5 {
        // Two of them within the same second.
        home.clock.advance(Duration::from_millis(700));
        create(&store, &draft(&n.to_string()));
        made.push(store.backup().expect("a backup").path);
    }
    let kept: Vec<_> =
        backups(home.path()).expect("a list").into_iter().map(|backup| backup.path).collect();
    made.reverse();
    assert_eq!(kept, made[..3]);
}

#[test]
fn backups_stay_within_the_size_that_the_person_chose() {
    let home = Home::new();
    let store = home.store();
    let one = store.backup().expect("a backup");
    let two_and_a_half = one.bytes * 5 / 2;
    write(&store, |write| write.save_setting(BACKUP_BYTES_MAX, &two_and_a_half));
    let mut made = vec![one.path];
    for _ in 0..3 {
        home.clock.advance(Duration::from_hours(24));
        made.push(store.backup().expect("a backup").path);
    }
    let kept: Vec<_> =
        backups(home.path()).expect("a list").into_iter().map(|backup| backup.path).collect();
    made.reverse();
    assert_eq!(kept, made[..2]);
}

#[test]
fn a_damaged_store_comes_back_and_the_damaged_file_is_kept() {
    let home = Home::new();
    let store = home.store();
    create(&store, &draft("saved"));
    let backup = store.backup().expect("a backup");
    drop(store);
    fs::write(home.path(), b"ruined").expect("damaged");
    let error = home.open().expect_err("damaged");
    assert!(error.wants_backup(), "{error:?}");
    let newest = &backups(home.path()).expect("a list")[0];
    assert_eq!(newest.path, backup.path);
    let aside = restore_backup(home.path(), &newest.path, home.clock.as_ref())
        .expect("restored")
        .expect("moved aside");
    assert_eq!(fs::read(aside).expect("kept"), b"ruined");
    assert_eq!(count(&home.store()), 1);
}

#[test]
fn an_unsound_backup_is_refused_and_changes_nothing() {
    let home = Home::new();
    create(&home.store(), &draft("x"));
    let before = fs::read(home.path()).expect("bytes");
    let bad = home.folder.path().join("bad.db");
    for bytes in [&b""[..], b"no database at all", &before[..before.len() / 2]] {
        fs::write(&bad, bytes).expect("written");
        restore_backup(home.path(), &bad, home.clock.as_ref()).expect_err("refused");
        assert_eq!(fs::read(home.path()).expect("bytes"), before);
    }
    let none = home.folder.path().join("none.db");
    let error = restore_backup(home.path(), none, home.clock.as_ref()).expect_err("not there");
    assert!(matches!(error, Error::Missing { .. }), "{error:?}");
}

#[test]
fn an_open_store_is_not_replaced() {
    let home = Home::new();
    let store = home.store();
    let backup = store.backup().expect("a backup");
    for error in [
        restore_backup(home.path(), &backup.path, home.clock.as_ref()),
        start_anew(home.path(), home.clock.as_ref()),
    ] {
        assert!(matches!(error, Err(Error::InUse { .. })), "{error:?}");
    }
}

#[test]
fn starting_anew_keeps_the_old_file() {
    let home = Home::new();
    create(&home.store(), &draft("old"));
    fs::write(home.path(), b"").expect("emptied");
    home.open().expect_err("emptied");
    let aside = start_anew(home.path(), home.clock.as_ref()).expect("room made");
    assert!(aside.expect("moved aside").exists());
    assert_eq!(count(&home.store()), 0);
}

#[test]
fn a_store_is_backed_up_before_it_is_migrated() {
    let home = Home::new();
    // A store as it is after its first commit: all migrations are still to come.
    rusqlite::Connection::open(home.path())
        .expect("the file")
        .execute_batch("PRAGMA application_id = 0x526f6f73;")
        .expect("the mark");
    home.store();
    let made = backups(home.path()).expect("a list");
    let formats: Vec<_> = made.iter().map(|backup| backup.format_before_update).collect();
    assert_eq!(formats, [Some(0)], "nothing was migrated before");
    assert_eq!(made[0].made_at, UnixMillis::from_seconds(home.clock.now().0 / 1000));
    home.store();
    assert_eq!(backups(home.path()).expect("a list").len(), 1, "nothing to migrate, no backup");
}
