//! Files that several processes share, and their clean ends.

use std::fs;
use std::time::Duration;

use roost_sqlite::{Depth, Error, OpeningLock, SharedLock, writer};
use rusqlite::Connection;

use crate::support::*;

/// The file as a product has it open. Closed before it is let go of.
struct Shared {
    connection: Connection,
    shared_lock: SharedLock,
    depth: Depth,
}

fn enter(home: &Home) -> Shared {
    let opening = OpeningLock::take(&home.path(), Duration::from_secs(5)).expect("the lock");
    let shared_lock = opening.enter(Duration::from_secs(5)).expect("entered");
    let depth = shared_lock.depth();
    roost_sqlite::inspect(&home.path(), &SCHEMA, &settings(), depth).expect("sound");
    shared_lock.passed(depth, 1_000);
    let connection = writer(&home.path(), &SCHEMA, &settings(), false).expect("opened");
    shared_lock.settle();
    Shared { connection, shared_lock, depth }
}

fn depth(home: &Home) -> Depth {
    enter(home).depth
}

#[test]
fn only_a_clean_end_spares_the_next_start_the_whole_file() {
    let home = Home::filled();
    assert_eq!(depth(&home), Depth::Whole, "no end was noted yet");
    assert_eq!(depth(&home), Depth::Header);
    let open = enter(&home);
    put(&open.connection, 1_000).expect("written");
    drop(open);
    assert_eq!(depth(&home), Depth::Header);
    home.other_program().execute_batch("DELETE FROM row WHERE n = 1000").expect("written");
    assert_eq!(depth(&home), Depth::Whole, "another program wrote");
    // A kill: the log stays, no end is noted.
    let killed = enter(&home);
    put(&killed.connection, 1_000).expect("written");
    std::mem::forget(killed.connection);
    drop(killed.shared_lock);
    assert_eq!(depth(&home), Depth::Whole);
}

#[test]
fn the_last_of_several_notes_the_end_and_only_it_may_replace_the_file() {
    let home = Home::filled();
    let first = enter(&home);
    let second = enter(&home);
    assert_eq!((first.depth, second.depth), (Depth::Whole, Depth::Header));
    let alone = || {
        let opening = OpeningLock::take(&home.path(), Duration::ZERO)?;
        opening.exclude_all().map(drop)
    };
    drop(first);
    put(&second.connection, 1_000).expect("after the first has left");
    assert!(matches!(alone(), Err(Error::InUse { .. })));
    drop(second);
    alone().expect("nobody has it open");
    assert_eq!(depth(&home), Depth::Header);
}

#[test]
fn damage_that_one_process_found_is_forgotten_only_when_the_file_is_found_sound() {
    let home = Home::filled();
    drop(enter(&home));
    let (one, other) = (enter(&home), enter(&home));
    let sound = fs::read(home.path()).expect("bytes");
    let mut rotten = sound.clone();
    let last = rotten.len() - 3 * 4_096;
    rotten[last..].fill(0);
    fs::write(home.path(), rotten).expect("rotten");
    let found = other.shared_lock.check(&settings(), 2_000);
    assert!(matches!(found, Err(Error::Damaged { .. })), "{found:?}");
    drop((other, one));
    fs::write(home.path(), sound).expect("put back");
    assert_eq!(depth(&home), Depth::Whole, "it is not known yet that it is sound");
    let open = enter(&home);
    assert_eq!((open.depth, open.shared_lock.checked_at()), (Depth::Header, 1_000));
    open.shared_lock.check(&settings(), 3_000).expect("sound");
    assert_eq!(enter(&home).shared_lock.checked_at(), 3_000, "every process knows");
}

#[test]
fn an_opener_that_hangs_is_waited_for_only_so_long() {
    let home = Home::filled();
    let _hangs = OpeningLock::take(&home.path(), Duration::ZERO).expect("the lock");
    let second = OpeningLock::take(&home.path(), Duration::from_millis(30));
    assert!(matches!(second, Err(Error::Locked)));
}
