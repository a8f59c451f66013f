//! A store that was put back from a backup, beside a relay that knows what happened since.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock as _, ManualClock, SystemClock};
use roost_core::id::{PostId, SeriesId};
use roost_core::post::Content;
use roost_core::status::Status;
use roost_engine::{Edit, NewPost};
use roost_relay_api::Lookup;
use roost_store::{Backup, SeriesState, Store, restore_backup};

use crate::world::{PATIENCE, World, new_post, wall_in};

/// An hour: far enough not to come in a test, near enough to be handed over.
const LATER: u64 = 3600;
/// When what goes out after the restore is due; nothing depends on which comes first.
const SOON: u64 = 20;

/// A post as it was in the backup, of an account.
async fn post(world: &World, account: &str, text: &str, seconds: u64) -> PostId {
    let account = Some(account.to_owned());
    let new = NewPost { account, ..new_post(text, seconds) };
    world.engine.create(new).await.unwrap().post.id
}

async fn say(world: &World, id: PostId, text: &str) {
    let edit = Edit { text: Some(text.to_owned()), ..Edit::default() };
    world.engine.edit(id, edit).await.unwrap();
}

async fn backup(world: &World) -> Backup {
    world.engine.backup(None).await.unwrap()
}

/// How often a text was sent to X.
async fn sent(world: &World, text: &str) -> usize {
    world.texts().await.iter().filter(|it| *it == text).count()
}

/// No row is behind what the relay knows of it.
async fn no_revision_fell(world: &World, ids: &[PostId]) {
    let known = world.relay().lookup(&Lookup { post_ids: ids.to_vec() }).await.unwrap();
    for delivery in known.deliveries {
        let row = world.show(delivery.post_id).await.row;
        assert!(row.revision >= delivery.revision, "{row:#?} is behind {delivery:#?}");
    }
}

/// What happens between backup and restore, to posts of the accounts in turn.
async fn a_restore_in_the_middle(accounts: &[&str]) {
    let mut world = World::without_account().await;
    for account in accounts {
        world.connect(account).await;
    }
    let mut turn = accounts.iter().cycle();
    let mut next = || *turn.next().unwrap();

    let out_since = post(&world, next(), "out since", 2).await;
    let changed = post(&world, next(), "changed, old words", SOON).await;
    let cancelled = post(&world, next(), "cancelled since", SOON).await;
    let moved = post(&world, next(), "moved since", LATER).await;
    let kept = post(&world, next(), "kept", SOON).await;
    world.engine.sync().await.unwrap();
    // Not handed over when the backup is made.
    let handed_since = post(&world, next(), "handed over since", SOON).await;
    let taken_back = post(&world, next(), "taken back before anybody heard of it", 1).await;
    let again = post(&world, next(), "cancelled, and scheduled again since", LATER).await;
    world.engine.cancel(&[again]).await.unwrap();
    let was_draft = {
        let account = Some(next().to_owned());
        let text = "a draft then".to_owned();
        let new = NewPost { text, account, ..NewPost::default() };
        world.engine.create(new).await.unwrap().post.id
    };
    let offline = post(&world, next(), "cancelled after the restore", SOON).await;
    let made = backup(&world).await;

    world.engine.cancel(&[taken_back]).await.unwrap();
    world.run();
    world.wait_for(out_since, Status::Posted).await;
    say(&world, changed, "changed, new words").await;
    say(&world, offline, "cancelled after the restore, changed before").await;
    world.engine.cancel(&[cancelled]).await.unwrap();
    world.wait_for(cancelled, Status::Cancelled).await;
    let edit = Edit { wall_time: Some(wall_in(2 * LATER)), ..Edit::default() };
    world.engine.edit(moved, edit).await.unwrap();
    world.engine.retry(again).await.unwrap();
    let zone = Some("Europe/Berlin".to_owned());
    let edit = Edit { wall_time: Some(wall_in(SOON)), zone, ..Edit::default() };
    world.engine.edit(was_draft, edit).await.unwrap();
    let written_since = post(&world, next(), "written since", SOON).await;
    let all = [changed, moved, again, was_draft, written_since, handed_since, offline, kept];
    for id in all {
        let is_there = |post: &roost_engine::view::PostDetail| {
            matches!(post.row.status, Status::Queued | Status::Sending | Status::Posted)
        };
        world.wait_until(id, "handed over", is_there).await;
    }
    let time_of_moved = world.show(moved).await.row.scheduled_at;
    let was_in_time = world.status(offline).await == Status::Queued;
    world.restore(&made).await;

    // The backup's word, before anybody was asked.
    assert_eq!(world.status(cancelled).await, Status::Queued);
    let asked = world.engine.cancel(&[offline]).await.unwrap();
    assert!(asked.cancelling.contains(&offline), "nobody can say \"cancelled\" yet: {asked:?}");
    world.run();
    for (id, text) in [
        (out_since, "out since"),
        (changed, "changed, new words"),
        (kept, "kept"),
        (handed_since, "handed over since"),
        (was_draft, "a draft then"),
        (written_since, "written since"),
    ] {
        let ended = world.wait_for_row(id, Status::Posted).await;
        assert_eq!(ended.row.text, text);
        assert!(ended.row.tweet_id.is_some(), "{text}");
        assert_eq!(sent(&world, text).await, 1, "{text}");
    }
    assert_eq!(sent(&world, "changed, old words").await, 0);
    assert_eq!(world.status(cancelled).await, Status::Cancelled);
    assert_eq!(sent(&world, "cancelled since").await, 0);
    assert_eq!(world.show(moved).await.row.scheduled_at, time_of_moved);
    world.wait_for(moved, Status::Queued).await;
    world.wait_for(again, Status::Queued).await;
    // Nobody here or there knows what became of it.
    assert_eq!(world.status(taken_back).await, Status::Missed);
    assert_eq!(sent(&world, "taken back before anybody heard of it").await, 0);
    if was_in_time {
        world.wait_for(offline, Status::Cancelled).await;
        assert_eq!(sent(&world, "cancelled after the restore, changed before").await, 0);
    }
    assert_eq!(sent(&world, "cancelled after the restore").await, 0);
    no_revision_fell(&world, &all).await;
    let notices = world.engine.take_notices().await.unwrap();
    assert!(notices.iter().any(|it| it.title.contains("restored backup")), "{notices:?}");
    // What is pressed after the restore is newer than all that the relay heard before it.
    world.engine.pause(true).await.unwrap();
    assert!(world.relay().status().await.unwrap().paused);
    world.stop_engine().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_store_learns_from_the_relay_what_happened_since_before_it_arms_anything() {
    a_restore_in_the_middle(&["demo"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_store_of_two_accounts_learns_what_happened_to_the_posts_of_both() {
    a_restore_in_the_middle(&["demo", "second"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_store_arms_nothing_while_the_relay_can_not_be_asked() {
    let mut world = World::new().await;
    let cancelled = world.post_in("cancelled since", 4).await;
    world.engine.sync().await.unwrap();
    let made = backup(&world).await;
    world.engine.cancel(&[cancelled]).await.unwrap();
    world.engine.sync().await.unwrap();
    assert_eq!(world.status(cancelled).await, Status::Cancelled);
    // An earlier pause, so that the relay knows numbers of this store's intentions.
    world.engine.pause(true).await.unwrap();
    world.engine.pause(false).await.unwrap();
    world.restore(&made).await;
    world.stop_local().await;
    world.engine.sync().await.unwrap_err();
    let trouble = world.engine.sync_state().await.unwrap().trouble.expect("told");
    assert!(trouble.message.contains("backup"), "{}", trouble.message);
    let store = world.store();
    assert!(store.read(|read| read.restored_mark()).unwrap().is_some(), "still to be asked");
    assert!(store.read(|read| read.outbox_open()).unwrap() <= 1);
    drop(store);
    world.start_local().await;
    world.run();
    let control = world.post_in("control", 3).await;
    world.wait_for(control, Status::Posted).await;
    assert_eq!(world.status(cancelled).await, Status::Cancelled);
    assert_eq!(world.texts().await, ["control"]);
    world.stop_engine().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_refused_while_an_engine_has_the_store_open() {
    let world = World::new().await;
    let made = backup(&world).await;
    let path = world.path("roost.db");
    let error = restore_backup(&path, &made.path, &SystemClock).unwrap_err();
    assert!(error.to_string().contains("open in another Roost"), "{error}");
    let store = Store::open(&path, Arc::new(SystemClock)).unwrap();
    assert!(store.read(|read| read.restored_mark()).unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_store_counts_the_posts_that_no_relay_can_speak_of() {
    let mut world = World::new().await;
    let handed_over = world.post_in("handed over", LATER).await;
    world.engine.sync().await.unwrap();
    let cancelled = world.post_in("cancelled since, never handed over", LATER).await;
    let draft = NewPost { text: "a draft".to_owned(), ..NewPost::default() };
    world.engine.create(draft).await.unwrap();
    let made = backup(&world).await;
    world.engine.cancel(&[cancelled]).await.unwrap();
    world.restore(&made).await;
    world.engine.sync().await.unwrap();
    let notices = world.engine.take_notices().await.unwrap();
    let told = notices.iter().find(|it| it.title.contains("restored backup")).expect("told");
    assert!(told.body.contains("1 post that the relay does not know waits"), "{}", told.body);
    assert_eq!(world.status(handed_over).await, Status::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_store_learns_of_newer_posts_of_an_older_series() {
    let mut world = World::new().await;
    let account = world.engine.accounts().await.unwrap()[0].x_user_id.clone();
    // Its posts have ids that begin with its own time.
    let days_ago = SystemClock.now().minus(Duration::from_hours(72));
    let id = SeriesId::new(days_ago);
    let state: SeriesState = serde_json::from_value(serde_json::json!({
        "account": account,
        "rule": "FREQ=DAILY;COUNT=1",
        "first": wall_in(LATER),
        "zone": "Europe/Berlin",
        "variants": [Content::of_texts(["as the series says"])],
        "make_next_at": days_ago,
    }))
    .unwrap();
    let path = world.path("roost.db");
    let store = Store::open(path, Arc::new(ManualClock::at(days_ago))).unwrap();
    store.write("test", |store| store.create_series(id, &state)).unwrap();
    drop(store);
    let made = backup(&world).await;
    world.run();
    let end = tokio::time::Instant::now() + PATIENCE;
    let post = loop {
        assert!(tokio::time::Instant::now() < end, "its post is not made");
        let rows = world.rows().await;
        match rows.iter().find(|row| row.series == Some(id)) {
            Some(row) => break row.id,
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    say(&world, post, "of its own").await;
    let is_held = |post: &roost_engine::view::PostDetail| post.row.status == Status::Queued;
    world.wait_until(post, "handed over", is_held).await;
    world.restore(&made).await;
    world.run();
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        assert!(tokio::time::Instant::now() < end, "{post} is not there");
        let rows = world.rows().await;
        if let Some(row) = rows.iter().find(|row| row.series == Some(id)) {
            assert_eq!((row.id, row.text.as_str()), (post, "of its own"));
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    world.stop_engine().await;
}
