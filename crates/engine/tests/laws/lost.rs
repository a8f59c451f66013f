//! A relay that lost its database is told everything again.

use roost_core::status::Status;
use roost_relay_api::AccountHealth;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_lost_its_database_gets_everything_again_and_nothing_goes_out_twice() {
    let mut world = World::new().await;
    let before = world.post_in("out before the loss", 1).await;
    let after = world.post_in("out after the loss", 6).await;
    let cancelled = world.post_in("cancelled before the loss", 6).await;
    world.run();
    world.wait_for(before, Status::Posted).await;
    world.wait_for(after, Status::Queued).await;
    world.engine.cancel(&[cancelled]).await.unwrap();
    world.wait_for(cancelled, Status::Cancelled).await;
    let revision = world.show(after).await.row.revision;
    world.stop_local().await;
    world.lose_relay();
    world.start_local().await;
    world.connect("demo").await;
    let posted = world.wait_for(after, Status::Posted).await;
    assert!(posted.row.revision > revision, "armed anew");
    assert_eq!(world.status(cancelled).await, Status::Cancelled);
    assert_eq!(world.texts().await, ["out before the loss", "out after the loss"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_a_lost_relay_forgot_is_shown_as_signed_out() {
    let mut world = World::new().await;
    let health = async |world: &World| world.engine.accounts().await.unwrap()[0].health;
    assert_eq!(health(&world).await, AccountHealth::Connected);
    world.stop_local().await;
    world.lose_relay();
    world.start_local().await;
    assert_eq!(health(&world).await, AccountHealth::Disconnected);
}
