//! What would grow for ever is let go by the running loop, and nothing that is still of use.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock as _, ManualClock, SystemClock};
use roost_core::status::Actor;
use roost_engine::{Engine, EngineConfig, NewPost};
use roost_store::{
    NewOutbox, NewSyncRun, OutboxEnding, OutboxKind, Store, SyncKind, SyncOutcome, SyncTally, Tx,
};
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(40);
const DAY: Duration = Duration::from_hours(24);

fn intend(store: &mut Tx<'_>) -> Result<i64, roost_store::Error> {
    store.intend(&NewOutbox {
        kind: OutboxKind::Pause,
        post_id: None,
        revision: None,
        payload: true.into(),
        actor: Actor::Person,
    })
}

/// Rows of intentions, hand-overs and posts in the trash.
fn rows(path: &std::path::Path) -> [i64; 3] {
    let database = rusqlite::Connection::open(path).unwrap();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get(0)).unwrap();
    [
        count("SELECT count(*) FROM outbox"),
        count("SELECT count(*) FROM sync_run"),
        count("SELECT count(*) FROM scheduled_post WHERE deleted_at IS NOT NULL"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_long_ago_is_let_go_once_a_day_and_what_is_open_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roost.db");
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let engine = Engine::open(EngineConfig::new(&path), clock.clone()).unwrap();
    let store = Store::open(&path, clock.clone()).unwrap();
    let thrown = engine.create(NewPost { text: "thrown away".into(), ..NewPost::default() }).await;
    engine.delete(&[thrown.unwrap().post.id]).await.unwrap();
    let ended = store.write("ended", intend).unwrap();
    store.write("end", |store| store.outbox_end(ended, OutboxEnding::Done)).unwrap();
    store.write("open", intend).unwrap();
    for _ in 0..2 {
        let new = NewSyncRun { reason: "test".into(), kind: SyncKind::Main, window: None };
        let run = store.write("run", |store| store.sync_began(&new)).unwrap();
        let tally = SyncTally::default();
        store.write("ran", |store| store.sync_ended(run, SyncOutcome::Done, &tally)).unwrap();
    }
    assert_eq!(rows(&path), [2, 2, 1]);

    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (engine, stop) = (engine.clone(), stop.clone());
        async move { engine.run(stop).await }
    });
    let until = async |expected: [i64; 3]| {
        let end = tokio::time::Instant::now() + PATIENCE;
        while rows(&path) != expected {
            assert!(tokio::time::Instant::now() < end, "{:?} is not {expected:?}", rows(&path));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    clock.advance(DAY * 31);
    until([1, 2, 0]).await;
    clock.advance(DAY * 60);
    until([1, 1, 0]).await;
    stop.cancel();
    running.await.unwrap().unwrap();
}
