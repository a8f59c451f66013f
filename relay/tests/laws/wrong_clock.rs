//! A clock that X contradicts: what was lost is found all the same, nothing goes out early, nothing
//! is called missed, and the person is told.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use roost_core::clock::{Clock, ManualClock, UnixMillis};
use roost_qstash::signature::Signer;
use roost_relay_api::{DeliveryState, POST_TWEET_PATH, Stage};
use roost_x_sandbox::{Fault, FaultKind, On};

use crate::world::{CURRENT, PUBLIC_URL, START, World, seconds};

const HOUR: u64 = 3600;

/// A world whose relay is ahead of X's clock by seconds, or behind; X's own clock is given, too.
async fn apart(ahead: i64) -> (World, Arc<ManualClock>) {
    apart_with(ahead, |_| {}).await
}

async fn apart_with(
    ahead: i64,
    tune: impl FnOnce(&mut roost_relay::Config),
) -> (World, Arc<ManualClock>) {
    let x_clock = Arc::new(ManualClock::at(UnixMillis(START.0 - ahead * 1000)));
    let clock = Arc::clone(&x_clock);
    let world = World::with(tune, |x| x.clock = clock).await;
    (world, x_clock)
}

/// A post that is due by either clock, and not too late by either.
async fn due_by_both(world: &World, x_clock: &ManualClock) -> Stage {
    let mut item = world.post("Hello", seconds(0));
    item.due_at = UnixMillis(START.0.min(x_clock.now().0));
    item.not_after = START.plus(seconds(8 * HOUR));
    world.stage(std::slice::from_ref(&item)).await;
    item
}

/// Turns both clocks on until the post is in a state.
async fn both_come_to(world: &World, x_clock: &ManualClock, item: &Stage, state: DeliveryState) {
    for _ in 0..2_000 {
        if world.delivery(item.post_id).await.expect("known").state == state {
            return;
        }
        world.clock.advance(seconds(20));
        x_clock.advance(seconds(20));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the post never came to {state:?}: {:?}", world.delivery(item.post_id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_whose_answer_was_lost_is_found_however_wrong_the_clock_is() {
    for ahead in [-3 * 3600, -150, 150, 3 * 3600] {
        let (world, x_clock) = apart_with(ahead, |config| config.resend_once = true).await;
        let mut broken = Fault::status(On::Create, 503);
        broken.processed = true;
        world.x.sandbox.arm(broken).expect("armed");
        let item = due_by_both(&world, &x_clock).await;
        world.deliver(&item).await;
        world.reaches(item.post_id, DeliveryState::Unknown).await;
        both_come_to(&world, &x_clock, &item, DeliveryState::Posted).await;
        assert_eq!(world.creates().await.len(), 1, "{ahead} s ahead");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_set_right_after_the_call_hides_nothing() {
    let (world, x_clock) = apart(3 * 3600).await;
    world.x.sandbox.arm(Fault::new(On::Create, FaultKind::CutAfter)).expect("armed");
    let item = due_by_both(&world, &x_clock).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Unknown).await;
    world.clock.set(x_clock.now());
    both_come_to(&world, &x_clock, &item, DeliveryState::Posted).await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_clock_takes_no_older_post_with_the_same_words_for_the_lost_one() {
    let (world, x_clock) = apart(-3 * 3600).await;
    // Somebody wrote the same an hour ago.
    x_clock.set(x_clock.now().minus(seconds(HOUR)));
    let by_hand = world
        .http
        .post(format!("{}/2/tweets", world.x.base_url().trim_end_matches('/')))
        .bearer_auth(&world.grant.access_token)
        .json(&serde_json::json!({ "text": "Hello" }))
        .send()
        .await
        .expect("an answer");
    assert_eq!(by_hand.status(), StatusCode::CREATED);
    x_clock.advance(seconds(HOUR));
    world.x.sandbox.arm(Fault::new(On::Create, FaultKind::CutBefore)).expect("armed");
    let item = due_by_both(&world, &x_clock).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Unknown).await;
    both_come_to(&world, &x_clock, &item, DeliveryState::Parked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_a_clock_that_x_contradicts_nothing_is_taken_up_and_nothing_is_missed() {
    let (mut world, x_clock) = apart(0).await;
    let soon = world.staged("in five hours", seconds(5 * HOUR)).await;
    let mut short = world.post("in ten minutes, for an hour", seconds(600));
    short.not_after = short.due_at.plus(seconds(HOUR));
    world.stage(std::slice::from_ref(&short)).await;

    world.clock.advance(seconds(7 * HOUR));
    world.counts("clock_alarms_total", 1).await;
    // The doubt is written down with the next heartbeat, and outlives the process.
    world.clock.advance(seconds(31));
    world.settle().await;
    world.stop_relay().await;
    let home = std::mem::replace(&mut world.config.x_api_base, World::nowhere());
    world.start_relay().await;
    world.settle().await;
    let ahead = world.status().await.clock_ahead_ms.expect("the person is told");
    assert!((25_190_000..25_260_000).contains(&ahead), "{ahead}: seven hours, or a little more");
    for item in [&soon, &short] {
        let delivery = world.delivery(item.post_id).await.expect("known");
        assert_eq!(delivery.state, DeliveryState::Staged, "{delivery:?}");
    }
    world.stop_relay().await;
    world.config.x_api_base = home;
    world.start_relay().await;

    // What the scheduler signs by the right clock is to come again.
    let body = World::trigger(&short);
    let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
    let signature = Signer::new(CURRENT).sign(&url, &body, x_clock.now().0 / 1000);
    let response = world.hook(body, &signature).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(world.creates().await.is_empty());

    x_clock.set(short.due_at);
    world.clock.set(short.due_at);
    world.deliver(&short).await;
    world.reaches(short.post_id, DeliveryState::Posted).await;
    assert_eq!(world.status().await.clock_ahead_ms, None);
    x_clock.set(soon.due_at.plus(seconds(150)));
    world.clock.set(x_clock.now());
    world.comes_to(soon.post_id, DeliveryState::Posted, seconds(1)).await;
    assert_eq!(world.metric("backstop_total").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_is_called_by_a_wrong_clock_waits_says_why_and_goes_out_at_its_time() {
    let (world, x_clock) = apart(7 * 3600).await;
    let early = world.staged("not yet", seconds(0)).await;
    // The scheduler on this computer has the same clock.
    assert_eq!(world.deliver(&early).await.0, StatusCode::ACCEPTED);
    let waiting = world.reaches(early.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("clock_wrong"));
    assert!(waiting.message.is_some_and(|message| message.contains("7 hours ahead")));
    let mut late = world.post("late by this clock alone", seconds(0));
    late.due_at = START.minus(seconds(8 * HOUR));
    late.not_after = START.minus(seconds(HOUR));
    world.stage(std::slice::from_ref(&late)).await;
    world.deliver(&late).await;
    let waiting = world.reaches(late.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("clock_wrong"));
    assert!(world.creates().await.is_empty());

    world.clock.set(x_clock.now());
    world.comes_to(late.post_id, DeliveryState::Posted, seconds(1)).await;
    x_clock.set(early.due_at);
    world.clock.set(early.due_at);
    world.comes_to(early.post_id, DeliveryState::Posted, seconds(1)).await;
    assert_eq!(world.creates().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_set_ahead_since_x_s_last_word_sends_nothing_early() {
    let (world, x_clock) = apart(0).await;
    let item = world.staged("not yet", seconds(2 * HOUR)).await;
    // X heard nothing of it: the clock is set, and the scheduler on this computer has the same one.
    world.clock.advance(seconds(3 * HOUR));
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("clock_wrong"));
    assert!(world.creates().await.is_empty());

    x_clock.set(item.due_at);
    world.clock.set(item.due_at);
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(1)).await;
    assert!(world.creates().await[0].arrived_at >= item.due_at.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_delivery_that_is_sent_again_puts_no_clock_in_doubt() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    let body = World::trigger(&item);
    let signature = world.sign(&body);
    world.hook(body.clone(), &signature).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    let mut short = world.post("for an hour", seconds(0));
    short.not_after = short.due_at.plus(seconds(HOUR));
    world.stage(std::slice::from_ref(&short)).await;
    world.clock.advance(seconds(2 * HOUR));
    for _ in 0..3 {
        let again = world.hook(body.clone(), &signature).await;
        assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(world.status().await.clock_ahead_ms, None);
    world.reaches(short.post_id, DeliveryState::Expired).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_reaches_x_before_its_time_by_x_s_own_clock_to_the_millisecond() {
    // X's `Date` has whole seconds: what it shows of a clock is an interval.
    for ahead in [90_400_u64, 30_700, 1_900] {
        let x_clock = Arc::new(ManualClock::at(UnixMillis(START.0 + 450)));
        let clock = Arc::clone(&x_clock);
        let world = World::with(|_| {}, |x| x.clock = clock).await;
        world.clock.set(x_clock.now().plus(Duration::from_millis(ahead)));
        // X is heard by the clock as it is now.
        world.client().connect(&world.account, &world.grant).await.expect("connected");
        let item = world.staged("Hello", seconds(200)).await;
        let turn = |x_now: UnixMillis| {
            x_clock.set(x_now);
            world.clock.set(x_now.plus(Duration::from_millis(ahead)));
        };
        turn(UnixMillis(item.due_at.0).minus(Duration::from_millis(ahead)));
        world.deliver(&item).await;
        world.settle().await;
        for step in 0..60 {
            turn(item.due_at.minus(seconds(2)).plus(Duration::from_millis(step * 100)));
            world.settle().await;
        }
        world.reaches(item.post_id, DeliveryState::Posted).await;
        let arrived = world.creates().await[0].arrived_at;
        assert!(arrived >= item.due_at.0, "{} ms early", item.due_at.0 - arrived);
        assert!(arrived <= item.due_at.0 + 2_500, "{} ms late", arrived - item.due_at.0);
    }
}
