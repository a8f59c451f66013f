//! X refuses to answer a post that it created moments ago, because it has not caught up with itself.

use roost_core::clock::Clock;
use roost_relay_api::{DeliveryState, Stage};
use roost_x_sandbox::{Fault, FaultKind, On};

use crate::world::{World, seconds};

/// Has X show each post to replies only so long after it was made. Returns the fault's number.
fn lag(world: &World, lag_seconds: u64) -> u64 {
    let fault =
        Fault { millis: Some(lag_seconds * 1000), ..Fault::new(On::Create, FaultKind::Lag) };
    world.x.sandbox.arm(fault).expect("armed").id
}

async fn delivered(world: &World, texts: &[&str]) -> Stage {
    let item = world.thread(texts, seconds(0));
    world.stage(std::slice::from_ref(&item)).await;
    world.deliver(&item).await;
    item
}

/// What X accepted and refused of the post's requests.
async fn outcomes(world: &World) -> (usize, usize) {
    let creates = world.creates().await;
    let accepted = creates.iter().filter(|create| create.accepted).count();
    (accepted, creates.len() - accepted)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_goes_out_whole_although_x_does_not_show_its_parts_at_once() {
    let mut world = World::new().await;
    lag(&world, 12);
    let item = delivered(&world, &["One", "Two", "Three"]).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("parent_not_visible"));
    assert_eq!(waiting.until, Some(world.clock.now().plus(seconds(5))));
    assert_eq!(outcomes(&world).await, (1, 1));
    // The wait is a row: it outlives the relay's process.
    world.stop_relay().await;
    world.start_relay().await;
    world.settle().await;
    assert_eq!(outcomes(&world).await, (1, 1), "not before its time");
    let posted = world.comes_to(item.post_id, DeliveryState::Posted, seconds(1)).await;
    assert_eq!(posted.live.len(), 3);
    let (accepted, _) = outcomes(&world).await;
    assert_eq!(accepted, 3, "each part once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_whose_first_part_is_deleted_meanwhile_ends_partial_after_a_few_tries() {
    let world = World::new().await;
    let lagging = lag(&world, 3600);
    let item = delivered(&world, &["One", "Two"]).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    let first = waiting.live[0].clone();
    let x = roost_x_api::Client::builder(world.config.x_api_base.clone()).build().expect("X");
    assert!(x.delete_post(&world.grant.access_token, &first.0).await.expect("deleted"));
    world.x.sandbox.disarm(Some(lagging));
    let partial = world.comes_to(item.post_id, DeliveryState::Partial, seconds(5)).await;
    assert_eq!(partial.code.as_deref(), Some("parent_gone"));
    assert_eq!(partial.live, vec![first]);
    assert_eq!(outcomes(&world).await, (1, 6), "five more tries, and no more");
    world.clock.advance(seconds(3600));
    world.settle().await;
    assert_eq!(outcomes(&world).await, (1, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_answers_what_is_long_on_x_is_not_tried_again() {
    let world = World::new().await;
    let mut limited = Fault::named(On::Create, "rate_limited");
    limited.after = 1;
    world.x.sandbox.arm(limited).expect("armed");
    let item = delivered(&world, &["One", "Two"]).await;
    world.reaches(item.post_id, DeliveryState::Waiting).await;
    world.x.sandbox.arm(Fault::named(On::Create, "parent_gone_403")).expect("armed");
    world.clock.advance(seconds(3600));
    let partial = world.reaches(item.post_id, DeliveryState::Partial).await;
    assert_eq!(partial.code.as_deref(), Some("parent_gone"));
    assert_eq!(outcomes(&world).await, (1, 2));
}
