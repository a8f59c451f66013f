//! A ledger that an earlier version made is opened: nothing of it is refused, and nothing is sent again.
//!
//! `golden/ledger_v8.sql` was written by the version before parts had more than a text, and
//! `golden/staged_by_v8.json` is what a desktop had staged there.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::path::Path;

use roost_core::clock::UnixMillis;
use roost_relay::OpenError;
use roost_relay::admin::Error;
use roost_relay_api::{DeliveryState, StageBatch, StageOutcome};

use crate::world::{World, seconds};

mod shipped {
    refinery::embed_migrations!("migrations");
}

const ROWS: &str = include_str!("../golden/ledger_v8.sql");
const STAGED: &str = include_str!("../golden/staged_by_v8.json");
const APPLICATION_ID: i32 = 0x526f_526c;

/// Makes the ledger as the version of then left it. That one made the log first and the mark in it, wrote
/// the log back at 4000 pages only, and its readers closed last: everything stands in the log alone.
fn make(path: &Path) {
    use rusqlite::{Connection, OpenFlags};
    let mut raw = Connection::open(path).expect("a file");
    raw.pragma_update(None, "journal_mode", "wal").expect("a log");
    raw.pragma_update(None, "wal_autocheckpoint", 4000).expect("a log that grows");
    raw.pragma_update(None, "application_id", APPLICATION_ID).expect("a relay's");
    let runner = shipped::migrations::runner().set_grouped(true);
    runner.set_target(refinery::Target::Version(8)).run(&mut raw).expect("the schema of then");
    raw.execute_batch(ROWS).expect("the rows of then");
    let reader = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let reader = reader.expect("a reader");
    reader.query_row("SELECT count(*) FROM post", [], |_| Ok(())).expect("read");
    drop(raw);
    drop(reader);
    assert_eq!(mark_in(path), 0, "the mark stands in the log");
}

/// The mark in the header of the file itself.
fn mark_in(path: &Path) -> i32 {
    let header = std::fs::read(path).expect("bytes");
    i32::from_be_bytes(header[68..72].try_into().expect("four bytes"))
}

/// A world whose relay works on the ledger of then.
async fn upgraded() -> (World, StageBatch) {
    let batch: StageBatch = serde_json::from_str(STAGED).expect("a batch");
    let mut world = World::new().await;
    assert_eq!(world.account, batch.items[0].account, "the same account");
    world.stop_relay().await;
    for name in ["relay.sqlite", "relay.sqlite-wal", "relay.sqlite-shm"] {
        let _ = std::fs::remove_file(world.file(name));
    }
    make(&world.file("relay.sqlite"));
    world.store = batch.store_id;
    world.clock.advance(seconds(3));
    world.start_relay().await;
    world.client().connect(&world.account, &world.grant).await.expect("connected");
    (world, batch)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_whose_mark_stood_only_in_its_log_is_known_and_gets_the_mark() {
    let (world, _batch) = upgraded().await;
    assert_eq!(mark_in(&world.file("relay.sqlite")), APPLICATION_ID);
}

#[test]
fn what_works_beside_a_ledger_that_was_not_upgraded_yet_says_that_it_is_older() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = folder.path().join("relay.sqlite");
    make(&ledger);
    let error = roost_relay::admin::devices(&ledger).expect_err("not upgraded");
    let is_told = matches!(error, Error::Database(OpenError::Older(_)));
    assert!(is_told, "{error}");
}

#[test]
fn a_relay_that_was_not_started_since_an_update_can_move() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = folder.path().join("relay.sqlite");
    make(&ledger);
    let frozen = roost_relay::admin::freeze(&ledger, "roost.move", UnixMillis(1)).expect("noted");
    roost_relay::admin::thaw(&ledger, &frozen).expect("taken back");
    roost_relay::admin::devices(&ledger).expect("it was brought up to date");
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
