//! What no look finds: a person decides, or the setting did beforehand, once.

use std::time::Duration;

use roost_relay_api::{DeliveryState, EventKind, Stage};
use roost_x_sandbox::{Fault, FaultKind, On};

use crate::world::{World, seconds};

async fn with_the_setting() -> World {
    World::with(|config| config.resend_once = true, |_| {}).await
}

async fn struck(world: &World, fault: Fault) -> Stage {
    world.x.sandbox.arm(fault).expect("armed");
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Unknown).await;
    item
}

/// What the feed, and so the receipt, says of a post.
async fn told(world: &World, item: &Stage) -> Vec<String> {
    let page = world.client().events(0, 1000, Duration::ZERO).await.expect("a page");
    let deliveries = page.events.into_iter().filter_map(|event| match event.kind {
        EventKind::Delivery { delivery } if delivery.post_id == item.post_id => delivery.message,
        _ => None,
    });
    deliveries.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_look_finds_is_sent_once_more_by_itself_and_the_receipt_says_so() {
    let world = with_the_setting().await;
    let item = struck(&world, Fault::new(On::Create, FaultKind::CutBefore)).await;
    let posted = world.comes_to(item.post_id, DeliveryState::Posted, seconds(30)).await;
    assert_eq!(posted.attempts, 2);
    let creates = world.creates().await;
    assert_eq!(creates.iter().filter(|entry| entry.accepted).count(), 1);
    assert!(creates[1].arrived_at - creates[0].arrived_at >= 30 * 60_000, "after every look");
    let told = told(&world, &item).await;
    assert!(told.iter().any(|message| message.contains("once more")), "{told:?}");
    assert_eq!(world.metric("resent_total").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_once_more_and_is_not_found_either_is_a_person_s_to_decide() {
    let world = with_the_setting().await;
    let mut cuts = Fault::new(On::Create, FaultKind::CutBefore);
    cuts.count = Some(0);
    let item = struck(&world, cuts).await;
    let parked = world.comes_to(item.post_id, DeliveryState::Parked, seconds(60)).await;
    assert!(parked.message.is_some_and(|message| message.contains("once more by itself")));
    world.clock.advance(seconds(3600));
    world.settle().await;
    assert_eq!(world.creates().await.len(), 2, "at most once more");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_its_deadline_nothing_is_sent_once_more() {
    let world = with_the_setting().await;
    world.x.sandbox.arm(Fault::new(On::Create, FaultKind::CutBefore)).expect("armed");
    let mut item = world.post("Hello", seconds(0));
    item.not_after = item.due_at.plus(seconds(20 * 60));
    world.stage(std::slice::from_ref(&item)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Unknown).await;
    world.comes_to(item.post_id, DeliveryState::Parked, seconds(60)).await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_x_showed_late_is_found_right_before_it_would_be_sent_once_more() {
    let world = with_the_setting().await;
    let mut lag = Fault::new(On::Timeline, FaultKind::Lag);
    lag.millis = Some(40 * 60_000);
    world.x.sandbox.arm(lag).expect("armed");
    // The relay pauses between the last look and the second call, and X catches up meanwhile.
    let item = struck(&world, Fault::new(On::Create, FaultKind::CutAfter)).await;
    world.client().pause(roost_relay_api::Pause { paused: true }).await.expect("paused");
    world.comes_to(item.post_id, DeliveryState::Waiting, seconds(30)).await;
    world.clock.advance(seconds(30 * 60));
    world.client().pause(roost_relay_api::Pause { paused: false }).await.expect("resumed");
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_after_a_lost_call_is_posted_only_when_the_timeline_shows_it() {
    for (first, end) in [
        (FaultKind::CutAfter, DeliveryState::Posted),
        (FaultKind::CutBefore, DeliveryState::Parked),
    ] {
        let world = with_the_setting().await;
        // X shows the first one after the second was sent.
        let mut lag = Fault::new(On::Timeline, FaultKind::Lag);
        lag.millis = Some(45 * 60_000);
        world.x.sandbox.arm(lag).expect("armed");
        let mut duplicate = Fault::named(On::Create, "duplicate");
        duplicate.after = 1;
        world.x.sandbox.arm(duplicate).expect("armed");
        let mut cut = Fault::new(On::Create, first);
        cut.count = Some(1);
        let item = struck(&world, cut).await;
        let ended = world.comes_to(item.post_id, end, seconds(60)).await;
        assert_eq!((ended.attempts, ended.tweet_id.is_some()), (2, end == DeliveryState::Posted));
        let creates = world.creates().await;
        assert_eq!(creates.len(), 2);
        let expected = usize::from(end == DeliveryState::Posted);
        assert_eq!(creates.iter().filter(|entry| entry.accepted).count(), expected);
    }
}
