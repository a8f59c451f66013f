//! Taking an import back.

use crate::common::*;
use roost_core::status::{Actor, Status};
use roost_store::{Error, EventKind, Filter, ImportBatch, Label, Order, Store, UndonePosts};

fn imported(store: &Store, rows: i64) -> ImportBatch {
    let posts: Vec<_> = (0..rows).map(|row| due(&format!("row {row}"), 10 + row)).collect();
    let new = import_of(u64::try_from(rows).expect("rows"));
    write(store, |tx| tx.import_posts(&new, &[], &posts, Actor::Person)).import
}

fn of(import: &ImportBatch) -> Filter {
    Filter { import: Some(import.id), ..Filter::default() }
}

#[test]
fn undo_takes_back_only_what_never_left_and_names_the_rest() {
    let store = memory();
    let import = imported(&store, 5);
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

#[test]
fn what_undo_would_do_is_counted_before() {
    let store = memory();
    let import = imported(&store, 9);
    let posts = read(&store, |read| read.posts(&of(&import), &roost_store::Page::default())).posts;
    hand_over(&store, &posts[0]);
    write(&store, |tx| tx.offer(RELAY, &[(posts[1].id, posts[1].revision)]));
    for (place, status) in [(2, Status::Posted), (3, Status::Failed), (4, Status::Partial)] {
        let queued = hand_over(&store, &posts[place]);
        write(&store, |tx| tx.record_outcome(queued.id, &outcome(&queued, status)));
    }
    write(&store, |tx| tx.delete_post(posts[5].id, Actor::Person));
    let goal = roost_store::WithdrawTo::Cancelled;
    write(&store, |tx| tx.withdraw_post(posts[6].id, goal, Actor::Person));
    let preview = read(&store, |read| read.undo_preview(import.id));
    let expected = UndonePosts { removed: 3, out: 2, handed_over: 3, updated: 0 };
    assert_eq!(preview, expected, "failed on the relay and not withdrawn is the relay's still");
    let undone = write(&store, |tx| tx.undo_import(import.id, Actor::Person));
    assert_eq!(undone.removed, 3);
    assert_eq!(undone.kept.len(), 5);
}

#[test]
fn each_post_that_undo_removes_has_an_event_of_its_own_and_can_be_restored() {
    let store = memory();
    let import = imported(&store, 700);
    let ids = read(&store, |read| read.post_ids(&of(&import), Order::Ascending, u32::MAX));
    let before = get(&store, ids[69]);
    let undone = write(&store, |tx| {
        tx.label(Label::UndoImport);
        tx.undo_import(import.id, Actor::Person)
    });
    assert_eq!(undone.removed, 700);
    let after = get(&store, ids[69]);
    assert_eq!((after.version, after.deleted_at), (before.version.next(), Some(NOW)));
    assert_eq!(after.revision, before.revision);
    let events = read(&store, |read| read.events(ids[69]));
    let event = events.last().expect("an event");
    assert_eq!((event.kind, event.label), (EventKind::Deleted, Label::UndoImport));
    assert_eq!(event.change.before.as_ref().expect("before").deleted_at, Some(None));
    assert_eq!(event.change.after.deleted_at, Some(Some(NOW)));
    let actions = read(&store, |read| read.actions(2));
    assert_eq!(actions.iter().map(|action| action.events).collect::<Vec<_>>(), [700, 700]);
    assert_eq!(read(&store, |read| read.status_counts(None)).total(), 0);
    write(&store, |tx| tx.restore_post(ids[69], Actor::Person));
    assert_eq!(read(&store, |read| read.status_counts(None)).total(), 1);
}
