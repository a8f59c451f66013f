//! What counts against X's limits: calls that X saw, and no others.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::time::Duration;

use roost_core::id::PostId;
use roost_core::limits::{Limits, Plan, Rate, Scope};
use roost_relay_api::{Delivery, DeliveryState, EventKind, Stage};
use roost_x_sandbox::{Fault, On};

use crate::world::{START, World, calls_a_day, seconds};

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
        assert_eq!(waiting.code.as_deref(), Some("refresh_refused"));
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

/// Three calls in ten minutes for each account.
async fn three_in_ten_minutes() -> World {
    let rates = vec![Rate { scope: Scope::Account, max: 3, per_seconds: 600 }];
    let limits = Limits { rates, ..Limits::of(Plan::Demo) };
    World::with(|config| config.limits = limits, |_| {}).await
}

/// So many posts due one after the other; the first three use the limit up, 0, 10 and 20 seconds
/// after the start.
async fn used_up(world: &World, posts: u64) -> Vec<Stage> {
    let mut items = Vec::new();
    for number in 0..posts {
        let mut item = world.post(&format!("Post {number}"), Duration::from_millis(number));
        item.not_after = START.plus(seconds(3600));
        items.push(item);
    }
    world.stage(&items).await;
    for (number, item) in items.iter().take(3).enumerate() {
        world.clock.set(START.plus(seconds(10 * number as u64)).plus(Duration::from_millis(2)));
        world.deliver(item).await;
        world.reaches(item.post_id, DeliveryState::Posted).await;
    }
    items
}

async fn waits(world: &World, id: PostId) -> Delivery {
    let waiting = world.reaches(id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("rate_limited"));
    waiting
}

/// Events about posts.
async fn told(world: &World) -> usize {
    let (mut cursor, mut count) = (0, 0);
    loop {
        let page = world.client().events(cursor, 500, Duration::ZERO).await.expect("a page");
        if page.events.is_empty() {
            return count;
        }
        let posts = page.events.iter().filter(|it| matches!(it.kind, EventKind::Delivery { .. }));
        count += posts.count();
        cursor = page.cursor;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_waiting_post_has_a_turn_of_its_own_and_keeps_it() {
    let world = three_in_ten_minutes().await;
    let items = used_up(&world, 15).await;
    // However they arrive.
    for item in items[3..9].iter().rev() {
        world.deliver(item).await;
    }
    let batch = items[9..].iter().map(|item| world.deliver(item));
    futures::future::join_all(batch).await;
    world.settle().await;
    let mut turns = Vec::new();
    for item in &items[3..] {
        turns.push(waits(&world, item.post_id).await.until.expect("until when"));
    }
    let mut apart = turns.clone();
    apart.sort();
    apart.dedup();
    assert_eq!(apart.len(), turns.len(), "each has its own: {turns:?}");
    for (number, four) in apart.windows(4).enumerate() {
        assert!(four[3].since(four[0]) >= seconds(600), "from the {number}th on: {four:?}");
    }
    for turn in apart {
        world.clock.set(turn.plus(Duration::from_millis(20)));
        world.settle().await;
    }
    for item in &items {
        world.reaches(item.post_id, DeliveryState::Posted).await;
    }
    let told = told(&world).await;
    assert!(told <= items.len() * 6, "{told} events for {} posts", items.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_past_the_deadline_is_told_at_once_and_comes_when_another_leaves_his() {
    let world = three_in_ten_minutes().await;
    let mut items = used_up(&world, 7).await;
    let late = items.pop().expect("the last");
    for item in &items[3..] {
        world.deliver(item).await;
        waits(&world, item.post_id).await;
    }
    let mut edited = late.clone();
    edited.revision = roost_core::id::Revision(2);
    // Of the turns, three come before the deadline.
    edited.not_after = START.plus(seconds(900));
    world.stage(std::slice::from_ref(&edited)).await;
    world.deliver(&edited).await;
    let hopeless = waits(&world, late.post_id).await;
    assert!(hopeless.until.is_some_and(|at| at > edited.not_after), "{hopeless:?}");
    let message = hopeless.message.expect("a message");
    assert!(message.contains("past its deadline"), "{message}");

    world.withdraw(items[3].post_id, 2).await;
    world.withdraw(items[4].post_id, 2).await;
    world.settle().await;
    let waiting = waits(&world, late.post_id).await;
    assert!(waiting.until.is_some_and(|at| at <= edited.not_after), "{waiting:?}");
    assert!(!waiting.message.expect("a message").contains("deadline"));
    world.clock.set(waiting.until.expect("until when"));
    world.reaches(late.post_id, DeliveryState::Posted).await;
}
