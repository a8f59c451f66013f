//! What counts against X's limits: calls that X saw, and no others.

use roost_relay_api::DeliveryState;
use roost_x_sandbox::{Fault, On};

use crate::world::{World, calls_a_day, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn posts_that_wait_for_a_token_use_up_no_limit() {
    let world = World::with(|config| config.limits = calls_a_day(1), |_| {}).await;
    let mut down = Fault::named(On::Refresh, "unavailable");
    down.count = Some(0);
    world.x.sandbox.arm(down).expect("armed");
    let item = world.staged("Hello", seconds(3 * 3600)).await;
    world.clock.set(item.due_at);
    world.deliver(&item).await;
    for _ in 0..3 {
        let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
        assert_eq!(waiting.code.as_deref(), Some("x_unreachable"));
        world.deferred_beyond(item.post_id, waiting.until).await;
    }
    world.x.sandbox.disarm(None);
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(61)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_never_reached_x_use_up_no_limit_in_memory_or_after_a_restart() {
    let mut world = World::with(|config| config.limits = calls_a_day(1), |_| {}).await;
    let home = std::mem::replace(&mut world.config.x_api_base, World::nowhere());
    world.stop_relay().await;
    world.start_relay().await;
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    for attempt in 1..=3 {
        world.counts("creates_total", attempt).await;
        let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
        assert_eq!(waiting.code.as_deref(), Some("x_unreachable"));
        world.clock.advance(seconds(60));
    }
    world.stop_relay().await;
    world.config.x_api_base = home;
    world.start_relay().await;
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(60)).await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_takes_no_intent_uses_up_no_limit_and_the_post_goes_out_afterwards() {
    let world = World::with(|config| config.limits = calls_a_day(1), |_| {}).await;
    let disk = rusqlite::Connection::open(world.file("relay.sqlite")).expect("a file");
    disk.execute_batch(
        "CREATE TRIGGER full BEFORE INSERT ON intent
         BEGIN SELECT RAISE(FAIL, 'the disk is full'); END",
    )
    .expect("full");
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    world.counts("write_failures_total", 2).await;
    assert!(world.creates().await.is_empty(), "nothing is sent without its intent");
    disk.execute_batch("DROP TRIGGER full").expect("space again");
    world.reaches(item.post_id, DeliveryState::Posted).await;
}
