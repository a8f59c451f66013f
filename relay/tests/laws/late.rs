//! What is late goes out in the order in which it was planned, an account's posts a minute apart,
//! whatever held it.

use std::net::SocketAddr;

use roost_core::clock::Clock;
use roost_relay_api::{DeliveryState, Pause, Stage};
use roost_x_sandbox::{Fault, On};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::world::{World, seconds};

/// Posts a minute from one another; the first is due in a minute.
async fn staged(world: &World) -> Vec<Stage> {
    let items: Vec<Stage> =
        (1..=4).map(|n| world.post(&format!("Post {n}"), seconds(60 * n))).collect();
    for result in world.stage(&items).await {
        assert_eq!(result.outcome, roost_relay_api::StageOutcome::Staged, "{result:?}");
    }
    items
}

/// Each post is delivered when it is due; then time goes on.
async fn deliver_in_turn(world: &World, items: &[Stage]) {
    for item in items {
        world.clock.set(item.due_at);
        world.deliver(item).await;
        world.settle().await;
    }
    world.clock.advance(seconds(300));
    world.settle().await;
}

/// Lets everything go out, and holds it against the plan.
async fn goes_out_as_planned(world: &World, items: &[Stage], what: &str) {
    for item in items {
        world.comes_to(item.post_id, DeliveryState::Posted, seconds(5)).await;
    }
    let creates = world.creates().await.into_iter().filter(|entry| entry.accepted);
    let (texts, at): (Vec<_>, Vec<_>) =
        creates.map(|entry| (entry.text.unwrap_or_default(), entry.arrived_at)).unzip();
    assert_eq!(texts, ["Post 1", "Post 2", "Post 3", "Post 4"], "after {what}");
    for pair in at.windows(2) {
        assert!(pair[1] - pair[0] >= 60_000, "after {what}: {} ms apart", pair[1] - pair[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_pause_or_a_restart_held_goes_out_in_planned_order_a_minute_apart() {
    let world = World::new().await;
    let items = staged(&world).await;
    world.client().pause(Pause { paused: true }).await.expect("paused");
    deliver_in_turn(&world, &items).await;
    world.client().pause(Pause { paused: false }).await.expect("resumed");
    goes_out_as_planned(&world, &items, "a pause").await;

    let mut world = World::new().await;
    let items = staged(&world).await;
    world.stop_relay().await;
    world.clock.advance(seconds(900));
    world.start_relay().await;
    for item in items.iter().rev() {
        world.deliver(item).await;
    }
    goes_out_as_planned(&world, &items, "a restart").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_outage_of_x_held_goes_out_in_planned_order_a_minute_apart() {
    let world = World::new().await;
    let items = staged(&world).await;
    let mut page = Fault::status(On::Create, 403);
    (page.body, page.count) = (Some(json!("<html>Attention Required!</html>")), Some(0));
    world.x.sandbox.arm(page).expect("armed");
    deliver_in_turn(&world, &items).await;
    for item in &items {
        let waiting = world.delivery(item.post_id).await.expect("known");
        assert_eq!(waiting.state, DeliveryState::Waiting, "{waiting:?}");
    }
    world.x.sandbox.disarm(None);
    goes_out_as_planned(&world, &items, "an outage").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_refused_refresh_held_goes_out_in_planned_order_once_one_is_renewed() {
    let world = World::new().await;
    // The token's life is over, and X renews none.
    let mut down = Fault::named(On::Refresh, "unavailable");
    down.count = Some(0);
    world.x.sandbox.arm(down).expect("armed");
    world.clock.advance(seconds(3 * 3600));
    let items = staged(&world).await;
    deliver_in_turn(&world, &items).await;
    // The first asks for a token in vain; those behind it wait for that or for their turn.
    let first = world.reaches(items[0].post_id, DeliveryState::Waiting).await;
    assert_eq!(first.code.as_deref(), Some("refresh_refused"), "{first:?}");
    world.x.sandbox.disarm(None);
    // One attempt a minute; the first that works lets them go on.
    let back = world.clock.now();
    while world.creates().await.is_empty() {
        assert!(world.clock.now().since(back) < seconds(130), "X renews, and nobody goes on");
        world.clock.advance(seconds(5));
        world.settle().await;
    }
    goes_out_as_planned(&world, &items, "a refused refresh").await;
    let last = world.creates().await.last().map(|entry| entry.arrived_at).expect("four");
    assert!(last - back.0 < 6 * 60_000, "a minute apart, and not when each one's wait ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_x_turns_away_waits_its_time_whatever_others_get_through() {
    let world = World::new().await;
    let bob = world.also("bob").await;
    let item = world.staged("Ada's", seconds(0)).await;
    let mut page = Fault::status(On::Create, 403);
    page.body = Some(json!("<html>Attention Required!</html>"));
    world.x.sandbox.arm(page).expect("armed");
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("x_unavailable"));
    let bobs = world.stage_for(&bob, "Bob's", seconds(0)).await;
    world.deliver(&bobs).await;
    world.reaches(bobs.post_id, DeliveryState::Posted).await;
    world.settle().await;
    let after = world.delivery(item.post_id).await.expect("known");
    assert_eq!((after.state, after.until), (DeliveryState::Waiting, waiting.until));
    assert_eq!(world.creates().await.len(), 2, "nothing of ada's went out before its time");
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(20)).await;
}

/// Carries every connection to `address` on to `to`, from now on.
async fn carry(address: SocketAddr, to: SocketAddr) {
    let listener = TcpListener::bind(address).await.expect("the port is free");
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut on = TcpStream::connect(to).await.expect("X is there");
                // Whoever closes first ends it.
                drop(tokio::io::copy_bidirectional(&mut from, &mut on).await);
            });
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_x_that_is_reached_again_is_noticed_in_two_minutes_however_long_it_was_away() {
    let mut world = World::new().await;
    let home = crate::link::socket_of(&world.x.base_url());
    let nowhere = World::nowhere();
    let address = nowhere.socket_addrs(|| None).expect("an address")[0];
    world.restart_with_x_at(Url::parse(nowhere.as_str()).expect("a URL")).await;
    let items = staged(&world).await;
    deliver_in_turn(&world, &items).await;
    // Hours of tries: the next one is minutes away.
    for _ in 0..60 {
        world.clock.advance(seconds(120));
        world.settle().await;
    }
    carry(address, home).await;
    let back = world.clock.now();
    while world.creates().await.is_empty() {
        assert!(world.clock.now().since(back) < seconds(130), "X is back, and nobody looks");
        world.clock.advance(seconds(5));
        world.settle().await;
    }
    goes_out_as_planned(&world, &items, "a long time away").await;
}
