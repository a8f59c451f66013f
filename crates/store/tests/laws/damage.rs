//! Damage of every kind, three hundred times: told, or harmless, or found by a post's own hash.

use std::fs;
use std::path::PathBuf;

use crate::common::*;
use roost_store::{Error, Filter, Page, Post, Store};

const TRIES: u64 = 300;
const POSTS: usize = 40;

/// A number that a try and a position alone decide.
const fn dice(number: u64, position: u64) -> u64 {
    let mut mixed = (number * 31 + position + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 31)
}

fn texts(of: &str) -> Vec<String> {
    (0..POSTS).map(|number| format!("{of} {number}: {}", "words of a post ".repeat(12))).collect()
}

/// A closed store with posts in it.
fn filled(texts: &[String]) -> Home {
    let home = Home::new();
    let store = home.store();
    for text in texts {
        create(&store, &draft(text));
    }
    drop(store);
    home
}

/// The log of a store that ended without closing.
fn log_of_another(texts: &[String]) -> Vec<u8> {
    let home = Home::new();
    let store = home.store();
    for text in texts {
        create(&store, &draft(text));
    }
    fs::read(home.folder.path().join("roost.db-wal")).expect("a log")
}

/// Damages a file; gives what it did, and what is to stand beside it.
fn damage(bytes: &mut Vec<u8>, number: u64) -> (String, bool) {
    let at = |what: u64, below: usize| {
        usize::try_from(dice(number, what) % below.max(1) as u64).expect("a place")
    };
    match number % 6 {
        0 | 1 => {
            let (place, bit) = (at(0, bytes.len()), at(1, 8));
            bytes[place] ^= 1 << bit;
            (format!("bit {bit} of byte {place}"), false)
        }
        2 => {
            let sector = at(0, bytes.len() / 512);
            bytes[sector * 512..(sector + 1) * 512].fill(0xa5);
            (format!("sector {sector}"), false)
        }
        3 => {
            let page = at(0, bytes.len() / 4096);
            bytes[page * 4096..(page + 1) * 4096].fill(0);
            (format!("page {page}"), false)
        }
        4 => {
            let length = if number % 12 == 4 { 0 } else { at(0, bytes.len()) };
            bytes.truncate(length);
            (format!("cut to {length} bytes"), false)
        }
        _ => ("the log of another store".to_owned(), true),
    }
}

/// What can be read of the posts without an error.
fn readable(store: &Store) -> Vec<Post> {
    let all = Page { limit: 1000, ..Page::default() };
    let page = store.read(|read| read.posts(&Filter::default(), &all));
    page.map(|page| page.posts).unwrap_or_default()
}

/// What came of the damages.
#[derive(Debug, Default)]
struct Tally {
    told: usize,
    betrayed: usize,
    found_by_the_check: usize,
}

/// Opens a file that was damaged, with `bytes` in it, and holds what comes to light against `written`.
fn judge(home: &Home, bytes: &[u8], written: &[&[String]], what: &str, tally: &mut Tally) {
    match home.open() {
        Err(error) => {
            tally.told += 1;
            assert_eq!(fs::read(home.path()).expect("a file"), bytes, "{what}: untouched");
            let words = error.to_string();
            let helps = words.contains("Nothing was") || words.contains("left as it was");
            assert!(helps, "{what}: {words}");
            let known = error.wants_backup()
                || matches!(
                    error,
                    Error::NotADatabase { .. }
                        | Error::OtherApplication { .. }
                        | Error::Newer { .. }
                );
            assert!(known, "{what}: {error:?}");
        }
        Ok(store) => {
            for post in readable(&store) {
                let is_true = written.iter().any(|texts| texts.contains(&post.content));
                // The flipped bit may also be one of the hash: then a true text is in doubt.
                let content = store.read(|read| read.content(&post));
                let is_intact = content.is_ok_and(|content| post.is_intact(&content));
                assert!(is_true || !is_intact, "{what}: {}", post.content);
                tally.betrayed += usize::from(!is_true);
            }
            if let Err(error) = store.check() {
                tally.found_by_the_check += 1;
                assert!(error.wants_backup(), "{what}: {error:?}");
            }
        }
    }
}

fn beside(home: &Home, suffix: &str) -> PathBuf {
    let mut name = home.path().into_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

fn without_log(home: &Home) {
    for suffix in ["-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(beside(home, suffix));
    }
}

#[test]
fn three_hundred_damages_are_told_or_harmless_or_betrayed_by_the_text_s_own_hash() {
    let (ours, theirs) = (texts("ours"), texts("theirs"));
    let other_log = log_of_another(&theirs);
    let home = filled(&ours);
    let whole = fs::read(home.path()).expect("a file");
    let mut tally = Tally::default();
    for number in 0..TRIES {
        without_log(&home);
        let mut bytes = whole.clone();
        let (what, with_log) = damage(&mut bytes, number);
        fs::write(home.path(), &bytes).expect("damaged");
        if with_log {
            fs::write(beside(&home, "-wal"), &other_log).expect("swapped");
        }
        judge(&home, &bytes, &[&ours, &theirs], &what, &mut tally);
    }
    println!("of {TRIES}: {tally:?}");
    assert!(tally.told > usize::try_from(TRIES).expect("a number") / 3, "{tally:?}");
    assert_eq!(tally.found_by_the_check, 0, "the opening looks as closely");
}

#[test]
fn three_hundred_damages_of_a_disk_after_a_clean_end_are_found_by_the_check_or_by_a_text_s_own_hash()
 {
    let ours = texts("ours");
    let home = filled(&ours);
    let whole = fs::read(home.path()).expect("a file");
    let note = fs::read(beside(&home, ".clean")).expect("a note");
    let changed = fs::metadata(home.path()).and_then(|it| it.modified()).expect("a time");
    let mut tally = Tally::default();
    for number in (0..TRIES).filter(|number| number % 6 < 4) {
        without_log(&home);
        let mut bytes = whole.clone();
        let (what, _) = damage(&mut bytes, number);
        fs::write(home.path(), &bytes).expect("damaged");
        fs::write(beside(&home, ".clean"), &note).expect("a clean end");
        // Nobody has found it yet.
        drop(fs::remove_file(beside(&home, ".damaged")));
        // A disk that changes a sector changes no time.
        let file = fs::OpenOptions::new().write(true).open(home.path()).expect("the file");
        file.set_modified(changed).expect("as before");
        drop(file);
        judge(&home, &bytes, &[&ours], &what, &mut tally);
    }
    println!("{tally:?}");
    let missed_by_the_start = tally.found_by_the_check;
    assert!(missed_by_the_start > 30, "the start trusts a clean end: {tally:?}");
}
