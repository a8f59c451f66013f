//! Whole imports: in with one transaction, out with one.

use crate::common::*;
use roost_core::status::{Actor, Status};
use roost_store::{Error, Filter, Store};

fn import(store: &Store, rows: i64) -> roost_store::ImportBatch {
    let posts: Vec<_> = (0..rows)
        .map(|row| {
            let mut post = due(&format!("row {row}"), 10 + row);
            post.import_row = u32::try_from(row + 1).ok();
            post
        })
        .collect();
    let new = import_of(u64::try_from(rows).expect("rows"));
    write(store, |tx| tx.import_posts(&new, &[], &posts, Actor::Person)).import
}

fn of(import: &roost_store::ImportBatch) -> Filter {
    Filter { import: Some(import.id), ..Filter::default() }
}

#[test]
fn an_import_is_all_or_nothing() {
    let store = memory();
    let mut posts: Vec<_> = (0..50).map(|row| due(&format!("row {row}"), row)).collect();
    posts[49].id = posts[0].id;
    let error = store
        .write("import", |tx| tx.import_posts(&import_of(50), &[], &posts, Actor::Person))
        .expect_err("the last row breaks a rule");
    assert!(matches!(error, Error::Constraint { .. }), "{error:?}");
    assert_eq!(read(&store, |read| read.count_posts(&Filter::default())), 0);
    assert_eq!(read(&store, |read| read.imports()), []);
    assert_eq!(read(&store, |read| read.events_after(0, 100)), []);
}

#[test]
fn ten_thousand_rows_come_in_with_one_write() {
    let store = memory();
    let import = import(&store, 10_000);
    assert_eq!((import.number, import.imported, import.found), (1, 10_000, 10_000));
    assert_eq!(read(&store, |read| read.count_posts(&of(&import))), 10_000);
    let actions = read(&store, |read| read.actions(10));
    assert_eq!(actions.iter().map(|action| action.events).collect::<Vec<_>>(), [10_000]);
}

#[test]
fn rows_of_one_moment_keep_the_order_of_the_file() {
    let store = memory();
    let posts: Vec<_> = (0..20).map(|row| due(&format!("row {row}"), 10)).collect();
    write(&store, |tx| tx.import_posts(&import_of(20), &[], &posts, Actor::Person));
    let due = read(&store, |read| read.due_for_handover(RELAY, minutes(60), 100));
    let ids: Vec<_> = due.iter().map(|post| post.id).collect();
    assert_eq!(ids, posts.iter().map(|post| post.id).collect::<Vec<_>>());
}

#[test]
fn undo_takes_back_only_what_never_left_and_names_the_rest() {
    let store = memory();
    let import = import(&store, 5);
    let posts = read(&store, |read| read.posts(&of(&import), &roost_store::Page::default())).posts;
    let queued = hand_over(&store, &posts[0]);
    // Offered and not yet answered: it may be on the relay.
    write(&store, |tx| tx.offer(RELAY, &[(posts[1].id, posts[1].revision)]));
    let posted = hand_over(&store, &posts[2]);
    write(&store, |tx| tx.record_outcome(posted.id, &outcome(&posted, Status::Posted)));
    create(&store, &draft("unrelated"));

    let undone = write(&store, |tx| tx.undo_import(import.id, Actor::Person));
    assert_eq!(undone.removed, 2);
    assert_eq!(get(&store, posts[3].id).deleted_at, Some(NOW));
    assert_eq!(
        undone.kept,
        [
            (posts[0].id, Status::Queued),
            (posts[1].id, Status::Pending),
            (posts[2].id, Status::Posted)
        ]
    );
    assert_eq!(get(&store, queued.id), queued, "what was handed over is untouched");
    assert_eq!(read(&store, |read| read.count_posts(&of(&import))), 3);
    let again = store.write("test", |tx| tx.undo_import(import.id, Actor::Person));
    assert!(matches!(again, Err(Error::AlreadyUndone { .. })), "{again:?}");

    let back = write(&store, |tx| tx.restore_post(posts[3].id, Actor::Person));
    assert_eq!(back.status, Status::Pending, "undo can be undone");
}
