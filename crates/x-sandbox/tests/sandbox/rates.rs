//! How many posts X lets through, and how it says so.

use std::time::Duration;

use roost_core::limits::{Limits, Plan};
use roost_x_api::{FailureKind, WindowKind};
use roost_x_sandbox::{Config, NewAccount, Sandbox};

use crate::support::{self, World, text_post};

#[tokio::test]
async fn the_windows_are_told_with_every_answer_and_empty_into_a_refusal() {
    let world = World::with(|config| {
        let text = r#"{ "rates": [
            { "scope": "account", "max": 2, "per_seconds": 900 },
            { "scope": "account", "max": 100, "per_seconds": 86400 },
            { "scope": "app", "max": 1000, "per_seconds": 86400 }
        ], "length": 280, "long_length": 25000, "max_cashtags": 1 }"#;
        config.limits = serde_json::from_str(text).unwrap();
    })
    .await;
    let first = world.post("one").await.unwrap();
    let short = first.limits.short.unwrap();
    assert_eq!((short.limit, short.remaining), (Some(2), 1));
    assert_eq!(first.limits.user_day.unwrap().remaining, 99);
    assert_eq!(first.limits.app_day.unwrap().remaining, 999);
    world.post("two").await.unwrap();
    let failure = world.post("three").await.unwrap_err();
    let FailureKind::RateLimited { windows, until } = &failure.kind else { panic!("{failure}") };
    assert_eq!(windows, &[WindowKind::Short]);
    assert!(failure.is_definite());
    // Another account has its own window.
    let bob = world.grant("bob").await;
    world.client.create_post(&bob.access_token, &text_post("three")).await.unwrap();
    // At the told second, not before, there is room again.
    let now = roost_core::clock::Clock::now(&*world.clock);
    let wait = until.unwrap() - now.0.div_euclid(1000);
    world.clock.advance(Duration::from_secs(u64::try_from(wait - 1).unwrap()));
    world.post("three").await.unwrap_err();
    world.clock.advance(Duration::from_secs(1));
    world.post("three").await.unwrap();
}

#[tokio::test]
async fn an_unverified_account_has_fifty_posts_a_day() {
    let world = World::with(|config| config.limits = Limits::of(Plan::PayPerUse)).await;
    for number in 0..50 {
        world.post(&format!("post {number}")).await.unwrap();
    }
    let failure = world.post("post 50").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::DailyLimit);
    world.clock.advance(Duration::from_secs(24 * 60 * 60 - 7200));
    let failure = world.post("post 50").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
}

#[tokio::test]
async fn the_windows_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let config = || {
        let mut config = Config::new(folder.path().join("x.db"));
        config.limits = Limits::of(Plan::LegacyFree);
        config
    };
    let running = Sandbox::start(config(), 0).await.unwrap();
    let ada = running.sandbox.grant(NewAccount::named("ada"), None).await.unwrap();
    let client = support::client(&running.base_url());
    for number in 0..17 {
        let post = text_post(&format!("post {number}"));
        client.create_post(&ada.access_token, &post).await.unwrap();
    }
    running.stop().await;
    let running = Sandbox::start(config(), 0).await.unwrap();
    let client = support::client(&running.base_url());
    let failure = client.create_post(&ada.access_token, &text_post("one more")).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::RateLimited { .. }), "{failure}");
    running.stop().await;
}

#[tokio::test]
async fn reads_have_rates_too_when_the_sandbox_is_told_so() {
    let world = World::with(|config| config.route_rates = true).await;
    for _ in 0..75 {
        world.client.me(&world.ada.access_token).await.unwrap();
    }
    let failure = world.client.me(&world.ada.access_token).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::RateLimited { .. }), "{failure}");
    world.clock.advance(Duration::from_secs(15 * 60));
    world.client.me(&world.ada.access_token).await.unwrap();
}
