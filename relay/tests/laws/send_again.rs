//! What a person's «send again» may still learn from X.

use roost_relay_api::{DeliveryState, Resolve};
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
