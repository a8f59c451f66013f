//! People are told of troubles, once each, and of their end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use roost_core::clock::Clock;
use roost_relay::{Alarms, Channel, QuietHours, Secret, Way, Webhook, WebhookShape};
use roost_relay_api::Coverage;
use serde_json::Value;
use sha2::Sha256;

use crate::world::{PATIENCE, World, seconds};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A request that came.
#[derive(Clone)]
struct Came {
    path: String,
    headers: HeaderMap,
    body: String,
}

/// Whatever takes webhooks; it may refuse them for a while.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<(Vec<Came>, bool)>>);

impl Ear {
    async fn listen() -> (Self, String) {
        let ear = Self::default();
        let router = axum::Router::new().fallback(hear).with_state(ear.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (ear, address)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (Vec<Came>, bool)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at(&self, path: &str) -> Vec<Came> {
        self.lock().0.iter().filter(|came| came.path == path).cloned().collect()
    }

    fn refuse(&self, refuses: bool) {
        self.lock().1 = refuses;
    }

    /// Waits until so many came to a path.
    async fn hears(&self, path: &str, count: usize) -> Vec<Came> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let came = self.at(path);
            if came.len() >= count {
                assert_eq!(came.len(), count, "{path}: {:?}", came.last().map(|it| &it.body));
                return came;
            }
            let bodies: Vec<_> = came.iter().map(|came| &came.body).collect();
            assert!(tokio::time::Instant::now() < deadline, "{path}: {count} wanted, {bodies:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn hear(State(ear): State<Ear>, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut heard = ear.lock();
    if heard.1 {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    heard.0.push(Came { path: uri.path().to_owned(), headers, body });
    StatusCode::OK
}

fn alarms(address: &str) -> Alarms {
    let shapes = [
        ("json", WebhookShape::Json, Some(Secret::new(SECRET))),
        ("ntfy", WebhookShape::Ntfy, Some(Secret::new("tk_ntfy"))),
        ("slack", WebhookShape::Slack, None),
        ("discord", WebhookShape::Discord, None),
    ];
    let channel = |(name, shape, secret): (&str, WebhookShape, Option<Secret>)| Channel {
        name: name.to_owned(),
        way: Way::Webhook(Webhook {
            url: format!("{address}/{name}").parse().expect("an address"),
            shape,
            secret,
        }),
    };
    Alarms {
        channels: shapes.map(channel).into(),
        look_every: Duration::from_millis(20),
        ..Alarms::none()
    }
}

async fn world(tune: impl FnOnce(&mut Alarms)) -> (World, Ear) {
    let (ear, address) = Ear::listen().await;
    let mut set = alarms(&address);
    tune(&mut set);
    let world = World::with(|config| config.alarms = set, |_| {}).await;
    (world, ear)
}

async fn cover(world: &World, ahead: Duration) {
    let coverage = Coverage { until: world.clock.now().plus(ahead), posts_beyond: 12 };
    world.client().coverage(coverage).await.expect("covered");
}

/// Lets the relay look at least once at a moment: two rounds of its own.
async fn looks() {
    tokio::time::sleep(Duration::from_millis(150)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_computer_that_is_away_is_told_once_through_every_channel_and_its_return_too() {
    let (mut world, ear) = world(|_| {}).await;
    cover(&world, seconds(60)).await;
    world.clock.advance(seconds(120));
    looks().await;
    assert!(ear.at("/json").is_empty(), "it waits a minute for others");
    world.clock.advance(seconds(60));
    let json = ear.hears("/json", 1).await.remove(0);
    let body: Value = serde_json::from_str(&json.body).expect("JSON");
    assert_eq!(body["type"], "roost.alarms");
    assert_eq!(body["began"][0]["kind"], "coverage_passed");
    assert!(
        body["text"].as_str().is_some_and(|text| text.contains("12 posts wait there")),
        "{body}"
    );
    assert_eq!(signature(&json), json.headers["webhook-signature"]);
    let ntfy = ear.hears("/ntfy", 1).await.remove(0);
    assert_eq!(ntfy.headers["title"], "Roost: Your computer has been away");
    assert_eq!(ntfy.headers["authorization"], "Bearer tk_ntfy");
    let slack: Value = serde_json::from_str(&ear.hears("/slack", 1).await[0].body).expect("JSON");
    assert!(slack["text"].as_str().is_some_and(|text| text.starts_with("*Roost: ")), "{slack}");
    let discord = &ear.hears("/discord", 1).await[0].body;
    let discord: Value = serde_json::from_str(discord).expect("JSON");
    assert!(discord["content"].as_str().is_some_and(|text| text.contains("12 posts")), "{discord}");

    // A relay that starts again knows what it told.
    world.stop_relay().await;
    world.start_relay().await;
    world.clock.advance(seconds(600));
    looks().await;
    assert_eq!(ear.at("/json").len(), 1, "told before");
    cover(&world, seconds(6 * 3600)).await;
    looks().await;
    world.clock.advance(seconds(61));
    looks().await;
    world.clock.advance(seconds(61));
    let over = ear.hears("/json", 2).await.remove(1);
    let over: Value = serde_json::from_str(&over.body).expect("JSON");
    assert_eq!(over["began"], serde_json::json!([]));
    assert_eq!(over["over"][0]["kind"], "coverage_passed");
    ear.hears("/ntfy", 2).await;
}

/// Computes the signature that Standard Webhooks want, anew.
fn signature(came: &Came) -> String {
    let header = |name: &str| came.headers[name].to_str().expect("text").to_owned();
    let key = STANDARD.decode(SECRET.trim_start_matches("whsec_")).expect("base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    let signed = format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), came.body);
    mac.update(signed.as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_that_were_missed_come_in_one_message_without_their_words_and_are_sent_again_until_taken()
 {
    let (world, ear) = world(|_| {}).await;
    ear.refuse(true);
    for number in 0..3 {
        let mut item = world.post(&format!("a secret plan {number}"), seconds(10));
        item.not_after = item.due_at.plus(seconds(20));
        world.stage(&[item]).await;
    }
    world.client().pause(roost_relay_api::Pause { paused: true }).await.expect("paused");
    world.clock.advance(seconds(60));
    world.settle().await;
    looks().await;
    for _ in 0..4 {
        world.clock.advance(seconds(61));
        looks().await;
    }
    assert!(ear.at("/json").is_empty());
    ear.refuse(false);
    world.clock.advance(seconds(3600));
    let came = ear.hears("/json", 1).await.remove(0);
    let body: Value = serde_json::from_str(&came.body).expect("JSON");
    assert_eq!(body["subject"], "Roost: 3 posts were missed", "{body}");
    assert!(!came.body.contains("secret plan"), "{body}");
    for channel in ["/ntfy", "/slack", "/discord"] {
        let came = ear.hears(channel, 1).await.remove(0);
        assert!(!came.body.contains("secret plan"), "{}", came.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_quiet_hours_nothing_is_sent_and_a_test_is() {
    // The world begins at 08:00 UTC.
    let quiet = Some(QuietHours { from: 7 * 60, until: 9 * 60 });
    let (world, ear) = world(|alarms| alarms.quiet = quiet).await;
    cover(&world, seconds(60)).await;
    world.clock.advance(seconds(600));
    looks().await;
    world.clock.advance(seconds(600));
    looks().await;
    assert!(ear.at("/json").is_empty());
    let tests = world.client().test_alarms().await.expect("tested");
    assert_eq!(tests.len(), 4);
    assert!(tests.iter().all(|test| test.error.is_none()), "{tests:?}");
    let test = ear.hears("/json", 1).await.remove(0);
    assert!(test.body.contains("roost.test"), "{}", test.body);
    let status = world.client().alarms().await.expect("told");
    assert_eq!(status.open[0].kind, "coverage_passed");
    assert!(status.channels.iter().all(|channel| channel.last_sent_at.is_some()), "{status:?}");
    world.clock.advance(seconds(3600));
    let came = ear.hears("/json", 2).await.remove(1);
    assert!(came.body.contains("coverage_passed"), "{}", came.body);
    ear.refuse(true);
    let tests = world.client().test_alarms().await.expect("tested");
    assert!(tests.iter().all(|test| test.error.as_deref() == Some("127.0.0.1 answered 500.")));
}
