//! Settings, accounts, the outbox, notifications, runs and the relay's feed.

use crate::common::*;
use roost_core::id::XUserId;
use roost_core::notice::{NoticeChannel, NoticeChannels};
use roost_core::status::Actor;
use roost_store::{
    AccountHealth, Error, NewNotification, NewOutbox, NewSyncRun, OutboxEnding, OutboxKind,
    RelayFeed, SyncKind, SyncOutcome, SyncTally, TagCount,
};

#[test]
fn a_setting_is_what_was_last_saved() {
    let store = memory();
    assert_eq!(read(&store, |read| read.setting::<String>("zone")), None);
    write(&store, |tx| tx.save_setting("zone", "Asia/Kolkata"));
    write(&store, |tx| tx.save_setting("zone", "Europe/Dublin"));
    let zone = read(&store, |read| read.setting::<String>("zone"));
    assert_eq!(zone.as_deref(), Some("Europe/Dublin"));
    assert!(store.read(|read| read.setting::<u32>("zone")).is_err(), "another shape is told");
    write(&store, |tx| tx.remove_setting("zone"));
    assert_eq!(read(&store, |read| read.setting::<String>("zone")), None);
}

#[test]
fn the_stores_mark_cannot_be_removed() {
    let store = memory();
    write(&store, |tx| tx.remove_setting("store_id"));
    let id = read(&store, |read| read.setting::<String>("store_id"));
    assert_eq!(id, Some(store.id().to_string()));
}

#[test]
fn an_account_is_its_id_and_follows_its_handle() {
    let store = memory();
    let mut account = read(&store, |read| read.account(&me())).expect("an account");
    account.username = "renamed".into();
    account.health = AccountHealth::Suspended;
    write(&store, |tx| tx.save_account(&account));
    assert_eq!(read(&store, |read| read.accounts()), [account.clone()]);
    assert_eq!(read(&store, |read| read.account_by_username("@Renamed")), Some(account));
    let post = create(&store, &due("x", 10));
    write(&store, |tx| tx.remove_account(&me()));
    assert_eq!(read(&store, |read| read.accounts()), []);
    assert_eq!(get(&store, post.id).account, Some(me()), "its posts keep naming it");
    let error = store.write("test", |tx| tx.remove_account(&XUserId("1".into())));
    assert!(matches!(error, Err(Error::NotFound { .. })), "{error:?}");
}

#[test]
fn an_intention_is_tried_until_it_ends() {
    let store = memory();
    let new = NewOutbox {
        kind: OutboxKind::Pause,
        post_id: None,
        revision: None,
        payload: true.into(),
        actor: Actor::Person,
    };
    let seq = write(&store, |tx| tx.intend(&new));
    let due = |now| read(&store, |read| read.outbox_due(OutboxKind::Pause, now, 9));
    assert_eq!(due(NOW).len(), 1);
    write(&store, |tx| tx.outbox_retry(seq, minutes(5), "the relay was not reached"));
    assert_eq!(due(NOW), []);
    let again = due(minutes(5));
    assert_eq!(again[0].attempts, 1);
    assert_eq!(again[0].last_error.as_deref(), Some("the relay was not reached"));
    write(&store, |tx| tx.outbox_hurry());
    assert_eq!(due(NOW).len(), 1);
    write(&store, |tx| tx.outbox_end(seq, OutboxEnding::Done));
    write(&store, |tx| tx.outbox_retry(seq, NOW, "too late"));
    assert_eq!((due(minutes(99)).len(), read(&store, |read| read.outbox_open())), (0, 0));
    assert_eq!(write(&store, |tx| tx.outbox_prune(minutes(1))), 1);
}

#[test]
fn a_thing_is_told_once() {
    let store = memory();
    let new = NewNotification {
        key: "failed:1:1".into(),
        kind: "failed".into(),
        post_id: None,
        account: Some(me()),
        cause: Some("failed:duplicate".into()),
        title: "A tweet was refused".into(),
        body: "X says it is a duplicate. Change the text.".into(),
    };
    assert!(write(&store, |tx| tx.notify(&new)));
    assert!(!write(&store, |tx| tx.notify(&new)), "the same key again");
    let seq = read(&store, |read| read.notifications_to_show(9))[0].seq;
    write(&store, |tx| tx.notification_shown(seq));
    assert_eq!(read(&store, |read| read.notifications_to_show(9)), []);
    assert_eq!(read(&store, |read| read.unread_notifications()), 1);
    write(&store, |tx| tx.notifications_read(seq));
    assert_eq!(read(&store, |read| read.unread_notifications()), 0);
    assert_eq!(read(&store, |read| read.notifications(false, 9))[0].shown_at, Some(NOW));
}

#[test]
fn a_run_that_never_ended_is_seen() {
    let store = memory();
    let run = |reason: &str, kind| NewSyncRun { reason: reason.into(), kind, window: None };
    let crashed = write(&store, |tx| tx.sync_began(&run("start", SyncKind::CatchUp)));
    let whole = write(&store, |tx| tx.sync_began(&run("window", SyncKind::Main)));
    let tally = SyncTally { staged: 3, published: 3, ..SyncTally::default() };
    write(&store, |tx| tx.sync_ended(whole, SyncOutcome::Done, &tally));
    assert_ne!(crashed, whole);
    let last = read(&store, |read| read.last_whole_sync()).expect("a whole run");
    assert_eq!((last.seq, last.kind, last.tally), (whole, SyncKind::Main, tally));
    // That results were asked for hands nothing over.
    let asked = write(&store, |tx| tx.sync_began(&run("recovery", SyncKind::Recovery)));
    write(&store, |tx| tx.sync_ended(asked, SyncOutcome::Done, &SyncTally::default()));
    assert_eq!(read(&store, |read| read.last_whole_sync()).expect("a whole run").seq, whole);
    let seqs: Vec<_> = read(&store, |read| read.sync_runs(2)).iter().map(|run| run.seq).collect();
    assert_eq!(seqs, [asked, whole], "newest first");
}

#[test]
fn the_place_in_a_feed_is_kept_per_relay() {
    let store = memory();
    let feed = |epoch: &str, cursor| RelayFeed { epoch: epoch.into(), cursor };
    assert_eq!(read(&store, |read| read.relay_feed("here")), None);
    write(&store, |tx| tx.save_relay_feed("here", &feed("a", 7)));
    write(&store, |tx| tx.save_relay_feed("there", &feed("b", 1)));
    write(&store, |tx| tx.save_relay_feed("here", &feed("c", 0)));
    assert_eq!(read(&store, |read| read.relay_feed("here")), Some(feed("c", 0)));
    assert_eq!(read(&store, |read| read.relay_feed("there")), Some(feed("b", 1)));
}

#[test]
fn tags_are_one_in_any_case_and_counted_without_the_trash() {
    let store = memory();
    let mut post = draft("x");
    post.tags = vec!["News".into()];
    let post = create(&store, &post);
    let mut other = draft("y");
    other.tags = vec!["news".into(), "Press".into()];
    let other = create(&store, &other);
    let count = |name: &str, posts| TagCount { name: name.into(), posts };
    assert_eq!(read(&store, |read| read.tags()), [count("News", 2), count("Press", 1)]);
    write(&store, |tx| tx.delete_post(other.id, Actor::Person));
    assert_eq!(read(&store, |read| read.tags()), [count("News", 1), count("Press", 0)]);
    assert_eq!(read(&store, |read| read.expect_row(post.id)).1.tags, ["News"]);
}

#[test]
fn the_person_is_told_nothing_of_a_topic_that_they_turned_off() {
    let store = memory();
    let new = |kind: &str| NewNotification {
        key: format!("{kind}:1:1"),
        kind: kind.into(),
        post_id: None,
        account: None,
        cause: None,
        title: "Told".into(),
        body: "Or not.".into(),
    };
    let channels = NoticeChannels { missed: NoticeChannel::Off, ..NoticeChannels::default() };
    write(&store, |tx| tx.save_notice_channels(&channels));
    assert!(!write(&store, |tx| tx.notify(&new("missed"))));
    assert!(write(&store, |tx| tx.notify(&new("failed"))));
    assert_eq!(read(&store, |read| read.unread_notifications()), 1);
    assert_eq!(read(&store, |read| read.notice_channels()), channels);
}

#[test]
fn a_store_does_not_leave_while_a_pause_waits_to_be_told() {
    let store = memory();
    let pause = NewOutbox {
        kind: OutboxKind::Pause,
        post_id: None,
        revision: None,
        payload: true.into(),
        actor: Actor::Person,
    };
    let seq = write(&store, |tx| tx.intend(&pause));
    let leave = || store.mark_moved_away("roost.move".as_ref()).unwrap();
    assert!(!leave());
    assert_eq!(read(&store, |read| read.moved_away()), None);
    write(&store, |tx| tx.outbox_end(seq, OutboxEnding::Done));
    assert!(leave());
    assert!(read(&store, |read| read.moved_away()).is_some());
}
