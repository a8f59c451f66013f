//! What a broken network between the relay and X does to a post: nothing twice, nothing silent.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::time::Duration;

use roost_chaos_proxy::{Direction, Proxy, Rule};
use roost_core::clock::Clock;
use roost_relay_api::{DeliveryState, ManifestPost, Stage};
use roost_x_sandbox::{Fault, FaultKind, On};

use crate::link::{come_to, requests, stage_all, standings, told, way_to_x};
use crate::world::{World, seconds};

/// Posts cut in one round: one page of a timeline holds them all.
const ROUND: usize = 90;
const SETTLED: [DeliveryState; 2] = [DeliveryState::Posted, DeliveryState::Parked];

async fn wide_world() -> World {
    World::with(|config| config.pace.slots_per_account = 16, |_| {}).await
}

/// Posts of equal length, so that all of X's answers are of one length, too.
fn posts(world: &World, what: &str, numbers: std::ops::Range<usize>) -> Vec<Stage> {
    numbers.map(|number| world.post(&format!("{what} {number:05}"), seconds(0))).collect()
}

async fn deliver_all(world: &World, items: &[Stage]) {
    for batch in items.chunks(30) {
        futures::future::join_all(batch.iter().map(|item| world.deliver(item))).await;
    }
}

/// The bytes of a whole exchange: the request's, and the answer's.
async fn exchange_length(world: &mut World, way: &Proxy, what: &str) -> (u64, u64) {
    let before = way.connections().len();
    let item = world.staged(&format!("{what} whole"), seconds(0)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    let connection = way.connections()[before];
    // A fresh relay has no connection left that could end under the next request.
    world.stop_relay().await;
    world.start_relay().await;
    (connection.up, connection.down)
}

/// How often a timeline was read since it was armed.
async fn reads(world: &World) -> u64 {
    let url = format!("{}/_sandbox/faults", world.x.base_url().trim_end_matches('/'));
    let answer = world.http.get(&url).send().await.expect("an answer");
    let armed: Vec<serde_json::Value> = answer.json().await.expect("the faults");
    let timeline = armed.iter().find(|arming| arming["fault"]["on"] == "timeline");
    timeline.and_then(|arming| arming["struck"].as_u64()).expect("a counter")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_cut_after_any_byte_is_found_in_three_reads_and_never_repeated() {
    let mut world = wide_world().await;
    let way = way_to_x(&mut world).await;
    let (_, length) = exchange_length(&mut world, &way, "Cut off").await;
    // A lag of nothing: only to count the reads.
    let mut counter = Fault::new(On::Timeline, FaultKind::Lag);
    counter.millis = Some(0);
    world.x.sandbox.arm(counter).expect("armed");
    let cuts = usize::try_from(length).expect("a length");
    let mut all = Vec::new();
    for first in (0..=cuts).step_by(ROUND) {
        let items = posts(&world, "Cut off", first..(first + ROUND).min(cuts + 1));
        stage_all(&world, &items).await;
        let (begun, from) = (way.connections().len() as u64, first as u64);
        way.plan(move |number| Rule::Cut {
            direction: Direction::Down,
            after: number - begun + from,
        });
        deliver_all(&world, &items).await;
        let lost_or_not = [DeliveryState::Unknown, DeliveryState::Posted];
        let lost = come_to(&world, &items, &lost_or_not, || {}).await;
        let got_through = lost.iter().filter(|one| one.state == DeliveryState::Posted).count();
        let whole = usize::from(first + items.len() > cuts);
        assert_eq!(got_through, whole, "an answer that is not whole is none");
        way.heal();
        world.clock.advance(seconds(10));
        come_to(&world, &items, &[DeliveryState::Posted], || {}).await;
        // What is known of this round bounds what the next one has to read; and a fresh relay has
        // no good connection left over.
        world.clock.advance(seconds(200));
        world.settle().await;
        world.stop_relay().await;
        world.start_relay().await;
        all.extend(items);
    }
    let struck = way.connections().into_iter().filter_map(|one| match one.rule {
        Rule::Cut { .. } => Some(one.down),
        _ => None,
    });
    let mut struck: Vec<u64> = struck.collect();
    struck.sort_unstable();
    assert_eq!(struck, (0..=length).collect::<Vec<_>>(), "every length of an answer was seen");
    let told = told(&world).await;
    let passed_unknown = |item: &&Stage| {
        told[&item.post_id].iter().any(|delivery| delivery.state == DeliveryState::Unknown)
    };
    assert_eq!(all.iter().filter(passed_unknown).count(), cuts);
    let requests = requests(&world).await;
    assert!(requests.values().all(|counts| *counts == (1, 1)), "{requests:?}");
    assert!(reads(&world).await <= 3 * cuts as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_cut_after_any_byte_is_never_repeated_and_ends_with_a_person() {
    let mut world = wide_world().await;
    let way = way_to_x(&mut world).await;
    let (length, _) = exchange_length(&mut world, &way, "Cut off").await;
    let cuts: Vec<u64> = (0..length).step_by(5).collect();
    let items = posts(&world, "Cut off", 0..cuts.len());
    stage_all(&world, &items).await;
    let begun = way.connections().len();
    way.plan(move |number| Rule::Cut {
        direction: Direction::Up,
        after: (number - begun as u64) * 5,
    });
    deliver_all(&world, &items).await;
    come_to(&world, &items, &[DeliveryState::Unknown], || {}).await;
    let mut struck: Vec<u64> = way.connections()[begun..].iter().map(|one| one.up).collect();
    struck.sort_unstable();
    assert_eq!(struck, cuts);
    way.heal();
    let step = || world.clock.advance(seconds(120));
    let parked = come_to(&world, &items, &[DeliveryState::Parked], step).await;
    assert!(parked.iter().all(|one| one.message.as_ref().is_some_and(|text| !text.is_empty())));
    assert_eq!(world.creates().await.len(), 1, "the one that measured the way");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_strikes_the_way_to_x_a_post_is_called_for_once_and_settled() {
    let mut world =
        World::with(|config| config.pace.call_timeout = Duration::from_millis(700), |_| {}).await;
    let way = way_to_x(&mut world).await;
    let silence = Rule::Stall { direction: Direction::Down, after: 0 };
    let mut rules = vec![silence, Rule::Refuse];
    for direction in [Direction::Up, Direction::Down] {
        for after in [1, 60] {
            rules.extend([
                Rule::Reset { direction, after },
                Rule::Stall { direction, after },
                Rule::HalfClose { direction, after },
            ]);
        }
        rules.push(Rule::Delay { direction, by: Duration::from_millis(20) });
    }
    let mut items = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        let item = world.staged(&format!("Struck {number:02}"), seconds(0)).await;
        way.set(*rule);
        world.deliver(&item).await;
        // A reset may be met before the connection stands: then nothing left, and it is tried again.
        let over = [DeliveryState::Unknown, DeliveryState::Posted, DeliveryState::Waiting];
        come_to(&world, std::slice::from_ref(&item), &over, || {}).await;
        way.heal();
        items.push(item);
    }
    let step = || world.clock.advance(seconds(60));
    let settled = come_to(&world, &items, &SETTLED, step).await;
    let requests = requests(&world).await;
    for ((item, delivery), rule) in items.iter().zip(&settled).zip(&rules) {
        let (seen, taken) = requests.get(&item.content.parts[0].text).copied().unwrap_or_default();
        assert!(seen <= 1, "{rule:?}: {seen} requests");
        let posted = delivery.state == DeliveryState::Posted;
        assert_eq!(posted, taken == 1, "{rule:?}: {delivery:?}");
        assert!(posted || delivery.message.is_some(), "{rule:?}: the person is told");
    }
    assert_eq!(settled[0].state, DeliveryState::Posted, "X had it: found afterwards");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_while_posts_are_looked_for_is_no_look() {
    let mut world = World::new().await;
    let way = way_to_x(&mut world).await;
    let items = posts(&world, "Lost", 0..8);
    stage_all(&world, &items).await;
    way.set(Rule::Cut { direction: Direction::Down, after: 0 });
    deliver_all(&world, &items).await;
    come_to(&world, &items, &[DeliveryState::Unknown], || {}).await;
    // Every look falls into the partition: two hours of them.
    way.set(Rule::Refuse);
    for _ in 0..24 {
        world.clock.advance(seconds(300));
        world.settle().await;
    }
    for delivery in standings(&world, &items).await {
        assert_eq!(delivery.state, DeliveryState::Unknown, "a look that failed counts for nothing");
    }
    way.heal();
    come_to(&world, &items, &[DeliveryState::Posted], || world.clock.advance(seconds(60))).await;
    assert_eq!(world.creates().await.len(), items.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_without_a_relay_posts_go_out_by_their_deadline_or_are_told_as_missed() {
    let mut world = World::new().await;
    let day = 24 * 3600;
    let mut patient = world.post("may be late", seconds(3600));
    patient.not_after = patient.due_at.plus(seconds(2 * day));
    let strict = world.post("must not be late", seconds(3600));
    let future = world.post("due after the outage", seconds(day + 7200));
    let items = [patient, strict, future];
    stage_all(&world, &items).await;
    let epoch = world.status().await.epoch;
    world.stop_relay().await;
    world.clock.advance(seconds(day + 3600));
    world.start_relay().await;
    assert_eq!(world.status().await.epoch, epoch, "an outage is no loss");
    let [patient, strict, future] = &items;
    // The relay's own clock may have been quicker than the scheduler.
    let status = world.deliver(patient).await.0.as_u16();
    assert!([200, 202].contains(&status), "{status}");
    assert!(world.deliver(strict).await.0.is_success());
    world.reaches(patient.post_id, DeliveryState::Posted).await;
    let missed = world.comes_to(strict.post_id, DeliveryState::Expired, seconds(30)).await;
    assert_eq!(missed.code.as_deref(), Some("missed"));
    let told = told(&world).await;
    assert!(told[&strict.post_id].iter().any(|one| one.state == DeliveryState::Expired));
    world.clock.set(future.due_at);
    world.deliver(future).await;
    world.reaches(future.post_id, DeliveryState::Posted).await;
    assert_eq!(world.creates().await.len(), 2);
    // And what a desktop still has to say about it changes nothing.
    let row = |item: &Stage, state| ManifestPost {
        post_id: item.post_id,
        revision: item.revision,
        state,
        tweet_id: None,
        due_at: None,
        elsewhere: false,
        unproven: false,
    };
    world.introduce(vec![row(strict, DeliveryState::Staged)]).await;
    world.settle().await;
    assert!(world.clock.now() >= future.due_at);
    assert_eq!(world.creates().await.len(), 2);
}
