//! What needs a check and is sent again goes the way of any other post: it waits where it must, can
//! be cancelled there, and can be left alone.

use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::Finding;
use roost_relay_api::{DeliveryState, Lookup};
use roost_x_sandbox::{Fault, FaultKind, On};

use crate::world::World;

/// A post whose request was cut before X did anything, after every look.
async fn parked(world: &World, text: &str) -> PostId {
    let mut cut = Fault::new(On::Create, FaultKind::CutBefore);
    cut.text = Some(text.to_owned());
    world.sandbox.sandbox.arm(cut).unwrap();
    let id = world.post_in(text, 1).await;
    world.wait_for(id, Status::Unknown).await;
    id
}

/// The texts of the posts that X made.
async fn made(world: &World) -> Vec<String> {
    let made = world.ledger().await.into_iter().filter(|entry| entry.accepted);
    made.filter_map(|entry| entry.text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_and_has_to_wait_is_shown_waiting_and_goes_out_once() {
    let mut world = World::new().await;
    world.run();
    let id = parked(&world, "sent again").await;
    world.engine.pause(true).await.unwrap();
    world.engine.resolve(id, Finding::SendAgain).await.unwrap();
    let held = world.wait_for(id, Status::Held).await;
    assert_eq!(held.row.reason.unwrap().code.as_str(), "paused");
    world.engine.pause(false).await.unwrap();
    world.wait_for(id, Status::Posted).await;
    assert_eq!(made(&world).await, ["sent again"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_and_waits_is_cancelled_by_the_relay_and_never_goes_out() {
    let mut world = World::new().await;
    world.run();
    let id = parked(&world, "sent again, and cancelled").await;
    world.engine.pause(true).await.unwrap();
    // The decision reaches the relay, and this computer is not told.
    world.stop_engine().await;
    let resolve = roost_relay_api::Resolve::SendAgain;
    let told = world.relay().resolve(id, &resolve).await.unwrap();
    assert_ne!(told.state, DeliveryState::Parked);
    assert_eq!(world.status(id).await, Status::Unknown);
    let asked = world.engine.cancel(&[id]).await.unwrap();
    assert_eq!((asked.cancelled, asked.cancelling), (vec![], vec![id]), "only the relay knows");
    world.run();
    world.wait_for(id, Status::Cancelled).await;
    world.engine.pause(false).await.unwrap();
    let control = world.post_in("control", 1).await;
    world.wait_for(control, Status::Posted).await;
    assert_eq!(made(&world).await, ["control"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_needs_a_check_is_left_alone_and_a_decision_that_was_not_told_with_it() {
    let mut world = World::new().await;
    world.run();
    let (cancelled, deleted) = (parked(&world, "left").await, parked(&world, "removed").await);
    world.stop_engine().await;
    let reachable = world.endpoints();
    let mut unreachable = reachable.clone();
    // Nobody listens on the port of discarding.
    unreachable.relay.url = "http://127.0.0.1:9".to_owned();
    world.engine.use_endpoints(Some(unreachable)).unwrap();
    assert!(world.engine.resolve(cancelled, Finding::SendAgain).await.is_err());
    assert_eq!(world.engine.cancel(&[cancelled]).await.unwrap().cancelling, [cancelled]);
    assert_eq!(world.engine.delete(&[deleted]).await.unwrap().cancelling, [deleted]);
    let error = world.engine.resolve(cancelled, Finding::SendAgain).await.unwrap_err();
    assert_eq!(error.code().as_str(), "change_not_allowed");
    world.engine.use_endpoints(Some(reachable)).unwrap();
    world.run();
    world.engine.flush_outbox().await.unwrap();
    world.wait_for(cancelled, Status::Cancelled).await;
    assert!(world.engine.post(deleted).await.is_err(), "out of sight");
    let lookup = Lookup { post_ids: vec![cancelled, deleted] };
    for known in world.relay().lookup(&lookup).await.unwrap().deliveries {
        assert_eq!((known.state, known.attempts), (DeliveryState::Parked, 1));
    }
    assert_eq!(made(&world).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_about_what_was_decided_elsewhere_shows_what_is() {
    let mut world = World::new().await;
    world.run();
    let id = parked(&world, "decided elsewhere").await;
    world.stop_engine().await;
    world.relay().resolve(id, &roost_relay_api::Resolve::SendAgain).await.unwrap();
    while made(&world).await.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let error = world.engine.resolve(id, Finding::SendAgain).await.unwrap_err();
    assert_eq!(error.code().as_str(), "too_late");
    world.run();
    world.wait_for(id, Status::Posted).await;
    assert_eq!(made(&world).await, ["decided elsewhere"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_of_the_person_while_the_relay_looks() {
    let mut world = World::new().await;
    world.run();
    // Nothing shows in the timeline until every look was made.
    let mut cut = Fault::new(On::Create, FaultKind::CutBefore);
    cut.text = Some("looked for".to_owned());
    world.sandbox.sandbox.arm(cut).unwrap();
    let id = world.post_in("looked for", 1).await;
    let reason = loop {
        let row = world.show(id).await.row;
        match (row.status, row.reason) {
            (Status::Sending, Some(reason)) => break reason,
            (status, _) => assert_ne!(status, Status::Unknown, "the looks were never seen"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert!(reason.remedy.starts_with("Nothing to do now"), "{reason:?}");
    world.wait_for(id, Status::Unknown).await;
    let remedy = world.show(id).await.row.reason.unwrap().remedy;
    assert!(remedy.contains("say whether it went out"), "{remedy}");
}
