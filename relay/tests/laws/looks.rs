//! Looking in the timeline: all of it is read, a refusal is understood, and nothing is looked for
//! for ever.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::time::Duration;

use reqwest::StatusCode;
use roost_core::clock::Clock;
use roost_relay_api::{AccountHealth, DeliveryState, Pause, Stage};
use roost_x_sandbox::{Fault, FaultKind, On};

use crate::world::{START, World, seconds};

/// A post that may have gone out before this ledger began: it is looked for before its call.
async fn looked_for_first(world: &World, text: &str) -> Stage {
    let mut item = world.post(text, seconds(0));
    item.due_at = START.minus(seconds(60));
    world.stage(std::slice::from_ref(&item)).await;
    item
}

async fn refuse_reads(world: &World, mut fault: Fault) {
    fault.count = Some(0);
    world.x.sandbox.arm(fault).expect("armed");
}

async fn write_by_hand(world: &World, text: &str) {
    let url = format!("{}/2/tweets", world.x.base_url().trim_end_matches('/'));
    let request = world.http.post(url).bearer_auth(&world.grant.access_token);
    let answer = request.json(&serde_json::json!({ "text": text })).send().await;
    assert_eq!(answer.expect("an answer").status(), StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_post_is_found_behind_hundreds_that_came_after_it() {
    let world = World::new().await;
    world.x.sandbox.arm(Fault::new(On::Create, FaultKind::CutAfter)).expect("armed");
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Unknown).await;
    for number in 0..520 {
        write_by_hand(&world, &format!("Number {number}")).await;
    }
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_without_credits_holds_the_app_and_is_told_so() {
    for is_lost in [false, true] {
        let world = World::new().await;
        refuse_reads(&world, Fault::named(On::Timeline, "credits")).await;
        let first = if is_lost {
            world.x.sandbox.arm(Fault::new(On::Create, FaultKind::CutAfter)).expect("armed");
            world.staged("Hello", seconds(0)).await
        } else {
            looked_for_first(&world, "Hello").await
        };
        world.deliver(&first).await;
        if is_lost {
            world.reaches(first.post_id, DeliveryState::Unknown).await;
            world.clock.advance(seconds(11));
            world.settle().await;
        } else {
            let waiting = world.reaches(first.post_id, DeliveryState::Waiting).await;
            assert_eq!(waiting.code.as_deref(), Some("credits_depleted"));
        }
        let before = world.creates().await.len();
        let second = world.staged("behind it", seconds(0)).await;
        world.deliver(&second).await;
        let waiting = world.reaches(second.post_id, DeliveryState::Waiting).await;
        assert_eq!(waiting.code.as_deref(), Some("credits_depleted"), "lost: {is_lost}");
        assert_eq!(world.creates().await.len(), before, "nobody knocks meanwhile");
        world.x.sandbox.disarm(None);
        world.client().pause(Pause { paused: true }).await.expect("paused");
        world.client().pause(Pause { paused: false }).await.expect("resumed");
        for item in [&first, &second] {
            world.comes_to(item.post_id, DeliveryState::Posted, seconds(30)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_met_a_limit_is_made_when_x_says_and_holds_nothing_else() {
    let world = World::new().await;
    let reset = START.0 / 1000 + 700;
    let mut limit = Fault::named(On::Timeline, "rate_limited");
    limit.headers.insert("x-rate-limit-remaining".to_owned(), "0".to_owned());
    limit.headers.insert("x-rate-limit-limit".to_owned(), "900".to_owned());
    limit.headers.insert("x-rate-limit-reset".to_owned(), reset.to_string());
    world.x.sandbox.arm(limit).expect("armed");
    let item = looked_for_first(&world, "Hello").await;
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("rate_limited"));
    assert_eq!(waiting.until.map(|until| until.0 / 1000), Some(reset + 1));
    // Reads have a window of their own.
    let other = world.staged("another", seconds(0)).await;
    world.deliver(&other).await;
    world.reaches(other.post_id, DeliveryState::Posted).await;
    world.clock.set(waiting.until.expect("a time"));
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_a_suspended_account_stops_its_posts_until_its_owner_acts() {
    let world = World::new().await;
    refuse_reads(&world, Fault::named(On::Timeline, "suspended")).await;
    let item = looked_for_first(&world, "Hello").await;
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!((waiting.code.as_deref(), waiting.until), (Some("account_suspended"), None));
    let accounts = world.client().accounts().await.expect("accounts");
    assert_eq!(accounts[0].health, AccountHealth::Suspended);
    world.x.sandbox.disarm(None);
    world.client().pause(Pause { paused: false }).await.expect("resumed");
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_looked_for_long_past_its_deadline_is_a_person_s_to_decide() {
    let world = World::new().await;
    refuse_reads(&world, Fault::named(On::Timeline, "unavailable")).await;
    let item = looked_for_first(&world, "Hello").await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Waiting).await;
    let end = item.not_after.plus(world.config.pace.look_patience);
    world.clock.set(end.minus(seconds(60)));
    world.settle().await;
    let waiting = world.delivery(item.post_id).await.expect("known");
    assert_eq!(waiting.state, DeliveryState::Waiting);
    world.clock.set(end.plus(Duration::from_secs(1)));
    let parked = world.comes_to(item.post_id, DeliveryState::Parked, seconds(1)).await;
    assert_eq!(parked.code.as_deref(), Some("outcome_unknown"));
    assert!(world.creates().await.is_empty());
    assert!(world.clock.now() < end.plus(seconds(3600)));
}
