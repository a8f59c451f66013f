//! Laws of flow control.

use crate::support::{Clock, Destination, Server, config, eventually};
use serde_json::{Value, json};
use tempfile::tempdir;

const NOON: i64 = 1_800_000_000_000;

async fn flow(server: &Server, key: &str) -> Value {
    server.ask("GET", &format!("/v2/flowControl/{key}"), &[], "").await.1
}

async fn command(server: &Server, command: &str) -> u16 {
    server.ask("POST", &format!("/v2/flowControl/k/{command}"), &[], "").await.0
}

fn limits(value: &str) -> [(&'static str, &str); 2] {
    [("Upstash-Flow-Control-Key", "k"), ("Upstash-Flow-Control-Value", value)]
}

#[tokio::test]
async fn a_paused_key_holds_its_messages_over_a_restart_until_it_is_resumed() {
    let folder = tempdir().unwrap();
    let (server, destination) = (Server::start(folder.path()).await, Destination::ok().await);
    assert_eq!(command(&server, "pause").await, 200);
    let held = format!("{}/held", destination.url);
    for _ in 0..3 {
        server.publish(&held, &limits("parallelism=5"), "").await;
    }
    server.stop().await;
    let server = Server::start(folder.path()).await;
    let other = server.publish(&destination.url, &[], "").await;
    server.until_state(&other, "DELIVERED").await;
    assert_eq!(destination.seen().len(), 1);
    let shown = flow(&server, "k").await;
    assert_eq!((&shown["isPaused"], &shown["waitListSize"]), (&json!(true), &json!(3)));
    assert_eq!(command(&server, "resume").await, 200);
    destination.until(4).await;
    assert_eq!(flow(&server, "k").await["isPaused"], false);
    server.stop().await;
}

#[tokio::test]
async fn what_is_pinned_holds_whatever_messages_ask_for() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    assert_eq!(command(&server, "pin?parallelism=3&rate=2&period=60").await, 200);
    for _ in 0..5 {
        server.publish(&destination.url, &limits("rate=100, parallelism=50"), "").await;
    }
    destination.until(2).await;
    let shown = flow(&server, "k").await;
    for (name, value) in [
        ("parallelismMax", json!(3)),
        ("rateMax", json!(2)),
        ("rateCount", json!(2)),
        ("ratePeriod", json!(60)),
        ("waitListSize", json!(3)),
        ("isPinnedRate", json!(true)),
        ("isPinnedParallelism", json!(true)),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    assert_eq!(command(&server, "resetRate").await, 200);
    destination.until(4).await;
    assert_eq!(flow(&server, "k").await["waitListSize"], 1);
    assert_eq!(command(&server, "unpin?rate=true").await, 200);
    destination.until(5).await;
    let shown = flow(&server, "k").await;
    assert_eq!((&shown["rateMax"], &shown["parallelismMax"]), (&json!(100), &json!(3)));
    for wrong in ["pin", "pin?rate=0", "pin?parallelism=x"] {
        assert_eq!(command(&server, wrong).await, 400, "{wrong}");
    }
    assert_eq!(command(&server, "unknown").await, 404);
    let (status, _) = server.ask("POST", "/v2/flowControl/none/resetRate", &[], "").await;
    assert_eq!(status, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_cancelled_message_leaves_its_keys_list_and_uses_nothing_of_its_rate() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    assert_eq!(command(&server, "pause").await, 200);
    for _ in 0..24 {
        server.publish(&destination.url, &limits("rate=1, period=1h"), "gone").await;
    }
    eventually("they wait", async || {
        (flow(&server, "k").await["waitListSize"] == 24).then_some(())
    })
    .await;
    let (_, cancelled) = server.ask("DELETE", "/v2/messages?flowControlKey=k", &[], "").await;
    assert_eq!(cancelled["cancelled"], 24);
    assert_eq!(flow(&server, "k").await["waitListSize"], 0);
    assert_eq!(command(&server, "resume").await, 200);
    for name in ["first", "next"] {
        server.publish(&destination.url, &limits("rate=1, period=1h"), name).await;
    }
    assert_eq!(destination.until(1).await[0].body, "first");
    assert_eq!(flow(&server, "k").await["rateCount"], 1);
    server.set(NOON + 3_600_000);
    assert_eq!(destination.until(2).await[1].body, "next");
    server.stop().await;
}

#[tokio::test]
async fn a_key_that_nothing_belongs_to_is_forgotten() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let key = |key| [("Upstash-Flow-Control-Key", key), ("Upstash-Flow-Control-Value", "rate=1")];
    for user in ["one", "two", "three"] {
        let id = server.publish(&destination.url, &key(user), "").await;
        server.until_state(&id, "DELIVERED").await;
    }
    let [name, value] = key("waits");
    let later = [name, value, ("Upstash-Delay", "1d")];
    for _ in 0..2 {
        server.publish(&destination.url, &later, "").await;
    }
    server.ask("POST", "/v2/flowControl/paused/pause", &[], "").await;
    let names = async || -> Vec<String> {
        let (_, keys) = server.ask("GET", "/v2/flowControl", &[], "").await;
        let keys = keys.as_array().unwrap().iter();
        keys.map(|key| key["flowControlKey"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names().await, ["one", "paused", "three", "two", "waits"]);
    server.set(NOON + 120_000);
    eventually("they are forgotten", async || (names().await == ["paused", "waits"]).then_some(()))
        .await;
    server.set(NOON + 86_400_000);
    destination.until(4).await;
    let shown = flow(&server, "waits").await;
    assert_eq!((&shown["rateCount"], &shown["waitListSize"]), (&json!(1), &json!(1)));
    server.stop().await;
}

#[tokio::test]
async fn a_read_only_token_reads_and_changes_nothing() {
    let folder = tempdir().unwrap();
    let mut config = config(folder.path());
    config.read_only_token = Some("reader".into());
    let server = Server::with(config, None).await;
    let reader = [("Authorization", "Bearer reader")];
    for (method, path, status) in [
        ("GET", "/v2/events", 200),
        ("GET", "/v2/schedules", 200),
        ("GET", "/v2/globalParallelism", 200),
        // Whoever knows the keys can forge deliveries.
        ("GET", "/v2/keys", 403),
        ("POST", "/v2/publish/http://x.example", 403),
        ("DELETE", "/v2/messages", 403),
        ("POST", "/v2/keys/rotate", 403),
        ("PATCH", "/v2/schedules/x/pause", 403),
    ] {
        assert_eq!(server.ask(method, path, &reader, "").await.0, status, "{method} {path}");
    }
    let (status, _) = server.ask("GET", "/v2/events", &[("Authorization", "Bearer x")], "").await;
    assert_eq!(status, 401);
    server.stop().await;
}
