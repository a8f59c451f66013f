//! A ledger that an earlier version made is opened: nothing of it is refused, and nothing is sent again.
//!
//! `golden/ledger_v8.sql` was written by the version before parts had more than a text, and
//! `golden/staged_by_v8.json` is what a desktop had staged there.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use roost_relay_api::{DeliveryState, StageBatch, StageOutcome};

use crate::world::{World, seconds};

mod shipped {
    refinery::embed_migrations!("migrations");
}

const ROWS: &str = include_str!("../golden/ledger_v8.sql");
const STAGED: &str = include_str!("../golden/staged_by_v8.json");
const APPLICATION_ID: i32 = 0x526f_526c;

/// A world whose relay works on the ledger of then.
async fn upgraded() -> (World, StageBatch) {
    let batch: StageBatch = serde_json::from_str(STAGED).expect("a batch");
    let mut world = World::new().await;
    assert_eq!(world.account, batch.items[0].account, "the same account");
    world.stop_relay().await;
    for name in ["relay.sqlite", "relay.sqlite-wal", "relay.sqlite-shm"] {
        let _ = std::fs::remove_file(world.file(name));
    }
    let mut raw = rusqlite::Connection::open(world.file("relay.sqlite")).expect("a file");
    raw.pragma_update(None, "application_id", APPLICATION_ID).expect("a relay's");
    raw.pragma_update(None, "journal_mode", "wal").expect("a log");
    let runner = shipped::migrations::runner().set_grouped(true);
    runner.set_target(refinery::Target::Version(8)).run(&mut raw).expect("the schema of then");
    raw.execute_batch(ROWS).expect("the rows of then");
    drop(raw);
    world.store = batch.store_id;
    world.clock.advance(seconds(3));
    world.start_relay().await;
    world.client().connect(&world.account, &world.grant).await.expect("connected");
    (world, batch)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_staged_before_the_upgrade_is_the_same_when_it_is_staged_again() {
    let (world, batch) = upgraded().await;
    let results = world.stage(&batch.items).await;
    for result in &results {
        assert_eq!(result.outcome, StageOutcome::Staged, "{result:?}");
    }
    let states: Vec<_> = results.iter().map(|result| result.state).collect();
    use DeliveryState::{Posted, Staged};
    assert_eq!(states, [Some(Staged), Some(Staged), Some(Staged), Some(Posted)]);
    let mut other = batch.items[0].clone();
    other.content.parts[0].text.push('!');
    assert_eq!(world.stage(&[other]).await.remove(0).outcome, StageOutcome::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_staged_before_the_upgrade_goes_out_once_and_what_went_out_does_not_again() {
    let (world, batch) = upgraded().await;
    world.stage(&batch.items).await;
    // In time, each by itself: what is overdue keeps its distance.
    world.clock.advance(seconds(500));
    for item in &batch.items {
        world.clock.advance(seconds(100));
        world.deliver(item).await;
        world.reaches(item.post_id, DeliveryState::Posted).await;
    }
    let mut texts: Vec<_> =
        world.creates().await.into_iter().filter_map(|entry| entry.text).collect();
    texts.sort();
    let expected = ["A post that waits", "A thread that waits", "Words after the edit", "its end"];
    assert_eq!(texts, expected);
}
