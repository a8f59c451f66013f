//! Laws of URL groups.

use crate::support::{Clock, Destination, Server};
use serde_json::{Value, json};
use tempfile::tempdir;

const NOON: i64 = 1_800_000_000_000;

async fn endpoints(server: &Server, method: &str, group: &str, endpoints: Value) -> u16 {
    let body = json!({ "endpoints": endpoints }).to_string();
    server.ask(method, &format!("/v2/topics/{group}/endpoints"), &[], body).await.0
}

async fn group(server: &Server, name: &str) -> (u16, Value) {
    server.ask("GET", &format!("/v2/topics/{name}"), &[], "").await
}

#[tokio::test]
async fn what_is_published_to_a_group_goes_to_each_endpoint_once() {
    let folder = tempdir().unwrap();
    let (server, destination) = (Server::start(folder.path()).await, Destination::ok().await);
    let [one, two] = ["one", "two"].map(|name| format!("{}/{name}", destination.url));
    let wanted = json!([{"url": one, "name": "first"}, {"url": two}]);
    assert_eq!(endpoints(&server, "POST", "g", wanted).await, 200);
    let headers = [("Upstash-Deduplication-Id", "once"), ("Upstash-Label", "l")];
    let (status, answer) = server.ask("POST", "/v2/publish/g", &headers, "x").await;
    assert_eq!(status, 200);
    let urls: Vec<&Value> = answer.as_array().unwrap().iter().map(|one| &one["url"]).collect();
    assert_eq!(urls, [&json!(one), &json!(two)]);
    let (_, again) = server.ask("POST", "/v2/publish/g", &headers, "x").await;
    assert_eq!(again[1]["messageId"], answer[1]["messageId"]);
    assert_eq!(again[0]["deduplicated"], true);
    let seen = destination.until(2).await;
    for delivery in &seen {
        assert_eq!((delivery.header("upstash-topic-name"), &delivery.body[..]), ("g", &b"x"[..]));
    }
    for message in answer.as_array().unwrap() {
        server.until_state(message["messageId"].as_str().unwrap(), "DELIVERED").await;
    }
    let (_, page) = server.ask("GET", "/v2/events?topicName=g&state=DELIVERED", &[], "").await;
    let mut names: Vec<String> =
        page["events"].as_array().unwrap().iter().map(|e| e["endpointName"].to_string()).collect();
    names.sort();
    assert_eq!(names, ["\"first\"", "null"]);
    server.stop().await;
}

#[tokio::test]
async fn endpoints_are_replaced_by_url_and_by_name_and_an_emptied_group_is_gone() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    assert_eq!(server.ask("DELETE", "/v2/topics/g", &[], "").await.0, 200, "unknown is fine");
    let (a, b, c) = ("http://a.example", "http://b.example", "http://c.example");
    endpoints(&server, "POST", "g", json!([{"url": a, "name": "x"}, {"url": b}])).await;
    endpoints(&server, "POST", "g", json!([{"url": b, "name": "y"}, {"url": c, "name": "x"}]))
        .await;
    let (_, shown) = group(&server, "g").await;
    assert_eq!(shown["endpoints"], json!([{"url": b, "name": "y"}, {"url": c, "name": "x"}]));
    let (_, all) = server.ask("GET", "/v2/topics", &[], "").await;
    assert_eq!(all, json!([shown]));
    endpoints(&server, "DELETE", "g", json!([{"name": "y"}])).await;
    assert_eq!(group(&server, "g").await.1["endpoints"], json!([{"url": c, "name": "x"}]));
    endpoints(&server, "DELETE", "g", json!([{"url": c}])).await;
    assert_eq!(group(&server, "g").await.0, 404);
    assert_eq!(server.ask("POST", "/v2/publish/g", &[], "x").await.0, 404);
    for wrong in [json!([]), json!([{"name": "x"}]), json!([{"url": "a.example"}]), json!(1)] {
        assert_eq!(endpoints(&server, "POST", "g", wrong.clone()).await, 400, "{wrong}");
    }
    assert_eq!(endpoints(&server, "POST", "a%20b", json!([{"url": a}])).await, 400);
    server.stop().await;
}

#[tokio::test]
async fn a_groups_headers_hold_unless_a_publish_says_otherwise() {
    let folder = tempdir().unwrap();
    let (server, destination) = (Server::start(folder.path()).await, Destination::ok().await);
    endpoints(&server, "POST", "g", json!([{"url": destination.url}])).await;
    let defaults = json!({"headers": {
        "upstash-method": "PUT",
        "Upstash-Forward-X-A": ["group"],
        "Upstash-Forward-X-B": "group",
    }});
    let patched = server.ask("PATCH", "/v2/topics/g", &[], defaults.to_string()).await;
    assert_eq!(patched.0, 200);
    server.ask("POST", "/v2/publish/g", &[("Upstash-Forward-X-B", "own")], "x").await;
    let seen = destination.until(1).await.remove(0);
    assert_eq!(seen.method, "PUT");
    assert_eq!((seen.header("x-a"), seen.header("x-b")), ("group", "own"));
    let wrong = json!({"headers": {"Upstash-Retries": "many"}}).to_string();
    assert_eq!(server.ask("PATCH", "/v2/topics/g", &[], wrong).await.0, 400);
    assert_eq!(server.ask("PATCH", "/v2/topics/other", &[], defaults.to_string()).await.0, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_groups_time_is_one_setting_and_what_no_publish_could_carry_is_refused() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let mut config = crate::support::config(folder.path());
    config.max_delay_seconds = Some(604_800);
    let server = Server::with(config, Some(clock)).await;
    endpoints(&server, "POST", "g", json!([{"url": "http://later.example"}])).await;
    let patch = async |name: &str, value: &str| {
        let body = json!({ "headers": { name: value } }).to_string();
        server.ask("PATCH", "/v2/topics/g", &[], body).await.0
    };
    for (name, value, status) in [
        ("Upstash-Delay", "soon", 400),
        ("Upstash-Not-Before", "soon", 400),
        ("Upstash-Delay", "8d", 412),
        ("Upstash-Deduplication-Id", "a:b", 400),
    ] {
        assert_eq!(patch(name, value).await, status, "{name}: {value}");
    }
    let due = async |headers: &[(&str, &str)]| {
        let (status, answer) = server.ask("POST", "/v2/publish/g", headers, "").await;
        assert_eq!(status, 200, "{answer}");
        let path = format!("/v2/messages/{}", answer[0]["messageId"].as_str().unwrap());
        server.ask("GET", &path, &[], "").await.1["notBefore"].as_i64().unwrap()
    };
    let tomorrow = (NOON / 1000 + 86_400).to_string();
    assert_eq!(patch("upstash-not-before", &tomorrow).await, 200);
    assert_eq!(due(&[]).await, NOON + 86_400_000);
    assert_eq!(due(&[("Upstash-Delay", "1h")]).await, NOON + 3_600_000, "its own delay counts");
    assert_eq!(patch("Upstash-Delay", "1h").await, 200);
    assert_eq!(due(&[]).await, NOON + 3_600_000);
    assert_eq!(due(&[("Upstash-Not-Before", &tomorrow)]).await, NOON + 86_400_000);
    server.stop().await;
}

#[tokio::test]
async fn batches_queues_and_schedules_reach_groups_too() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let [one, two] = ["one", "two"].map(|name| format!("{}/{name}", destination.url));
    endpoints(&server, "POST", "g", json!([{"url": one}, {"url": two}])).await;
    let batch = json!([{"destination": "g", "body": "b"}, {"destination": one, "body": "b"}]);
    let (_, answer) = server.ask("POST", "/v2/batch", &[], batch.to_string()).await;
    assert_eq!(answer[0].as_array().unwrap().len(), 2);
    assert!(answer[1]["messageId"].is_string());
    let (_, answer) = server.ask("POST", "/v2/enqueue/q/g", &[], "e").await;
    assert_eq!(answer.as_array().unwrap().len(), 2);
    let cron = [("Upstash-Cron", "* * * * *")];
    let (_, made) = server.ask("POST", "/v2/schedules/g", &cron, "s").await;
    destination.until(5).await;
    // A group that changes later is the one that is called.
    endpoints(&server, "DELETE", "g", json!([{"url": one}])).await;
    server.set(NOON + 60_000);
    let seen = destination.until(6).await.remove(5);
    assert_eq!((seen.uri.path(), seen.header("upstash-topic-name")), ("/two", "g"));
    server.ask("DELETE", "/v2/topics/g", &[], "").await;
    server.set(NOON + 120_000);
    let path = format!("/v2/schedules/{}", made["scheduleId"].as_str().unwrap());
    let error = crate::support::eventually("the error", async || {
        server.ask("GET", &path, &[], "").await.1["error"].as_str().map(str::to_owned)
    })
    .await;
    assert_eq!(error, "topic g not found");
    server.stop().await;
}
