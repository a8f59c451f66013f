//! The signing keys that a computer sends: they count at once, survive a restart, and are not in the
//! ledger for everybody to read.

use reqwest::StatusCode;
use roost_core::clock::Clock;
use roost_qstash::signature::Signer;
use roost_relay_api::{ClientError, POST_TWEET_PATH, RefusalCode, SchedulerKeys};

use crate::world::{CURRENT, NEXT, PUBLIC_URL, World, seconds};

fn keys(current: &str, next: &str) -> SchedulerKeys {
    SchedulerKeys { current: current.to_owned(), next: next.to_owned() }
}

async fn deliver(world: &World, key: &str, text: &str) -> StatusCode {
    let item = world.staged(text, seconds(0)).await;
    let (body, now) = (World::trigger(&item), world.clock.now().0 / 1000);
    let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
    let signature = Signer::new(key).sign(&url, &body, now);
    world.hook(body, &signature).await.status()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_a_computer_sent_count_at_once_and_after_a_restart() {
    let mut world = World::with(|config| config.qstash_keys = None, |_| {}).await;
    let sent = keys("sig_canary_one", "sig_canary_two");
    assert_eq!(deliver(&world, "sig_canary_one", "too soon").await, StatusCode::UNAUTHORIZED);
    assert_eq!(world.client().scheduler().await.expect("told").keys, Vec::<String>::new());
    let known = world.client().send_scheduler_keys(&sent).await.expect("taken");
    assert_eq!(known.keys, [sent.digest()]);
    for (key, text) in [("sig_canary_one", "one"), ("sig_canary_two", "two")] {
        assert_eq!(deliver(&world, key, text).await, StatusCode::ACCEPTED);
    }
    world.stop_relay().await;
    for file in ["relay.sqlite", "relay.sqlite-wal"] {
        let bytes = std::fs::read(world.file(file)).unwrap_or_default();
        assert!(!bytes.windows(10).any(|it| it == b"sig_canary"), "{file} shows a key");
    }
    world.start_relay().await;
    assert_eq!(deliver(&world, "sig_canary_two", "again").await, StatusCode::ACCEPTED);
    let done = roost_relay::admin::actions(&world.config.database, 10).expect("listed");
    assert!(done.iter().any(|action| action.what == "scheduler keys sent"), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_were_rotated_replace_those_sent_before_and_not_the_configured_ones() {
    let world = World::new().await;
    for (current, next) in [("sig_a", "sig_b"), ("sig_b", "sig_c")] {
        world.client().send_scheduler_keys(&keys(current, next)).await.expect("taken");
    }
    assert_eq!(deliver(&world, "sig_a", "still on its way").await, StatusCode::ACCEPTED);
    world.clock.advance(seconds(10 * 60));
    assert_eq!(deliver(&world, "sig_a", "rolled away").await, StatusCode::UNAUTHORIZED);
    for key in ["sig_b", "sig_c", CURRENT, NEXT] {
        assert_eq!(deliver(&world, key, key).await, StatusCode::ACCEPTED, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_pair_of_keys_is_refused_and_changes_nothing() {
    let world = World::with(|config| config.qstash_keys = None, |_| {}).await;
    let long = "k".repeat(201);
    for wrong in [keys("", "sig_b"), keys("sig a", "sig_b"), keys("sig_a", &long)] {
        let refused = world.client().send_scheduler_keys(&wrong).await.expect_err("refused");
        assert_eq!(refused.refusal().map(|it| it.code), Some(RefusalCode::Invalid));
    }
    assert!(world.client().scheduler().await.expect("told").keys.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_the_scheduler_inside_is_told_to_a_known_computer_alone() {
    let world = World::new().await;
    let refused = |answer: Result<(), ClientError>| {
        answer.expect_err("no token").refusal().map(|refusal| refusal.code)
    };
    let token = async |client: roost_relay_api::Client| client.scheduler_token().await.map(drop);
    assert_eq!(refused(token(world.client()).await), Some(RefusalCode::NotFound));
    world.relay().offer_scheduler(roost_relay::Secret::new("tok"));
    assert_eq!(world.client().scheduler_token().await.expect("told").token, "tok");
    assert!(world.client().scheduler().await.expect("told").own);
    let stranger = world.client_with("rk_0123456789012345678901234567890123456789012");
    assert_eq!(refused(token(stranger).await), Some(RefusalCode::Unauthorized));
}
