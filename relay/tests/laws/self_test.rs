//! A test delivery: it is told how it came or why one was refused, it posts nothing, and is no post.

use std::time::Duration;

use reqwest::StatusCode;
use roost_core::clock::Clock;
use roost_core::id::Revision;
use roost_qstash::signature::Signer;
use roost_relay_api::{POST_TWEET_PATH, RefusalCode, RefusedFor, SelfTest, Trigger};
use roost_x_sandbox::{Fault, On};

use crate::world::{CURRENT, NEXT, PUBLIC_URL, World, seconds};

const LONG: Duration = Duration::from_secs(20);

/// Delivers a test as the scheduler does, signed for an address with a key at a time.
async fn deliver(world: &World, test: &SelfTest, key: &str, url: &str, at: i64) -> StatusCode {
    let trigger = Trigger { post_id: test.probe, revision: Revision(1) };
    let body = serde_json::to_vec(&trigger).expect("JSON");
    let signature = Signer::new(key).sign(&format!("{url}{POST_TWEET_PATH}"), &body, at);
    world.hook(body, &signature).await.status()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_delivery_is_told_as_soon_as_it_comes_and_posts_nothing() {
    let world = World::new().await;
    let now = world.clock.now().0 / 1000;
    for (key, by_next_key) in [(CURRENT, false), (NEXT, true)] {
        let test = world.client().begin_self_test().await.expect("begun");
        assert_eq!(test.accepted_urls, [format!("{PUBLIC_URL}{POST_TWEET_PATH}")]);
        assert_eq!((&test.arrival, &test.refusal), (&None, &None));
        let (client, probe) = (world.client(), test.probe);
        let waiting = tokio::spawn(async move { client.self_test(probe, LONG).await });
        assert_eq!(deliver(&world, &test, key, PUBLIC_URL, now - 2).await, StatusCode::OK);
        let told = waiting.await.expect("ended").expect("told");
        let arrival = told.arrival.expect("it came");
        assert_eq!(arrival.by_next_key, by_next_key);
        assert_eq!((arrival.at.0 - arrival.signed_at.0) / 1000, 2, "the clocks differ");
        assert!(world.delivery(test.probe).await.is_none(), "it is no post");
    }
    world.settle().await;
    assert!(world.creates().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_test_delivery_was_refused_is_told() {
    let world = World::new().await;
    let now = world.clock.now().0 / 1000;
    for (key, url, at, kind) in [
        ("sig_of_somebody", PUBLIC_URL, now, RefusedFor::Key),
        (CURRENT, "https://elsewhere.example", now, RefusedFor::Url),
        (CURRENT, PUBLIC_URL, now - 200, RefusedFor::Clock),
    ] {
        let test = world.client().begin_self_test().await.expect("begun");
        let status = deliver(&world, &test, key, url, at).await;
        assert!(!status.is_success(), "{kind:?}: {status}");
        let told = world.client().self_test(test.probe, LONG).await.expect("told");
        assert_eq!(told.arrival, None);
        assert_eq!(told.refusal.expect("a refusal").kind, kind);
    }
    let keyless = World::with(|config| config.qstash_keys = None, |_| {}).await;
    let test = keyless.client().begin_self_test().await.expect("begun");
    deliver(&keyless, &test, CURRENT, PUBLIC_URL, now).await;
    let told = keyless.client().self_test(test.probe, LONG).await.expect("told");
    assert_eq!(told.refusal.expect("a refusal").kind, RefusedFor::NoKeys);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_is_forgotten_after_ten_minutes_and_a_stranger_begins_none() {
    let world = World::new().await;
    let test = world.client().begin_self_test().await.expect("begun");
    let none = world.client().self_test(test.probe, Duration::ZERO).await.expect("told");
    assert_eq!(none.arrival, None, "asked without waiting");
    world.clock.advance(seconds(10 * 60));
    world.client().begin_self_test().await.expect("another");
    let over = world.client().self_test(test.probe, Duration::ZERO).await.expect_err("over");
    assert_eq!(over.refusal().map(|it| it.code), Some(RefusalCode::NotFound));
    // It is a post that nobody staged by then.
    let now = world.clock.now().0 / 1000;
    let late = deliver(&world, &test, CURRENT, PUBLIC_URL, now).await;
    assert_eq!(late, StatusCode::SERVICE_UNAVAILABLE);
    let stranger = world.client_with("rk_0123456789012345678901234567890123456789012");
    let refused = stranger.begin_self_test().await.expect_err("refused");
    assert_eq!(refused.refusal().map(|it| it.code), Some(RefusalCode::Unauthorized));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sign_in_is_proven_without_a_post() {
    let world = World::new().await;
    world.also("bob").await;
    let proofs = world.client().prove_accounts().await.expect("proven");
    assert!(proofs.iter().all(|proof| proof.reason.is_none()), "{proofs:?}");
    assert_eq!(proofs.len(), 2);
    world.x.sandbox.arm(Fault::named(On::Me, "unavailable")).expect("armed");
    let proofs = world.client().prove_accounts().await.expect("answered");
    let failed: Vec<_> = proofs.iter().filter(|proof| proof.reason.is_some()).collect();
    assert_eq!(failed.len(), 1, "{proofs:?}");
    assert!(world.creates().await.is_empty());
}
