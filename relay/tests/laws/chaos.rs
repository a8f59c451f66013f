//! The whole way: scheduler, relay and X, with a bad network on both links. However often and
//! wherever connections break, no post is called for twice, and each one has its outcome.

use std::sync::Arc;
use std::time::Duration;

use roost_chaos_proxy::{Mix, Proxy, Rule, dice};
use roost_core::clock::{Clock, SystemClock};
use roost_relay_api::{Delivery, DeliveryState, Stage};

use crate::link::{Office, come_to, requests, stage_all, told, way_to_x};
use crate::world::World;

/// Seeds in one run of the suite; `ROOST_CHAOS_SEEDS` asks for more.
const SEEDS: u64 = 2;
const POSTS: usize = 240;
/// The posts are due within this.
const DUE_WITHIN: Duration = Duration::from_secs(3);
/// How often a link is given to break as a whole.
const EVERY: Duration = Duration::from_millis(150);

/// A number of the environment.
fn asked(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// A relay whose waits are short, on the machine's own clock.
async fn hurried_world() -> World {
    World::with(
        |config| {
            let pace = &mut config.pace;
            pace.tick = Duration::from_millis(20);
            pace.call_timeout = Duration::from_millis(800);
            pace.retry_first = Duration::from_millis(100);
            pace.retry_max = Duration::from_millis(400);
            pace.backstop_after = Duration::from_secs(2);
            pace.overdue_spacing = Duration::from_millis(1);
            pace.looks = [400, 1500, 3000, 5000].map(Duration::from_millis).to_vec();
            pace.slots_per_account = 16;
        },
        |_| {},
    )
    .await
}

/// Lets the world's clock go with the machine's while the test runs.
fn follow_the_machine(world: &World) -> tokio_util::task::AbortOnDropHandle<()> {
    let (clock, shown) = (Arc::clone(&world.clock), world.clock.now());
    let begun = SystemClock.now();
    tokio_util::task::AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            clock.set(shown.plus(SystemClock.now().since(begun)));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }))
}

/// A bad network on both links until the last post is due; links break as a whole, too.
async fn storm(seed: u64, to_relay: &Proxy, to_x: &Proxy) {
    // A delivery is small, a connection to X carries many calls.
    to_relay.draw(Mix { most_bytes: 6000, ..Mix::default() }, dice(seed, 0));
    to_x.draw(Mix { most_bytes: 12_000, ..Mix::default() }, dice(seed, 1));
    let breaks = u64::try_from(DUE_WITHIN.as_millis() / EVERY.as_millis()).unwrap_or(0) + 8;
    for number in 2..breaks {
        tokio::time::sleep(EVERY).await;
        match dice(seed, number) % 4 {
            0 => to_relay.sever(),
            1 => to_x.sever(),
            _ => {}
        }
    }
    for link in [to_relay, to_x] {
        link.heal();
    }
}

async fn survive(seed: u64) {
    let mut world = hurried_world().await;
    let to_x = way_to_x(&mut world).await;
    let office = Office::open(&world).await;
    let within = u64::try_from(DUE_WITHIN.as_millis()).unwrap_or(u64::MAX);
    let items: Vec<Stage> = (0..POSTS as u64)
        .map(|number| {
            let after = 1000 + dice(seed ^ 0x9057, number) % within;
            let mut item = world.post(&format!("Post {number}"), Duration::from_millis(after));
            item.due_at =
                roost_core::clock::UnixMillis::from_seconds(item.due_at.seconds_rounded_up());
            item
        })
        .collect();
    stage_all(&world, &items).await;
    office.publish(&items).await;
    let _clock = follow_the_machine(&world);
    storm(seed, &office.way, &to_x).await;
    let settled = [DeliveryState::Posted, DeliveryState::Parked];
    let deliveries = come_to(&world, &items, &settled, || {}).await;
    let struck = |link: &Proxy| {
        link.connections().iter().filter(|connection| connection.rule != Rule::Pass).count()
    };
    let (on_the_way_in, on_the_way_out) = (struck(&office.way), struck(&to_x));
    assert!(on_the_way_in > 10 && on_the_way_out > 10, "seed {seed}: the storm was none");
    judge(&world, seed, &items, &deliveries).await;
    let posted = deliveries.iter().filter(|one| one.state == DeliveryState::Posted).count();
    println!(
        "seed {seed}: {posted} of {POSTS} posted, the others parked; struck connections: \
         {on_the_way_in} to the relay, {on_the_way_out} to X"
    );
}

/// The ledger of X decides.
async fn judge(world: &World, seed: u64, items: &[Stage], deliveries: &[Delivery]) {
    let (requests, told) = (requests(world).await, told(world).await);
    let mut uncertain = 0;
    for (item, delivery) in items.iter().zip(deliveries) {
        let text = &item.content.parts[0].text;
        let (seen, taken) = requests.get(text).copied().unwrap_or_default();
        assert!(seen <= 1, "seed {seed}: \"{text}\" was called for {seen} times");
        if delivery.state == DeliveryState::Posted {
            assert_eq!(taken, 1, "seed {seed}: \"{text}\" is said to be posted");
            assert!(delivery.tweet_id.is_some(), "seed {seed}: {delivery:?}");
        } else {
            uncertain += 1;
            let reason = delivery.message.as_deref().unwrap_or_default();
            assert_eq!(delivery.code.as_deref(), Some("outcome_unknown"), "seed {seed}");
            assert!(!reason.is_empty(), "seed {seed}: {delivery:?}");
        }
        let last = told[&item.post_id].last().map(|one| one.state);
        assert_eq!(last, Some(delivery.state), "seed {seed}: the feed tells of \"{text}\"");
    }
    let summary = world.x.sandbox.summary().await.expect("a summary");
    assert_eq!(summary.duplicates, 0, "seed {seed}");
    assert!(uncertain < items.len(), "seed {seed}: nothing got through");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_on_both_links_doubles_nothing_and_leaves_no_post_without_an_outcome() {
    let first = asked("ROOST_CHAOS_SEED", 1);
    for seed in first..first + asked("ROOST_CHAOS_SEEDS", SEEDS) {
        survive(seed).await;
    }
}
