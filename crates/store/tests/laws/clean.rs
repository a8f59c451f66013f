//! What a start trusts, and what it reads as a whole; and that the log does not grow for ever.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::*;
use roost_core::clock::Clock as _;
use roost_core::status::Actor;
use roost_store::{Error, Filter, Opening, Options, Store};
use rusqlite::Connection;

thread_local! {
    /// What openings of this test told.
    static TOLD: RefCell<Vec<Opening>> = const { RefCell::new(Vec::new()) };
}

fn hear(opening: &Opening) {
    TOLD.with_borrow_mut(|told| told.push(opening.clone()));
}

fn open(home: &Home) -> Result<Store, Error> {
    TOLD.take();
    let options = Options { tell: Some(hear), ..Options::default() };
    Store::open_with(home.path(), home.clock.clone(), options)
}

/// Opens the store; tells whether its whole file was read for that.
fn reads_the_whole_file(home: &Home) -> bool {
    drop(open(home).expect("a store"));
    TOLD.take().iter().any(|told| matches!(told, Opening::ReadsTheWholeFile { .. }))
}

fn beside(home: &Home, suffix: &str) -> PathBuf {
    home.folder.path().join(format!("roost.db{suffix}"))
}

fn filled() -> Home {
    let home = Home::new();
    let store = home.store();
    for n in 0..200 {
        create(&store, &draft(&format!("a post with words in it, number {n}")));
    }
    drop(store);
    home
}

/// Changes the last pages of a file as a disk does: no time and no size tells of it.
fn rot(path: &Path) {
    let changed = fs::metadata(path).and_then(|it| it.modified()).expect("a time");
    let mut bytes = fs::read(path).expect("bytes");
    let from = bytes.len() - 8 * 4_096;
    bytes[from..].fill(0);
    fs::write(path, bytes).expect("rotten");
    let file = fs::OpenOptions::new().write(true).open(path).expect("the file");
    file.set_modified(changed).expect("as before");
}

#[test]
fn after_a_clean_end_a_start_reads_no_more_than_it_needs() {
    let home = filled();
    assert!(!reads_the_whole_file(&home), "after writing");
    let store = open(&home).expect("a store");
    assert_eq!(read(&store, |read| read.count_posts(&Filter::default())), 200);
    drop(store);
    assert!(!reads_the_whole_file(&home), "after reading");
    let store = open(&home).expect("a store");
    create(&store, &draft("one more"));
    drop(store);
    assert!(!reads_the_whole_file(&home), "after writing again");
}

#[test]
fn who_only_reads_leaves_every_file_as_it_was() {
    let home = filled();
    let look = || {
        ["", ".clean"].map(|suffix| {
            let path = beside(&home, suffix);
            let changed = fs::metadata(&path).and_then(|it| it.modified()).expect("a time");
            (fs::read(path).expect("bytes"), changed)
        })
    };
    let before = look();
    let store = open(&home).expect("a store");
    assert_eq!(read(&store, |read| read.count_posts(&Filter::default())), 200);
    drop(store);
    assert!(look() == before);
}

#[test]
fn whatever_happens_to_the_file_after_a_clean_end_has_it_read_as_a_whole() {
    type Happening = fn(&Home);
    let happenings: [(&str, Happening); 8] = [
        ("another program writes", |home| {
            let other = Connection::open(home.path()).expect("the file");
            other.execute_batch("DELETE FROM notification").expect("a write");
            other.execute_batch("PRAGMA user_version = 7").expect("a write");
        }),
        ("another program writes the same bytes at once", |home| {
            let bytes = fs::read(home.path()).expect("bytes");
            fs::write(home.path(), bytes).expect("written");
        }),
        ("another program leaves a log", |home| {
            let other = Connection::open(home.path()).expect("the file");
            other.execute_batch("PRAGMA user_version = 7").expect("a write");
            // Killed: it never closes.
            std::mem::forget(other);
        }),
        ("it is put back from a copy, times and all", |home| {
            let changed = fs::metadata(home.path()).and_then(|it| it.modified()).expect("a time");
            let copy = beside(home, ".copy");
            fs::copy(home.path(), &copy).expect("copied");
            fs::rename(&copy, home.path()).expect("put back");
            let file = fs::OpenOptions::new().write(true).open(home.path()).expect("the file");
            file.set_modified(changed).expect("as before");
        }),
        ("the note is lost", |home| fs::remove_file(beside(home, ".clean")).expect("removed")),
        ("the note is cut", |home| {
            let note = fs::read(beside(home, ".clean")).expect("a note");
            fs::write(beside(home, ".clean"), &note[..note.len() / 2]).expect("cut");
        }),
        ("the note is garbage", |home| {
            fs::write(beside(home, ".clean"), b"\xff\x00 nothing").expect("garbage");
        }),
        ("the note is another store's", |home| {
            fs::copy(beside(&filled(), ".clean"), beside(home, ".clean")).expect("copied");
        }),
    ];
    for (what, happen) in happenings {
        let home = filled();
        happen(&home);
        assert!(reads_the_whole_file(&home), "{what}");
        // That log stays: as far as SQLite can tell, the other program is still there.
        let stays = what == "another program leaves a log";
        assert_eq!(reads_the_whole_file(&home), stays, "{what}: once is enough");
    }
}

#[test]
fn who_opens_a_store_beside_another_reads_nothing_and_the_last_to_leave_notes_the_end() {
    let home = filled();
    fs::remove_file(beside(&home, ".clean")).expect("removed");
    let first = open(&home).expect("a store");
    assert_eq!(TOLD.take().len(), 1, "the first reads the whole file");
    let second = open(&home).expect("a store");
    create(&second, &draft("from the second"));
    assert_eq!(TOLD.take(), [], "the second relies on the first");
    drop(first);
    create(&second, &draft("after the first has left"));
    drop(second);
    assert!(!reads_the_whole_file(&home));
}

#[test]
fn a_program_that_ends_without_letting_go_can_note_a_clean_end_before() {
    let home = filled();
    let store = open(&home).expect("a store");
    create(&store, &draft("written"));
    assert!(fs::metadata(beside(&home, "-wal")).expect("a log").len() > 0);
    store.note_clean_end();
    assert_eq!(fs::metadata(beside(&home, "-wal")).expect("a log").len(), 0);
    // Another process would find it so: this one is not there any more.
    let note = fs::read(beside(&home, ".clean")).expect("a note");
    drop(store);
    assert_eq!(fs::read(beside(&home, ".clean")).expect("a note"), note, "nothing came after");
    assert!(!reads_the_whole_file(&home));
}

#[test]
fn what_a_disk_changed_after_a_clean_end_is_found_by_the_check_and_by_the_next_start() {
    let home = filled();
    rot(&home.path());
    let store = open(&home).expect("nothing tells of it yet");
    assert_eq!(TOLD.take(), []);
    let error = store.check().expect_err("damaged");
    assert!(matches!(error, Error::Damaged { .. }) && error.wants_backup(), "{error:?}");
    drop(store);
    let error = open(&home).expect_err("no end is called clean after that");
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
}

#[test]
fn when_the_whole_file_was_read_is_known_to_the_next_program() {
    let home = filled();
    let start = home.clock.now();
    home.clock.advance(std::time::Duration::from_hours(30));
    let store = open(&home).expect("a store");
    assert_eq!(store.checked_at(), start, "when the store was made");
    let beside = open(&home).expect("a store");
    store.check().expect("sound");
    assert_eq!((store.checked_at(), beside.checked_at()), (home.clock.now(), home.clock.now()));
    drop((store, beside));
    assert_eq!(open(&home).expect("a store").checked_at(), home.clock.now());
}

#[test]
fn a_large_import_leaves_no_large_log() {
    let home = Home::new();
    let store = home.store();
    let log = || fs::metadata(beside(&home, "-wal")).expect("a log").len();
    let large = |store: &Store| {
        write(store, |tx| {
            for n in 0..2_000 {
                tx.create_post(&draft(&format!("{n} {}", "long ".repeat(800))), Actor::Person)?;
            }
            Ok(())
        });
    };
    large(&store);
    assert_eq!(log(), 0);
    // Who reads meanwhile is not disturbed, and the next write makes up for it.
    let reader = Connection::open(home.path()).expect("a reader");
    reader.execute_batch("BEGIN; SELECT count(*) FROM scheduled_post").expect("a snapshot");
    large(&store);
    assert!(log() > 4 << 20, "{}", log());
    reader.execute_batch("COMMIT").expect("done");
    create(&store, &draft("one more"));
    assert_eq!(log(), 0);
}

#[test]
fn damage_that_one_process_found_is_not_forgotten_by_the_clean_end_of_another() {
    let home = filled();
    let window = home.store();
    let doctor = home.store();
    let sound = fs::read(home.path()).expect("bytes");
    rot(&home.path());
    assert!(matches!(doctor.check(), Err(Error::Damaged { .. })));
    drop(doctor);
    drop(window);
    let error = open(&home).expect_err("no end is called clean after that");
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");

    // Once the whole file is found sound, its next ends are clean ones.
    fs::write(home.path(), sound).expect("put back");
    assert!(reads_the_whole_file(&home), "nobody knows yet that it is sound");
    assert!(!reads_the_whole_file(&home), "now it is known");
}
