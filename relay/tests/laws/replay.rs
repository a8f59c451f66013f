//! A captured delivery, sent again: it is believed, because it is real, and it is worth nothing,
//! because the ledger remembers what became of the post.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use reqwest::StatusCode;
use roost_core::clock::Clock;
use roost_core::id::Revision;
use roost_relay_api::{DeliveryState, FAILURE_PATH, Stage};
use serde_json::Value;
use url::Url;

use crate::world::{World, seconds};

/// What somebody on the wire saw.
struct Captured {
    body: Vec<u8>,
    signature: String,
}

impl Captured {
    fn of(world: &World, item: &Stage) -> Self {
        let body = World::trigger(item);
        let signature = world.sign(&body);
        Self { body, signature }
    }

    async fn sent(&self, world: &World) -> (StatusCode, Value) {
        let answer = world.hook(self.body.clone(), &self.signature).await;
        (answer.status(), answer.json().await.expect("a JSON answer"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captured_delivery_gets_the_saved_answer_as_long_as_its_time_lasts() {
    let mut world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    let captured = Captured::of(&world, &item);
    assert_eq!(captured.sent(&world).await.0, StatusCode::ACCEPTED);
    world.reaches(item.post_id, DeliveryState::Posted).await;
    let saved = captured.sent(&world).await;
    assert_eq!(saved.0, StatusCode::OK);
    assert_eq!(saved.1["state"], "posted");

    let captured_at = world.clock.now();
    for (after, status) in [
        (1, StatusCode::OK),
        (59, StatusCode::OK),
        (60, StatusCode::OK),
        // Its end is still to come, but a delivery takes no minute: one of the clocks is wrong.
        (61, StatusCode::SERVICE_UNAVAILABLE),
        (299, StatusCode::SERVICE_UNAVAILABLE),
        (300, StatusCode::UNAUTHORIZED),
        (86_400, StatusCode::UNAUTHORIZED),
    ] {
        for restart in [false, true] {
            if restart {
                world.stop_relay().await;
                world.start_relay().await;
            }
            world.clock.set(captured_at.plus(seconds(after)));
            let again = captured.sent(&world).await;
            assert_eq!(again.0, status, "after {after} s, restarted: {restart}");
            if status == StatusCode::OK {
                assert_eq!(again, saved);
            }
        }
    }
    world.settle().await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captured_delivery_opens_no_other_address_and_no_other_relay() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(3600)).await;
    let captured = Captured::of(&world, &item);
    let elsewhere = world
        .http
        .post(world.url(FAILURE_PATH))
        .header("Upstash-Signature", &captured.signature)
        .body(captured.body.clone())
        .send()
        .await
        .expect("an answer");
    assert_eq!(elsewhere.status(), StatusCode::UNAUTHORIZED);
    let other_url = Url::parse("http://other.roost.internal").expect("a URL");
    let other = World::with(|config| config.public_urls = vec![other_url], |_| {}).await;
    // Even when it knows the same post.
    other.stage(&[Stage { account: other.account.clone(), ..item }]).await;
    assert_eq!(captured.sent(&other).await.0, StatusCode::UNAUTHORIZED);
    assert!(world.creates().await.is_empty() && other.creates().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_message_id_makes_no_other_delivery() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    let captured = Captured::of(&world, &item);
    for number in 0..20 {
        let answer = world
            .http
            .post(world.url(roost_relay_api::POST_TWEET_PATH))
            .header("Upstash-Signature", &captured.signature)
            .header("Upstash-Message-Id", format!("msg_{number}"))
            .header("Upstash-Retried", number)
            .body(captured.body.clone())
            .send()
            .await
            .expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
    }
    world.reaches(item.post_id, DeliveryState::Posted).await;
    world.settle().await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captured_delivery_of_what_was_withdrawn_or_changed_does_nothing() {
    let world = World::new().await;
    let withdrawn = world.staged("Withdrawn", seconds(0)).await;
    let mut changed = world.staged("Before", seconds(0)).await;
    let captured = [Captured::of(&world, &withdrawn), Captured::of(&world, &changed)];
    world.withdraw(withdrawn.post_id, 2).await;
    changed.revision = Revision(2);
    changed.due_at = changed.due_at.plus(seconds(3600));
    changed.not_after = changed.not_after.plus(seconds(3600));
    world.stage(std::slice::from_ref(&changed)).await;
    for (captured, state) in captured.iter().zip(["withdrawn", "superseded"]) {
        let (status, answer) = captured.sent(&world).await;
        assert_eq!(status, StatusCode::OK);
        // An old revision is told that it is old, whatever became of the post since.
        assert!([state, "superseded"].contains(&answer["state"].as_str().expect("a state")));
    }
    world.settle().await;
    assert!(world.creates().await.is_empty());
    let state = async |post| world.delivery(post).await.expect("known").state;
    assert_eq!(state(withdrawn.post_id).await, DeliveryState::Withdrawn);
    assert_eq!(state(changed.post_id).await, DeliveryState::Staged);
}
