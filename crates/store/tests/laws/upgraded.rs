//! A store that an earlier version made is opened, and nothing of it is lost, doubted or told anew.
//!
//! `golden/store_v5.sql` was written by the version before content was one value: queued posts, threads,
//! edits that are not handed over, edits that came too late, an import, media, and a damaged text.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::common::*;
use roost_core::clock::UnixMillis;
use roost_core::id::Revision;
use roost_core::post::Content;
use roost_core::status::{Actor, Status};
use roost_store::{Error, Filter, NewPost, Order, Page, Post, Recorded, Store, backups};

mod shipped {
    refinery::embed_migrations!("../../migrations");
}

const ROWS: &str = include_str!("../golden/store_v5.sql");
const APPLICATION_ID: i64 = 0x526f_6f73;

fn make(path: &Path) {
    let mut raw = rusqlite::Connection::open(path).expect("a file");
    raw.pragma_update(None, "application_id", APPLICATION_ID).expect("Roost's");
    raw.pragma_update(None, "journal_mode", "wal").expect("a log");
    let runner = shipped::migrations::runner().set_grouped(true);
    runner.set_target(refinery::Target::Version(5)).run(&mut raw).expect("the schema of then");
    // As when it was written, an import is counted after its posts and before their parts: that is
    // when search learns it.
    let (posts, parts) = ROWS.split_at(ROWS.find("INSERT INTO post_part").expect("parts"));
    let tx = raw.transaction().expect("a transaction");
    tx.execute_batch(posts).expect("the posts of then");
    tx.execute("UPDATE import_batch SET imported = found", []).expect("counted");
    tx.execute_batch(parts).expect("the rest of then");
    tx.commit().expect("written");
}

fn upgraded() -> (Home, Store) {
    let home = Home::new();
    make(&home.path());
    let store = home.store();
    (home, store)
}

fn posts(store: &Store) -> Vec<Post> {
    let all = Page { limit: 100, ..Page::default() };
    let mut posts = read(store, |read| read.posts(&Filter::default(), &all)).posts;
    posts.sort_by_key(|post| post.seq);
    posts
}

fn named(store: &Store, text: &str) -> Post {
    let found = posts(store).into_iter().find(|post| post.content == text);
    found.unwrap_or_else(|| panic!("no post says {text}"))
}

#[test]
fn every_post_of_an_earlier_store_is_what_it_was_and_has_both_hashes() {
    let (_home, store) = upgraded();
    let posts = posts(&store);
    assert_eq!(posts.len(), 15);
    for post in posts.iter().filter(|post| post.content != "A damaged pest") {
        let content = content(&store, post);
        assert!(post.is_intact(&content), "{}", post.content);
        assert_eq!(post.duplicate_key, content.duplicate_key(), "{}", post.content);
        assert_eq!(post.has_link, content.has_link(), "{}", post.content);
    }
    let thread = content(&store, &named(&store, "A queued thread"));
    let texts = ["A queued thread", "its second part, example.com", "its third part"];
    assert_eq!(thread, Content::of_texts(texts));
    assert_eq!(posts.iter().filter(|post| post.has_link).count(), 3);
    let live = named(&store, "A thread on X");
    assert_eq!(read(&store, |read| read.live_parts(live.id)).len(), 2);
    store.check().expect("a sound file");
}

/// The locks of an older Roost that has the store open: it shares the one beside the file.
fn open_in_an_older_roost(path: &Path) -> File {
    let open = PathBuf::from(format!("{}.open", path.display()));
    let open = File::options().create(true).truncate(false).write(true).open(open).expect("a lock");
    open.try_lock_shared().expect("shared");
    open
}

#[test]
fn a_store_that_an_older_roost_has_open_is_left_as_it_is_until_that_one_ends() {
    let home = Home::new();
    make(&home.path());
    let before = fs::read(home.path()).expect("bytes");
    let older = open_in_an_older_roost(&home.path());
    let window = rusqlite::Connection::open(home.path()).expect("the older one's connection");
    for _ in 0..2 {
        let error = home.open().expect_err("in use");
        assert!(
            matches!(&error, Error::InUseByOlder { path } if *path == home.path()),
            "{error:?}"
        );
        assert!(error.to_string().contains("Quit the Roost that is open"), "{error}");
    }
    assert_eq!(fs::read(home.path()).expect("bytes"), before);
    assert_eq!(backups(home.path()).expect("a list"), []);
    let told = "UPDATE scheduled_post SET retry_count = retry_count";
    window.execute_batch(told).expect("the older one writes on, in its own format");
    drop((window, older));
    assert_eq!(posts(&home.store()).len(), 15);
}

#[test]
fn a_tag_without_a_place_breaks_no_list_and_has_one_after_the_next_opening() {
    let home = Home::new();
    let tagged = NewPost { tags: vec!["launch".into()], ..draft("tagged") };
    let other = NewPost { tags: vec!["launch".into()], ..draft("the other") };
    let ids = [create(&home.store(), &tagged).id, create(&home.store(), &other).id];
    let of_tag = |store: &Store| {
        let filter = Filter { tag: Some("launch".into()), ..Filter::default() };
        read(store, |read| read.post_ids(&filter, Order::Ascending, 100))
    };
    let store = home.store();
    let raw = rusqlite::Connection::open(home.path()).expect("the file");
    let hand = "UPDATE post_tag SET seq = NULL WHERE post_id = ?1";
    raw.execute(hand, [ids[0].to_string()]).expect("as an older program writes");
    assert_eq!(of_tag(&store), [ids[1]]);
    drop((raw, store));
    let mut found = of_tag(&home.store());
    found.sort();
    let mut expected = ids;
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn damaged_words_do_not_become_sound_by_the_upgrade() {
    let (_home, store) = upgraded();
    let damaged = named(&store, "A damaged pest");
    assert!(!damaged.is_intact(&content(&store, &damaged)));
    let edit = retext("A damaged post");
    let mended = write(&store, |tx| tx.edit_post(damaged.id, &edit, Actor::Person));
    assert!(mended.is_intact(&content(&store, &mended)));
}

#[test]
fn media_and_a_poll_of_an_earlier_store_are_kept() {
    let (_home, store) = upgraded();
    let draft = content(&store, &named(&store, "A draft with a picture and a poll"));
    assert_eq!(draft.parts[0].media[0].alt_text.as_deref(), Some("a cat"));
    let poll = draft.parts[1].poll.as_ref().expect("a poll");
    assert_eq!((poll.options.len(), poll.duration_minutes), (2, 60));
    assert_eq!(read(&store, |read| read.unused_media(UnixMillis(i64::MAX))), []);
}

#[test]
fn what_an_earlier_store_handed_over_is_neither_offered_again_nor_armed() {
    let (_home, store) = upgraded();
    for text in ["A queued post", "A queued thread"] {
        let post = named(&store, text);
        assert_eq!((post.status, post.revision), (Status::Queued, FIRST));
        assert_eq!(post.offered_revision, FIRST);
    }
    let due = read(&store, |read| read.due_for_handover(RELAY, minutes(90), 100));
    let due: Vec<_> = due.into_iter().map(|post| post.content).collect();
    let expected = [
        "Words after the edit",
        "A damaged pest",
        "A pending post, with  two spaces",
        "An imported post",
        "An imported thread",
    ];
    assert_eq!(due, expected);
}

#[test]
fn a_file_that_an_earlier_store_imported_is_there_already() {
    let (_home, store) = upgraded();
    let file = [
        Content::of_texts(["An imported  post"]),
        Content::of_texts(["An imported thread", "its end, see example.com"]),
        Content::of_texts(["A thread that is sent", "its own second part"]),
    ];
    let keys = file.map(|content| content.duplicate_key());
    let known = read(&store, |read| read.known_posts(Some(&me()), &keys));
    let known: BTreeSet<_> = known.into_iter().map(|post| post.key).collect();
    assert_eq!(known, BTreeSet::from(keys));
}

#[test]
fn an_import_of_an_earlier_store_is_taken_back_like_any_other() {
    let (_home, store) = upgraded();
    let import = read(&store, |read| read.imports()).pop().expect("an import");
    assert_eq!((import.plan, import.updated, import.cost_micros), (None, 0, 0));
    let preview = read(&store, |read| read.undo_preview(import.id));
    let undone = write(&store, |tx| tx.undo_import(import.id, Actor::Person));
    assert_eq!(undone.removed, preview.removed);
    assert_eq!(undone.kept.len() as u64, preview.out + preview.handed_over);
    assert_eq!((undone.restored, undone.not_restored), (vec![], vec![]));
}

#[test]
fn an_edit_that_came_too_late_in_an_earlier_store_is_read_and_counts_when_nothing_went_out() {
    let (_home, store) = upgraded();
    let waits = named(&store, "A late thread that waits");
    let late = read(&store, |read| read.late_edit(waits.id)).expect("a late edit");
    assert_eq!(late.meant.content.to_texts(), ["Meant for the late thread", "and its end"]);
    assert_eq!(late.sent.content, content(&store, &waits));
    let word = outcome(&waits, Status::Held);
    let recorded = write(&store, |tx| tx.record_outcome(waits.id, &word));
    assert!(matches!(recorded, Recorded::Changed { .. }), "{recorded:?}");
    let edited = write(&store, |tx| tx.edit_after_all(waits.id)).expect("the edit counts");
    assert_eq!(content(&store, &edited), late.meant.content);
    assert!(edited.is_intact(&late.meant.content));
}

#[test]
fn an_edit_of_an_earlier_store_that_comes_too_late_now_gives_back_what_was_sent() {
    let (_home, store) = upgraded();
    let edited = named(&store, "Words after the edit");
    let mut word = outcome(&edited, Status::Posted);
    word.revision = Revision(1);
    write(&store, |tx| tx.record_outcome(edited.id, &word));
    let sent = get(&store, edited.id);
    assert_eq!(sent.content, "Words before the edit");
    assert!(sent.is_intact(&content(&store, &sent)));
}

#[test]
fn what_went_out_of_an_earlier_store_is_charged_and_nothing_else() {
    let (_home, store) = upgraded();
    let span = (UnixMillis(0), UnixMillis(i64::MAX));
    let charged = read(&store, |read| read.charged(span.0, span.1));
    let posts = posts(&store);
    let whole: i64 = posts
        .iter()
        .filter(|post| post.status == Status::Posted)
        .map(|post| post.cost_micros)
        .sum();
    let partly: i64 = posts
        .iter()
        .filter(|post| post.status == Status::Partial)
        .map(|post| post.cost_micros)
        .sum();
    assert!(charged.parts > 0 && charged.deletions == 0, "{charged:?}");
    assert!((whole..=whole + partly).contains(&charged.cost_micros), "{charged:?}");
}

#[test]
fn search_of_an_earlier_store_keeps_step() {
    let (home, store) = upgraded();
    let find = |text: &str| {
        let filter = Filter { text: Some(text.into()), ..Filter::default() };
        read(&store, |read| read.post_ids(&filter, Order::Ascending, 100)).len()
    };
    assert_eq!((find("imported"), find("third part"), find("cat")), (2, 1, 0));
    let raw = rusqlite::Connection::open(home.path()).expect("the file");
    raw.execute("INSERT INTO post_search (post_search, rank) VALUES ('integrity-check', 1)", [])
        .expect("the index says what the texts say");
}
