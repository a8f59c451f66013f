//! Making, editing and deleting posts, and what is written down about it.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use crate::common::*;
use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision};
use roost_core::post::Content;
use roost_core::status::{Actor, Status};
use roost_store::{
    AccountHealth, Edit, Error, EventKind, Filter, PostChange, Reason, WithdrawTo, Withdrawal,
};

#[test]
fn a_post_reads_back_as_it_was_written() {
    let store = memory();
    let mut new = due("Good morning", 10);
    new.tags = vec!["Launch".into(), " launch ".into(), "news".into()];
    let post = create(&store, &new);
    assert_eq!(post.content, "Good morning");
    assert_eq!(post.schedule, new.schedule);
    assert_eq!(post.cost_micros, 15_000);
    assert_eq!((post.status, post.revision), (Status::Pending, FIRST));
    assert_eq!(post.created_at, NOW);
    assert!(
        post.is_intact(&content(&store, &post))
            && !post.synced_to_qstash
            && !post.may_be_on_relay()
    );
    let (_, extras) = read(&store, |read| read.expect_row(post.id));
    assert_eq!(extras.tags, ["Launch", "news"]);
}

#[test]
fn planned_instants_are_whole_seconds_and_never_early() {
    let store = memory();
    let mut new = due("x", 10);
    new.schedule = Some(schedule(UnixMillis(NOW.0 + 1)));
    let post = create(&store, &new);
    assert_eq!(post.schedule.expect("a time").at, UnixMillis(NOW.0 + 1_000));
}

#[test]
fn synced_to_qstash_follows_from_the_message() {
    let home = Home::new();
    let store = home.store();
    save_account(&store, AccountHealth::Connected);
    let post = create(&store, &due("x", 10));
    assert!(!post.synced_to_qstash);
    assert!(hand_over(&store, &post).synced_to_qstash);
    let raw = rusqlite::Connection::open(home.path()).expect("the file");
    let direct = "UPDATE scheduled_post SET synced_to_qstash = 0";
    assert!(raw.execute(direct, []).is_err(), "nobody can write it");
    raw.execute("UPDATE scheduled_post SET status = 'pending', qstash_message_id = NULL", [])
        .expect("the message goes");
    assert!(!get(&store, post.id).synced_to_qstash);
}

#[test]
fn a_queued_post_without_a_message_cannot_be() {
    let home = Home::new();
    let store = home.store();
    create(&store, &draft("x"));
    let raw = rusqlite::Connection::open(home.path()).expect("the file");
    for wrong in [
        "UPDATE scheduled_post SET status = 'queued'",
        "UPDATE scheduled_post SET status = 'pending'",
        "UPDATE scheduled_post SET status = 'sent'",
        "UPDATE scheduled_post SET revision = revision - 1",
        "UPDATE scheduled_post SET scheduled_at = 1000",
    ] {
        assert!(raw.execute(wrong, []).is_err(), "{wrong}");
    }
}

#[test]
fn every_change_leaves_an_event_with_before_and_after() {
    let store = memory();
    let post = create(&store, &due("before", 10));
    write(&store, |tx| tx.edit_post(post.id, &retext("after"), Actor::Person));
    let reason = Reason { code: Some("late".into()), ..Reason::default() };
    write(&store, |tx| tx.set_status(post.id, Status::Missed, Actor::Engine, &reason));
    let events = read(&store, |read| read.events(post.id));
    let kinds: Vec<_> = events.iter().map(|event| (event.kind, event.actor)).collect();
    assert_eq!(
        kinds,
        [
            (EventKind::Created, Actor::Person),
            (EventKind::Edited, Actor::Person),
            (EventKind::Status, Actor::Engine)
        ]
    );
    assert_eq!(events[0].change.before, None);
    let PostChange { before, after, .. } = &events[1].change;
    let before = before.as_ref().expect("before");
    assert_eq!(before.content.as_deref(), Some("before"));
    assert_eq!(after.content.as_deref(), Some("after"));
    assert_eq!(after.revision, Some(Revision(2)));
    assert_eq!(after.schedule, None, "only what changed");
    let PostChange { before, after, .. } = &events[2].change;
    assert_eq!(before.as_ref().and_then(|old| old.status), Some(Status::Pending));
    assert_eq!(after.status, Some(Status::Missed));
    assert_eq!(events[2].point, "test");
}

#[test]
fn what_one_write_did_is_one_action() {
    let store = memory();
    let (one, two) = (create(&store, &draft("one")), create(&store, &draft("two")));
    write(&store, |tx| {
        tx.delete_post(one.id, Actor::Person)?;
        tx.delete_post(two.id, Actor::Person)
    });
    let actions = read(&store, |read| read.actions(10));
    assert_eq!(actions.iter().map(|action| action.events).collect::<Vec<_>>(), [2, 1, 1]);
    let events = read(&store, |read| read.events_of_action(actions[0].action));
    assert_eq!(events.iter().map(|event| event.post_id).collect::<Vec<_>>(), [two.id, one.id]);
}

#[test]
fn events_are_never_changed_nor_removed() {
    let home = Home::new();
    let store = home.store();
    let post = create(&store, &draft("x"));
    let before = read(&store, |read| read.events(post.id));
    let raw = rusqlite::Connection::open(home.path()).expect("the file");
    for wrong in [
        "UPDATE post_event SET kind = 'edited'",
        "DELETE FROM post_event",
        "INSERT OR REPLACE INTO post_event (seq, action, point, post_id, at, actor, kind, revision)
         VALUES (1, 1, 'x', 'x', 1, 'person', 'edited', 1)",
    ] {
        let error = raw.execute(wrong, []).expect_err(wrong).to_string();
        assert!(error.contains("append-only"), "{wrong}: {error}");
    }
    assert_eq!(read(&store, |read| read.events(post.id)), before);
}

#[test]
fn an_edit_of_nothing_writes_nothing() {
    let store = memory();
    let post = create(&store, &draft("x"));
    let edit = Edit { tags: Some(Vec::new()), ..Edit::default() };
    write(&store, |tx| tx.edit_post(post.id, &edit, Actor::Person));
    assert_eq!(get(&store, post.id), post);
    assert_eq!(read(&store, |read| read.events(post.id)).len(), 1);
}

#[test]
fn a_change_that_the_table_forbids_is_refused_by_name_and_leaves_nothing() {
    let store = memory();
    let post = create(&store, &draft("x"));
    let error = store
        .write("test", |tx| {
            let mut half = draft("half");
            half.tags = vec!["half".into()];
            tx.create_post(&half, Actor::Person)?;
            tx.set_status(post.id, Status::Posted, Actor::Engine, &Reason::default())
        })
        .expect_err("refused");
    let refused = (Status::Draft, Status::Posted, Actor::Engine);
    assert!(
        matches!(error, Error::Refused { post: p, from, to, actor }
            if p == post.id && (from, to, actor) == refused),
        "{error:?}"
    );
    assert_eq!(get(&store, post.id), post);
    assert_eq!(read(&store, |read| read.tags()), [], "the whole write is undone");
}

#[test]
fn what_is_being_sent_or_was_sent_cannot_be_edited() {
    for status in [Status::Sending, Status::Posted, Status::Unknown, Status::Partial] {
        let store = memory();
        let post = create(&store, &due("x", 10));
        let post = hand_over(&store, &post);
        write(&store, |tx| tx.record_outcome(post.id, &outcome(&post, status)));
        let edit = retext("y");
        let error = store
            .write("test", |tx| tx.edit_post(post.id, &edit, Actor::Person))
            .expect_err("too late");
        assert!(matches!(error, Error::NotEditable { status: s, .. } if s == status), "{error:?}");
    }
}

#[test]
fn taking_the_time_away_makes_a_draft() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let edit = Edit { schedule: Some(None), ..Edit::default() };
    let post = write(&store, |tx| tx.edit_post(post.id, &edit, Actor::Person));
    assert_eq!((post.status, post.schedule), (Status::Draft, None));
}

#[test]
fn a_thread_keeps_its_parts_in_order() {
    let store = memory();
    let new = thread(&["first", "second", "third"], 10);
    let post = create(&store, &new);
    assert_eq!(content(&store, &post), new.content);
    let edited = Content::of_texts(["first", "only"]);
    let edit = Edit { content: Some(edited.clone()), ..Edit::default() };
    let post = write(&store, |tx| tx.edit_post(post.id, &edit, Actor::Person));
    assert_eq!(content(&store, &post), edited);
    let events = read(&store, |read| read.events(post.id));
    assert_eq!(events.len(), 2, "one event for each write");
    let before = events[1].change.before.as_ref().expect("before");
    assert_eq!(before.over(edited).to_texts(), ["first", "second", "third"]);
    assert_eq!(before.content, None, "the first text stayed");
    assert_eq!(events[0].change.after.parts, before.parts);
    let (row, extras) = read(&store, |read| read.expect_row(post.id));
    assert_eq!((row.id, extras.texts), (post.id, 2));
    let absent = store.read(|read| read.expect_row(PostId::new(NOW)));
    assert!(matches!(absent, Err(Error::NotFound { .. })), "{absent:?}");
}

#[test]
fn the_trash_hides_and_gives_back() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    write(&store, |tx| tx.delete_post(post.id, Actor::Person));
    assert_eq!(read(&store, |read| read.count_posts(&Filter::default())), 0);
    assert_eq!(read(&store, |read| read.due_for_handover(RELAY, minutes(99), 9)), []);
    assert_eq!(read(&store, |read| read.trash(9)).len(), 1);
    let edit = retext("y");
    let error = store.write("test", |tx| tx.edit_post(post.id, &edit, Actor::Person));
    assert!(matches!(error, Err(Error::Deleted { .. })), "{error:?}");
    let back = write(&store, |tx| tx.restore_post(post.id, Actor::Person));
    assert_eq!(back.deleted_at, None);
    assert_eq!(back.revision, Revision(2), "a restored post is armed anew");
    assert_eq!(read(&store, |read| read.due_for_handover(RELAY, minutes(99), 9)).len(), 1);
}

#[test]
fn the_trash_forgets_what_the_relay_knew_later_than_the_relay_does() {
    let home = Home::new();
    let store = home.store();
    save_account(&store, AccountHealth::Connected);
    let unsent = create(&store, &draft("never left"));
    let sent = create(&store, &due("left", 10));
    let sent = hand_over(&store, &sent);
    write(&store, |tx| tx.record_outcome(sent.id, &outcome(&sent, Status::Posted)));
    for id in [unsent.id, sent.id] {
        write(&store, |tx| tx.delete_post(id, Actor::Person));
    }
    let day = std::time::Duration::from_secs(86_400);
    for (days, left) in [(29, 2), (31, 1), (119, 1), (121, 0)] {
        home.clock.set(NOW.plus(day * days));
        write(&store, |tx| tx.empty_trash());
        assert_eq!(read(&store, |read| read.trash(9)).len(), left, "after {days} days");
    }
    assert_eq!(read(&store, |read| read.events(sent.id)).len(), 4, "events outlive the post");
}

#[test]
fn a_pending_post_that_never_left_is_cancelled_at_once() {
    let store = memory();
    let post = create(&store, &due("x", 10));
    let done = write(&store, |tx| tx.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person));
    assert!(matches!(done, Withdrawal::Done(_)));
    assert_eq!(done.post().status, Status::Cancelled);
    assert_eq!(read(&store, |read| read.outbox_open()), 0);
    let again = write(&store, |tx| tx.arm_post(post.id, None, Actor::Person));
    assert_eq!((again.status, again.revision), (Status::Pending, Revision(2)));
}

#[test]
fn a_row_that_names_an_unknown_account_is_refused() {
    let store = roost_store::Store::open_in_memory(std::sync::Arc::new(
        roost_core::clock::ManualClock::at(NOW),
    ))
    .expect("a store");
    let error = store
        .write("test", |tx| tx.create_post(&due("x", 10), Actor::Person))
        .expect_err("no such account");
    assert!(matches!(error, Error::Constraint { .. }), "{error:?}");
}
