//! What would grow for ever is let go by the running loop, and nothing that is still of use.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock as _, ManualClock, SystemClock};
use roost_core::status::Actor;
use roost_engine::NewPost;
use roost_store::{
    NewOutbox, NewSyncRun, OutboxEnding, OutboxKind, Store, SyncKind, SyncOutcome, SyncTally, Tx,
};

use crate::world::{PATIENCE, World};

const DAY: Duration = Duration::from_hours(24);
const FORTY_YEARS: Duration = Duration::from_hours(40 * 365 * 24);

fn intend(store: &mut Tx<'_>) -> Result<i64, roost_store::Error> {
    store.intend(&NewOutbox {
        kind: OutboxKind::Pause,
        post_id: None,
        revision: None,
        payload: true.into(),
        actor: Actor::Person,
    })
}

/// Writes, so many days ago, an intention that ended, and the record of a sync pass.
fn ended_days_ago(path: &Path, days: u32) {
    let clock = ManualClock::at(SystemClock.now().minus(DAY * days));
    let store = Store::open(path, Arc::new(clock)).unwrap();
    let ended = store.write("ended", intend).unwrap();
    store.write("end", |store| store.outbox_end(ended, OutboxEnding::Done)).unwrap();
    let new = NewSyncRun { reason: "test".into(), kind: SyncKind::Main, window: None };
    let run = store.write("run", |store| store.sync_began(&new)).unwrap();
    let tally = SyncTally::default();
    store.write("ran", |store| store.sync_ended(run, SyncOutcome::Done, &tally)).unwrap();
}

/// Rows of intentions, of sync passes that the test wrote, and posts in the trash.
fn rows(path: &Path) -> [i64; 3] {
    let database = rusqlite::Connection::open(path).unwrap();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get(0)).unwrap();
    [
        count("SELECT count(*) FROM outbox"),
        count("SELECT count(*) FROM sync_run WHERE reason = 'test'"),
        count("SELECT count(*) FROM scheduled_post WHERE deleted_at IS NOT NULL"),
    ]
}

async fn throw_away(world: &World, days_ago: u32) {
    let clock = ManualClock::at(SystemClock.now().minus(DAY * days_ago));
    let engine = world.beside_at(None, Arc::new(clock));
    let new = NewPost { text: format!("thrown away {days_ago} days ago"), ..NewPost::default() };
    let thrown = engine.create(new).await.unwrap();
    engine.delete(&[thrown.post.id]).await.unwrap();
}

async fn until(path: &Path, expected: [i64; 3]) {
    let end = tokio::time::Instant::now() + PATIENCE;
    while rows(path) != expected {
        assert!(tokio::time::Instant::now() < end, "{:?} is not {expected:?}", rows(path));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_long_ago_is_let_go_and_what_is_open_stays() {
    let mut world = World::new().await;
    let path = world.path("roost.db");
    for days in [91, 31] {
        ended_days_ago(&path, days);
    }
    for days in [31, 29] {
        throw_away(&world, days).await;
    }
    world.store().write("open", intend).unwrap();
    assert_eq!(rows(&path), [3, 2, 2]);
    world.run();
    until(&path, [1, 1, 1]).await;
    world.stop_engine().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_decades_ahead_empties_nothing() {
    let world = World::new().await;
    let path = world.path("roost.db");
    ended_days_ago(&path, 1);
    throw_away(&world, 1).await;
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let engine = world.beside_at(None, clock.clone());
    engine.use_endpoints(Some(world.endpoints())).unwrap();
    clock.advance(FORTY_YEARS);
    let stop = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn({
        let (engine, stop) = (engine.clone(), stop.clone());
        async move { engine.run(stop).await }
    });
    // The loop has removed what is old before it begins a pass.
    let end = tokio::time::Instant::now() + PATIENCE;
    while engine.sync_state().await.unwrap().last_sync_at.is_none() {
        assert!(tokio::time::Instant::now() < end, "no pass was made");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    assert_eq!(rows(&path), [1, 1, 1]);
}
