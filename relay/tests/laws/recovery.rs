//! What survives an end, a gap, an older backup, and a lost database.
#![expect(
    clippy::disallowed_methods,
    reason = "the test plays another program's part on the file and the wire"
)]

use roost_core::clock::Clock;
use roost_core::id::Revision;
use roost_relay::{Config, Error, OpenError, Relay};
use roost_relay_api::{DeliveryState, ManifestPost, StageOutcome};
use roost_x_sandbox::{Fault, FaultKind, On};
use std::sync::Arc;

use crate::world::{World, seconds};

/// The ledger as it was while a call was on its way.
const BACK_TO_SENDING: &str = "
    DELETE FROM live_part;
    UPDATE post SET state = 'sending', live = 0, tweet_id = NULL, posted_at = NULL,
        decided_at = NULL;
    UPDATE intent SET outcome = NULL, ended_at = NULL, detail = NULL;";

fn tamper(world: &World, sql: &str) {
    let file = rusqlite::Connection::open(world.file("relay.sqlite")).expect("a file");
    file.execute_batch(sql).expect("changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_ended_while_sending_looks_and_never_repeats() {
    let mut world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    let posted = world.reaches(item.post_id, DeliveryState::Posted).await;
    world.stop_relay().await;
    tamper(&world, BACK_TO_SENDING);
    world.start_relay().await;
    let found = world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(found.tweet_id, posted.tweet_id);
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_is_being_sent_by_nobody_is_looked_for_without_a_restart() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    let posted = world.reaches(item.post_id, DeliveryState::Posted).await;
    tamper(&world, BACK_TO_SENDING);
    world.clock.advance(seconds(2));
    let found = world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(found.tweet_id, posted.tweet_id);
    assert_eq!(world.metric("found_total").await, 1);
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_only_listens_is_not_healthy() {
    let world = World::new().await;
    let health =
        async || world.http.get(world.url("/healthz")).send().await.expect("an answer").status();
    assert!(health().await.is_success());
    world.stop_work();
    world.clock.advance(seconds(301));
    assert_eq!(health().await.as_u16(), 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_never_changes_the_schema_under_a_running_relay() {
    let world = World::new().await;
    let add = |name| {
        roost_relay::admin::add_device(&world.config.database, name, world.clock.now())
            .map_err(|error| error.to_string())
    };
    add("same version").expect("added");
    let last = "DELETE FROM refinery_schema_history
        WHERE version = (SELECT max(version) FROM refinery_schema_history)";
    tamper(&world, last);
    let refused = add("newer command").expect_err("refused");
    assert!(refused.contains("older roost-relay"), "{refused}");
    tamper(&world, "UPDATE refinery_schema_history SET version = version + 100");
    let refused = add("older command").expect_err("refused");
    assert!(refused.contains("newer roost-relay"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_relay_on_the_same_ledger_says_so_and_leaves() {
    let mut world = World::new().await;
    let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
    let config = std::mem::replace(&mut world.config, Config::new("elsewhere"));
    let error = Relay::open(config, clock).expect_err("in use");
    assert!(matches!(error, Error::Database(OpenError::InUse(_))), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_due_in_a_gap_is_looked_for_before_its_first_call() {
    let mut world = World::new().await;
    let sent = world.staged("sent by the machine that died", seconds(60)).await;
    let unsent = world.staged("never sent", seconds(60)).await;
    world.stop_relay().await;
    // The other machine sent the one before it died; this file is an older copy.
    world.clock.set(sent.due_at);
    let token = world.grant.access_token.clone();
    let x = roost_x_api::Client::new(world.config.x_api_base.clone()).expect("a client");
    let post = roost_x_api::CreatePost {
        text: sent.content.parts[0].text.clone(),
        ..roost_x_api::CreatePost::default()
    };
    let created = x.create_post(&token, &post).await.expect("created");
    world.clock.advance(seconds(900));
    world.start_relay().await;
    for item in [&sent, &unsent] {
        world.deliver(item).await;
        world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    }
    let found = world.delivery(sent.post_id).await.expect("known");
    assert_eq!(found.tweet_id.map(|id| id.0), Some(created.id));
    assert_eq!(world.creates().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_is_seen_before_the_first_call_whatever_else_the_relay_is_at() {
    let world = World::with(|config| config.pace.prove_every = seconds(60), |_| {}).await;
    let item = world.staged("sent by the machine that died", seconds(400)).await;
    // X is slow to say whose the grant is, and the relay is at that when the gap ends.
    let mut slow = Fault::new(On::Me, FaultKind::Slow);
    slow.millis = Some(2_000);
    let slow = world.x.sandbox.arm(slow).expect("armed");
    world.clock.advance(seconds(61));
    world.strikes(slow.id).await;
    world.clock.set(item.due_at);
    let x = roost_x_api::Client::new(world.config.x_api_base.clone()).expect("a client");
    let text = item.content.parts[0].text.clone();
    let post = roost_x_api::CreatePost { text, ..roost_x_api::CreatePost::default() };
    let created = x.create_post(&world.grant.access_token, &post).await.expect("created");
    world.clock.advance(seconds(600));
    world.deliver(&item).await;
    let posted = world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(posted.tweet_id.map(|id| id.0), Some(created.id));
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_database_sends_nothing_before_the_manifest_and_nothing_twice() {
    let mut world = World::new().await;
    let posted = world.staged("posted", seconds(0)).await;
    world.deliver(&posted).await;
    let was = world.reaches(posted.post_id, DeliveryState::Posted).await;
    let withdrawn = world.staged("withdrawn", seconds(60)).await;
    world.withdraw(withdrawn.post_id, 2).await;
    let live = world.staged("live", seconds(60)).await;
    let old_epoch = world.status().await.epoch;
    world.stop_relay().await;
    for name in ["relay.sqlite", "relay.sqlite-wal", "relay.sqlite-shm"] {
        let _ = std::fs::remove_file(world.file(name));
    }
    world.start_relay().await;
    let status = world.status().await;
    assert_ne!(status.epoch, old_epoch);
    assert!(status.needs_manifest);
    world.client().connect(&world.account, &world.grant).await.expect("connected");
    // Somebody stages before the manifest: the relay takes it, and sends nothing.
    assert_eq!(world.stage(std::slice::from_ref(&live)).await[0].outcome, StageOutcome::Staged);
    world.clock.set(live.due_at.plus(seconds(600)));
    assert!(world.deliver(&live).await.0.is_success());
    assert_eq!(world.deliver(&posted).await.0.as_u16(), 503);
    world.settle().await;
    assert_eq!(world.creates().await.len(), 1);
    let row = |item: &roost_relay_api::Stage, revision, state, tweet_id| ManifestPost {
        post_id: item.post_id,
        revision: Revision(revision),
        state,
        tweet_id,
        due_at: None,
        elsewhere: false,
        unproven: false,
    };
    world
        .introduce(vec![
            row(&posted, 1, DeliveryState::Posted, was.tweet_id.clone()),
            row(&withdrawn, 2, DeliveryState::Withdrawn, None),
            row(&live, 1, DeliveryState::Staged, None),
        ])
        .await;
    assert!(!world.status().await.needs_manifest);
    assert_eq!(world.deliver(&posted).await.1["state"], "posted");
    assert_eq!(world.deliver(&withdrawn).await.1["state"], "superseded");
    assert_eq!(world.stage(&[withdrawn]).await[0].outcome, StageOutcome::Conflict);
    world.comes_to(live.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(world.creates().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_that_were_being_sent_when_the_database_was_lost_are_looked_for_or_parked() {
    let mut world = World::new().await;
    let mut items = Vec::new();
    for text in ["armed as it was", "armed anew", "never told again"] {
        let item = world.staged(text, seconds(0)).await;
        world.deliver(&item).await;
        world.reaches(item.post_id, DeliveryState::Posted).await;
        items.push(item);
    }
    world.stop_relay().await;
    for name in ["relay.sqlite", "relay.sqlite-wal", "relay.sqlite-shm"] {
        let _ = std::fs::remove_file(world.file(name));
    }
    world.start_relay().await;
    let sending = |item: &roost_relay_api::Stage| ManifestPost {
        post_id: item.post_id,
        revision: item.revision,
        state: DeliveryState::Sending,
        tweet_id: None,
        due_at: None,
        elsewhere: false,
        unproven: false,
    };
    world.introduce(items.iter().map(sending).collect()).await;
    world.client().connect(&world.account, &world.grant).await.expect("connected");
    items[1].revision = Revision(2);
    for result in world.stage(&items[..2]).await {
        assert_eq!(result.outcome, StageOutcome::Staged);
    }
    for item in &items[..2] {
        world.reaches(item.post_id, DeliveryState::Posted).await;
    }
    world.comes_to(items[2].post_id, DeliveryState::Parked, seconds(60)).await;
    assert_eq!(world.creates().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_backup_learns_from_the_manifest_what_was_withdrawn_and_edited() {
    let mut world = World::new().await;
    let withdrawn = world.staged("withdrawn after the backup", seconds(600)).await;
    let edited = world.staged("before the edit", seconds(600)).await;
    world.stop_relay().await;
    // The backup knows neither the withdrawal nor the edit; restoring renews the mark.
    tamper(&world, "UPDATE relay SET epoch = 'restored'");
    world.start_relay().await;
    world.clock.set(withdrawn.due_at.plus(seconds(300)));
    world.deliver(&withdrawn).await;
    world.deliver(&edited).await;
    world.settle().await;
    assert!(world.creates().await.is_empty(), "the backstop and every delivery rest");
    let row = |item: &roost_relay_api::Stage, state| ManifestPost {
        post_id: item.post_id,
        revision: Revision(2),
        state,
        tweet_id: None,
        due_at: None,
        elsewhere: false,
        unproven: false,
    };
    world
        .introduce(vec![
            row(&withdrawn, DeliveryState::Withdrawn),
            row(&edited, DeliveryState::Staged),
        ])
        .await;
    let mut new = edited.clone();
    new.revision = Revision(2);
    new.content.parts[0].text = "after the edit".to_owned();
    assert_eq!(world.stage(&[new.clone()]).await[0].outcome, StageOutcome::Staged);
    world.deliver(&new).await;
    world.comes_to(new.post_id, DeliveryState::Posted, seconds(10)).await;
    world.settle().await;
    let texts: Vec<_> = world.creates().await.into_iter().filter_map(|entry| entry.text).collect();
    assert_eq!(texts, ["after the edit"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_database_answers_later_and_sends_nothing_without_its_intent() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    let holder = rusqlite::Connection::open(world.file("relay.sqlite")).expect("a file");
    holder.execute_batch("BEGIN IMMEDIATE").expect("held");
    // Another program holds the file longer than the relay waits for it.
    let (status, _) = world.deliver(&item).await;
    assert_eq!(status.as_u16(), 503);
    assert!(world.creates().await.is_empty());
    holder.execute_batch("ROLLBACK").expect("let go");
    assert!(world.deliver(&item).await.0.is_success());
    world.reaches(item.post_id, DeliveryState::Posted).await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_back_sends_nothing_early_and_nothing_twice() {
    let world = World::new().await;
    let sent = world.staged("sent", seconds(0)).await;
    world.deliver(&sent).await;
    world.reaches(sent.post_id, DeliveryState::Posted).await;
    let later = world.staged("later", seconds(3600)).await;
    world.clock.set(later.due_at.minus(seconds(24 * 3600)));
    world.deliver(&later).await;
    world.deliver(&sent).await;
    world.settle().await;
    assert_eq!(world.creates().await.len(), 1);
    world.clock.set(later.due_at);
    world.comes_to(later.post_id, DeliveryState::Posted, seconds(5)).await;
    assert_eq!(world.creates().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_and_events_grow_old_but_an_outcome_never_does() {
    let mut world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    let head = world.status().await.head;
    world.clock.advance(seconds(91 * 24 * 3600));
    let gone = loop {
        let page = world.client().events(0, 10, std::time::Duration::ZERO).await;
        if let Err(error) = page {
            break error;
        }
        world.settle().await;
    };
    let code = gone.refusal().map(|refusal| refusal.code);
    assert_eq!(code, Some(roost_relay_api::RefusalCode::CursorGone));
    assert!(world.status().await.head >= head, "a number is never given twice");
    let mut again = item.clone();
    again.revision = Revision(2);
    assert_eq!(world.stage(&[again]).await[0].outcome, StageOutcome::TooLate);
    assert_eq!(world.deliver(&item).await.1["state"], "posted");
    world.stop_relay().await;
    let file = rusqlite::Connection::open(world.file("relay.sqlite")).expect("a file");
    let texts: i64 =
        file.query_row("SELECT count(*) FROM part", [], |row| row.get(0)).expect("a count");
    assert_eq!(texts, 0);
    assert_eq!(world.creates().await.len(), 1);
}
