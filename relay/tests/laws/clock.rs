//! A wall clock that jumps: nothing early, nothing twice, and the relay goes on.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::sync::Arc;

use roost_core::clock::{Clock, ManualClock, UnixMillis};
use roost_relay_api::DeliveryState;
use roost_x_sandbox::{Fault, FaultKind, On};

use crate::link::requests;
use crate::world::{START, World, seconds};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Where the clock goes, by how a person would say it.
fn jumps() -> Vec<(&'static str, UnixMillis)> {
    let by = |millis: i64| UnixMillis(START.0 + millis);
    vec![
        ("a second ahead", by(1000)),
        ("a second back", by(-1000)),
        ("an hour ahead", by(HOUR)),
        ("an hour back", by(-HOUR)),
        ("a day ahead", by(DAY)),
        ("a day back", by(-DAY)),
        ("to the beginning of Unix time", UnixMillis(0)),
        ("before it", UnixMillis(-DAY)),
        ("past the 31 bits of 2038", UnixMillis(2_147_483_648_000)),
        ("past the 32 bits of 2106", UnixMillis(4_294_967_296_000)),
        ("to the last year of four digits", UnixMillis(253_402_300_000_000)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_anywhere_and_back_sends_nothing_early_and_nothing_twice() {
    let all = jumps().into_iter().map(|(how, there)| tokio::spawn(jump(how, there)));
    for jumped in futures::future::join_all(all).await {
        jumped.expect("no law was broken");
    }
}

async fn jump(how: &'static str, there: UnixMillis) {
    // X's clock is its own, and right.
    let x_clock = Arc::new(ManualClock::at(START));
    let xs = Arc::clone(&x_clock);
    let world = World::with(|_| {}, |x| x.clock = xs).await;
    let sent = world.staged("sent before the jump", seconds(0)).await;
    world.deliver(&sent).await;
    world.reaches(sent.post_id, DeliveryState::Posted).await;
    world.x.sandbox.arm(Fault::new(On::Create, FaultKind::CutAfter)).expect("armed");
    let lost = world.staged("in doubt over the jump", seconds(0)).await;
    world.deliver(&lost).await;
    world.reaches(lost.post_id, DeliveryState::Unknown).await;
    let later = world.staged("due in two days", seconds(2 * 24 * 3600)).await;

    world.clock.set(there);
    for item in [&later, &sent, &lost] {
        let status = world.deliver(item).await.0;
        assert!(status.is_success(), "{how}: {status}");
    }
    world.settle().await;
    let seen = requests(&world).await;
    assert!(!seen.contains_key(&later.content.parts[0].text), "{how}: it is not due");

    // Somebody sets the clock right.
    world.clock.set(START.plus(seconds(30)));
    world.deliver(&sent).await;
    world.settle().await;
    let health = world.http.get(world.url("/healthz")).send().await.expect("an answer");
    assert!(health.status().is_success(), "{how}: the relay is at work");
    world.comes_to(lost.post_id, DeliveryState::Posted, seconds(30)).await;
    x_clock.set(later.due_at);
    world.clock.set(later.due_at);
    world.deliver(&later).await;
    let step = || {
        world.clock.advance(seconds(5));
        x_clock.advance(seconds(5));
    };
    let items = std::slice::from_ref(&later);
    crate::link::come_to(&world, items, &[DeliveryState::Posted], step).await;
    let seen = requests(&world).await;
    assert_eq!(seen[&sent.content.parts[0].text], (1, 1), "{how}");
    assert_eq!(seen[&lost.content.parts[0].text], (1, 1), "{how}");
    // Not even a clock past its deadline ends it: X knows better.
    assert_eq!(seen[&later.content.parts[0].text], (1, 1), "{how}");
    assert!(world.clock.now() >= later.due_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_back_frees_no_post_that_is_in_hand() {
    let world = World::new().await;
    let mut slow = Fault::new(On::Create, FaultKind::Slow);
    slow.millis = Some(1_000);
    world.x.sandbox.arm(slow).expect("armed");
    let item = world.staged("in hand", seconds(0)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Sending).await;
    for millis in [-HOUR, DAY, -DAY, -START.0] {
        world.clock.set(UnixMillis(START.0 + millis));
        world.deliver(&item).await;
        // While the call is on its way nobody makes another one, whatever the hour.
        assert!(world.creates().await.len() <= 1);
    }
    world.clock.set(START);
    world.reaches(item.post_id, DeliveryState::Posted).await;
    world.settle().await;
    assert_eq!(requests(&world).await["in hand"], (1, 1));
}
