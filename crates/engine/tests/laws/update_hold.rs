//! The program is replaced by a newer one only while nothing is on its way and no post of this computer is
//! due.

use std::sync::Arc;

use roost_core::clock::SystemClock;
use roost_core::status::Status;
use roost_engine::view::{UpdateHold, UpdateHoldReason};
use roost_engine::{Engine, EngineConfig, Mode};
use roost_x_sandbox::{Fault, FaultKind, On};

use crate::world::{PATIENCE, World};

async fn hold(engine: &Engine) -> Option<UpdateHold> {
    engine.update_hold().await.unwrap().hold
}

async fn reason(engine: &Engine) -> Option<UpdateHoldReason> {
    hold(engine).await.map(|hold| hold.reason)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_waits_for_a_post_of_this_computer_unless_it_is_paused() {
    let world = World::new().await;
    assert_eq!(hold(&world.engine).await, None);
    world.post_in("in an hour", 3600).await;
    assert_eq!(hold(&world.engine).await, None);
    world.post_in("in five minutes", 300).await;
    let found = hold(&world.engine).await.unwrap();
    assert_eq!(found.reason, UpdateHoldReason::DueSoon);
    let until = found.until.unwrap();
    let due = world.engine.sync_state().await.unwrap().next_at.unwrap();
    assert!(until > due && until.since(due).as_secs() <= 60, "until {until}, due {due}");
    world.engine.pause(true).await.unwrap();
    assert_eq!(hold(&world.engine).await, None, "a pause holds the post");
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_that_a_server_sends_hold_no_update_of_this_computer() {
    let world = World::new().await;
    world.post_in("in five minutes", 300).await;
    assert_eq!(reason(&world.engine).await, Some(UpdateHoldReason::DueSoon));
    let mut config = EngineConfig::new(world.path("roost.db"));
    config.mode = Mode::Server;
    let paired = Engine::open(config, Arc::new(SystemClock)).unwrap();
    assert_eq!(hold(&paired).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_is_told_everything_before_an_update() {
    let mut world = World::new().await;
    let posts = [world.post_in("taken back", 3600).await, world.post_in("and this", 3700).await];
    world.engine.sync().await.unwrap();
    world.engine.cancel(&posts[..1]).await.unwrap();
    assert_eq!(reason(&world.engine).await, Some(UpdateHoldReason::Untold));
    let prepared = world.engine.prepare_update().await.unwrap();
    assert_eq!(prepared.hold, None);
    assert_eq!(world.status(posts[0]).await, Status::Cancelled);
    // A relay that is away can be told nothing.
    world.stop_local().await;
    world.engine.cancel(&posts[1..]).await.unwrap();
    let prepared = world.engine.prepare_update().await.unwrap();
    assert_eq!(prepared.hold.map(|hold| hold.reason), Some(UpdateHoldReason::Untold));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_waits_while_x_is_being_called() {
    let mut world = World::new().await;
    let mut slow = Fault::new(On::Create, FaultKind::Slow);
    slow.millis = Some(5000);
    world.sandbox.sandbox.arm(slow).unwrap();
    world.run();
    let id = world.post_in("on its way", 1).await;
    world.wait_for_row(id, Status::Sending).await;
    assert_eq!(reason(&world.engine).await, Some(UpdateHoldReason::Sending));
    world.wait_for(id, Status::Posted).await;
    let end = tokio::time::Instant::now() + PATIENCE;
    while let Some(hold) = hold(&world.engine).await {
        assert_eq!(hold.reason, UpdateHoldReason::HandingOver, "the loop's own pass");
        assert!(tokio::time::Instant::now() < end, "{hold:?}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
