//! Alive, ready, and whose sign-in opens: what a supervisor and an operator are told.
#![expect(
    clippy::disallowed_methods,
    reason = "the test plays another program's part on the file and the wire"
)]

use std::os::unix::fs::PermissionsExt;

use reqwest::StatusCode;
use roost_core::clock::Clock;
use roost_relay::Relay;
use roost_relay_api::{AccountHealth, DeliveryState, Pause};
use serde_json::Value;

use crate::world::{DEVICE_KEY, World, seconds};

async fn ask(world: &World, path: &str) -> (StatusCode, Value) {
    let answer = world.http.get(world.url(path)).send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

/// What is in the way, by name.
async fn findings(world: &World) -> Vec<String> {
    let (status, body) = ask(world, "/readyz").await;
    assert_eq!(body["ready"], status.is_success(), "{body}");
    let findings = body["findings"].as_array().expect("a list").iter();
    findings.map(|finding| finding["what"].as_str().expect("a name").to_owned()).collect()
}

fn ledger(world: &World) -> rusqlite::Connection {
    rusqlite::Connection::open(&world.config.database).expect("a ledger")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_can_not_write_its_database_is_neither_alive_nor_ready() {
    let world = World::new().await;
    assert_eq!(ask(&world, "/healthz").await.0, StatusCode::OK);
    assert_eq!(findings(&world).await, [""; 0]);
    let other = ledger(&world);
    other.execute_batch("BEGIN IMMEDIATE").expect("held");
    // The answer of a moment ago is kept for a second.
    let deadline = tokio::time::Instant::now() + seconds(60);
    let (status, body) = loop {
        let (status, body) = ask(&world, "/healthz").await;
        if status != StatusCode::OK {
            break (status, body);
        }
        assert!(tokio::time::Instant::now() < deadline, "a held database is called healthy");
    };
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    let words = body["status"].as_str().expect("words");
    assert!(words.contains("the database can't be written"), "{words}");
    assert!(findings(&world).await.contains(&"database".to_owned()));
    other.execute_batch("COMMIT").expect("let go");
    while ask(&world, "/healthz").await.0 != StatusCode::OK {
        assert!(tokio::time::Instant::now() < deadline, "it never becomes well");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn however_often_health_is_asked_the_disk_has_one_write_a_second() {
    let world = World::new().await;
    let checks = || -> i64 {
        ledger(&world).query_row("SELECT checks FROM relay", [], |row| row.get(0)).expect("a count")
    };
    let (before, begun) = (checks(), tokio::time::Instant::now());
    futures::future::join_all((0..200).map(|_| ask(&world, "/healthz"))).await;
    let allowed = 1 + i64::try_from(begun.elapsed().as_secs()).expect("short");
    let written = checks() - before;
    assert!((1..=allowed).contains(&written), "{written} writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_relay_is_ready_and_says_that_it_is_paused() {
    let world = World::new().await;
    world.client().pause(Pause { paused: true }).await.expect("paused");
    let (status, body) = ask(&world, "/readyz").await;
    assert_eq!((status, &body["paused"]), (StatusCode::OK, &Value::Bool(true)), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_relay_is_not_ready_is_for_a_device_key_and_for_this_machine() {
    let world = World::new().await;
    let proxied = || world.http.get(world.url("/readyz")).header("X-Forwarded-For", "203.0.113.9");
    let stranger: Value = proxied().send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(stranger, serde_json::json!({ "ready": true }));
    let keyed = proxied().bearer_auth(DEVICE_KEY).send().await.expect("an answer");
    let keyed: Value = keyed.json().await.expect("JSON");
    assert_eq!(keyed["accounts"][0]["username"], "ada");
    assert_eq!(keyed["accounts"][0]["can_post"], true);
    assert_eq!(world.metric("unauthorized_total").await, 0, "asking is no attempt to get in");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_keep_a_due_post_back_makes_a_relay_unready() {
    let keyless = World::with(|config| config.qstash_keys = None, |_| {}).await;
    assert_eq!(findings(&keyless).await, ["signing_keys"]);
    let nowhere = World::with(|config| config.public_urls.clear(), |_| {}).await;
    assert_eq!(findings(&nowhere).await, ["public_urls"]);

    let mut world = World::new().await;
    let backup = world.back_up();
    world.restore(&backup).await;
    assert_eq!(findings(&world).await, ["manifest"]);
    world.introduce(vec![]).await;
    assert_eq!(findings(&world).await, [""; 0]);
    world.also("bob").await;
    world.client().disconnect(&world.account).await.expect("forgotten");
    assert_eq!(findings(&world).await, [""; 0], "one account of two can post");
    let (_, body) = ask(&world, "/readyz").await;
    assert_eq!(body["accounts"][0]["can_post"], false, "{body}");
    world.stop_work();
    world.clock.advance(seconds(301));
    assert!(findings(&world).await.contains(&"publisher".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_does_not_open_is_its_account_s_state_and_is_over_with_the_right_key() {
    let mut world = World::new().await;
    let item = world.staged("Hello", seconds(60)).await;
    world.stop_relay().await;
    let key = world.file("relay.key");
    let right = std::fs::read(&key).expect("a key");
    let put = |bytes: &[u8]| {
        std::fs::write(&key, bytes).expect("written");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("set");
    };
    put(&[7; 32]);
    world.start_relay().await;
    // Told before any post needed it, and of this relay, not of X.
    let account = world.client().accounts().await.expect("accounts").remove(0);
    assert_eq!(account.health, AccountHealth::Disconnected);
    let message = account.message.expect("words");
    assert!(message.contains("key file") && !message.contains("X no longer"), "{message}");
    assert_eq!(findings(&world).await, ["accounts"]);
    world.clock.set(item.due_at);
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("sign_in_needed"));
    assert_eq!(waiting.message, Some(message));
    let told = world.client().events(0, 1000, seconds(0)).await.expect("a page");
    let told = serde_json::to_string(&told).expect("JSON");
    assert!(told.contains("its key file is not the one"), "{told}");

    world.stop_relay().await;
    put(&right);
    world.start_relay().await;
    let account = world.client().accounts().await.expect("accounts").remove(0);
    assert_eq!((account.health, account.message), (AccountHealth::Connected, None));
    world.reaches(item.post_id, DeliveryState::Posted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_key_file_is_lost_does_not_start_and_names_the_two_ways_on() {
    let mut world = World::new().await;
    let item = world.staged("Hello", seconds(60)).await;
    world.stop_relay().await;
    let key = world.file("relay.key");
    let kept = world.file("kept.key");
    std::fs::rename(&key, &kept).expect("lost");
    let clock = || std::sync::Arc::clone(&world.clock) as std::sync::Arc<dyn Clock>;
    let refused = Relay::open(world.config.clone(), clock()).expect_err("refused").to_string();
    for word in ["relay.key is missing", "@ada", "from your backup", "roost-relay new-key"] {
        assert!(refused.contains(word), "{refused}");
    }
    assert!(!key.exists(), "no new key is made in silence");
    let checked = roost_relay::admin::check(&world.config, world.clock.now());
    assert_eq!(checked.expect_err("not sound").to_string(), refused);
    assert!(roost_relay::admin::init(&world.config, world.clock.now()).is_err());
    let health = ledger(&world).query_row("SELECT health FROM account", [], |row| row.get(0));
    assert_eq!(health, Ok("connected".to_owned()), "nothing was changed");

    // One way on: the file comes back.
    std::fs::rename(&kept, &key).expect("put back");
    world.start_relay().await;
    let health = world.client().accounts().await.expect("accounts")[0].health;
    assert_eq!(health, AccountHealth::Connected);
    let refused = roost_relay::admin::new_key(&world.config, world.clock.now());
    assert!(refused.expect_err("there is a key").to_string().contains("is there"));

    // The other: a new one, and a new sign-in.
    world.stop_relay().await;
    std::fs::remove_file(&key).expect("lost");
    let signed_out = roost_relay::admin::new_key(&world.config, world.clock.now());
    assert_eq!(signed_out.expect("made"), ["ada"]);
    world.start_relay().await;
    world.clock.set(item.due_at);
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("sign_in_needed"));
    assert!(waiting.message.expect("words").contains("key file"));
    world.client().connect(&world.account, &world.grant).await.expect("connected");
    world.reaches(item.post_id, DeliveryState::Posted).await;
}
