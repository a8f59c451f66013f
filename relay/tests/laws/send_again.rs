//! What a person's "send again" may still learn from X.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use roost_relay_api::{Decision, DeliveryState, Resolve};
use roost_x_sandbox::{Fault, FaultKind, On};

use crate::world::{World, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn a_post_sent_again_that_had_landed_is_found_however_long_ago_it_landed() {
    let world = World::with(|_| {}, |x| x.duplicates = true).await;
    let mut lag = Fault::new(On::Timeline, FaultKind::Lag);
    lag.millis = Some(6 * 3_600_000);
    let lag = world.x.sandbox.arm(lag).expect("armed");
    world.x.sandbox.arm(Fault::new(On::Create, FaultKind::CutAfter)).expect("armed");
    let item = world.staged("It landed, and nobody heard", seconds(0)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Unknown).await;
    world.comes_to(item.post_id, DeliveryState::Parked, seconds(60)).await;
    world.x.sandbox.disarm(Some(lag.id));
    // X refuses the repetition as a duplicate: that says that the first one is there.
    world.client().resolve(item.post_id, &Resolve::SendAgain).await.expect("taken");
    let posted = world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert!(posted.tweet_id.is_some(), "{posted:?}");
    let created = world.creates().await.iter().filter(|entry| entry.tweet_id.is_some()).count();
    assert_eq!(created, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_says_of_no_decision_that_a_person_made_it_when_nobody_did() {
    for (by_itself, words) in [
        (false, "a person decided to send it again"),
        (true, "the desktop of a sandbox sent it again by itself"),
    ] {
        let world = World::new().await;
        world.x.sandbox.arm(Fault::new(On::Create, FaultKind::CutBefore)).expect("armed");
        let item = world.staged("Hello", seconds(0)).await;
        world.deliver(&item).await;
        world.reaches(item.post_id, DeliveryState::Unknown).await;
        world.comes_to(item.post_id, DeliveryState::Parked, seconds(60)).await;
        let decision = Decision { by_itself, ..Decision::from(Resolve::SendAgain) };
        world.client().decide(item.post_id, &decision).await.expect("taken");
        world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
        let ledger = rusqlite::Connection::open(&world.config.database).expect("a ledger");
        let detail: String = ledger
            .query_row("SELECT detail FROM intent WHERE outcome = 'overruled'", [], |row| {
                row.get(0)
            })
            .expect("an intent");
        assert_eq!(detail, words);
    }
}
