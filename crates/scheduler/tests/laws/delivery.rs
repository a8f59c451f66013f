//! Laws of delivery.

use crate::support::{Clock, Destination, Server, config};
use axum::body::Body;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roost_scheduler::{Destinations, system_clock};
use tempfile::tempdir;

const NOON: i64 = 1_800_000_000_000;

#[tokio::test]
async fn a_delivery_carries_what_was_published_and_is_signed_for_its_url() {
    let folder = tempdir().unwrap();
    let (server, destination) = (Server::start(folder.path()).await, Destination::ok().await);
    let url = format!("{}/a//b?x=1&y=%20", destination.url);
    let headers = [
        ("Content-Type", "application/json"),
        ("Upstash-Method", "PUT"),
        ("Upstash-Forward-X-Kind", "post"),
        ("Upstash-Forward-authorization", "Bearer theirs"),
        ("X-Not-Forwarded", "1"),
        ("Upstash-Telemetry-Sdk", "1"),
    ];
    let id = server.publish(&url, &headers, r#"{"a":1}"#).await;
    let seen = destination.until(1).await.remove(0);
    assert_eq!(seen.method, "PUT");
    assert_eq!(seen.uri.to_string(), "/a//b?x=1&y=%20");
    assert_eq!(&seen.body[..], br#"{"a":1}"#);
    for (name, value) in [
        ("content-type", "application/json"),
        ("x-kind", "post"),
        ("authorization", "Bearer theirs"),
        ("user-agent", "Upstash-QStash"),
        ("upstash-message-id", &id),
        ("upstash-retried", "0"),
        ("upstash-region", "EU-CENTRAL-1"),
        ("upstash-caller-ip", "127.0.0.1"),
        ("x-not-forwarded", ""),
        ("upstash-telemetry-sdk", ""),
    ] {
        assert_eq!(seen.header(name), value, "{name}");
    }
    let claims = seen.claims(&server, &url, system_clock()());
    assert_eq!((claims.aud.as_str(), claims.exp - claims.iat), ("", 300));
    let states = server.until_state(&id, "DELIVERED").await;
    assert_eq!(states, ["CREATED", "ACTIVE", "DELIVERED"]);
    server.stop().await;
}

#[tokio::test]
async fn a_method_that_has_a_body_says_when_it_is_empty() {
    let folder = tempdir().unwrap();
    let (server, destination) = (Server::start(folder.path()).await, Destination::ok().await);
    for (method, length) in [("POST", "0"), ("PUT", "0"), ("PATCH", "0"), ("GET", "")] {
        server.publish(&destination.url, &[("Upstash-Method", method)], "").await;
        let seen = destination.until(1).await.remove(0);
        destination.forget();
        assert_eq!((seen.method.as_str(), seen.header("content-length")), (method, length));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_user_in_a_url_is_asked_for_unless_the_publisher_says_otherwise() {
    let folder = tempdir().unwrap();
    let (server, destination) = (Server::start(folder.path()).await, Destination::ok().await);
    let url = destination.url.replace("http://", "http://me%40home:a%3Ab@");
    for (headers, expected) in [
        (&[][..], "Basic bWVAaG9tZTphOmI="),
        (&[("Upstash-Forward-Authorization", "Bearer theirs")], "Bearer theirs"),
    ] {
        server.publish(&url, headers, "").await;
        let seen = destination.until(1).await.remove(0);
        destination.forget();
        assert_eq!(seen.header("authorization"), expected);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_is_no_text_arrives_byte_for_byte() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let body: Vec<u8> = (0..=255).collect();
    let path = format!("/v2/publish/{}", destination.url);
    let delayed = [("Upstash-Delay", "1h")];
    let (_, answer) = server.ask("POST", &path, &delayed, body.clone()).await;
    let id = answer["messageId"].as_str().unwrap();
    let (_, message) = server.ask("GET", &format!("/v2/messages/{id}"), &[], "").await;
    assert_eq!(message["bodyBase64"], STANDARD.encode(&body));
    assert_eq!(message["body"], serde_json::Value::Null);
    server.set(NOON + 3_600_000);
    assert_eq!(&destination.until(1).await[0].body[..], &body);
    server.stop().await;
}

#[tokio::test]
async fn no_message_is_delivered_before_its_time() {
    let folder = tempdir().unwrap();
    let (server, destination) = (Server::start(folder.path()).await, Destination::ok().await);
    let now = system_clock()();
    let due_second = now.div_euclid(1000) + 2;
    let not_before = due_second.to_string();
    for n in 0..20 {
        let headers = [("Upstash-Not-Before", not_before.as_str())];
        server.publish(&format!("{}/{n}", destination.url), &headers, "").await;
    }
    let delayed = server.publish(&destination.url, &[("Upstash-Delay", "1s")], "").await;
    for delivery in destination.until(21).await {
        if delivery.header("upstash-message-id") == delayed {
            assert!(delivery.at >= now + 1000);
        } else {
            assert!(
                delivery.at >= due_second * 1000,
                "{} ms early",
                due_second * 1000 - delivery.at
            );
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn the_wall_clock_decides_and_a_jump_is_noticed() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let in_a_week = server.publish(&destination.url, &[("Upstash-Delay", "7d")], "week").await;
    server.publish(&destination.url, &[("Upstash-Delay", "1h")], "hour").await;
    server.set(NOON + 3_599_999);
    server.set(NOON - 86_400_000);
    assert_eq!(server.states(&in_a_week).await, ["CREATED"]);
    assert!(destination.seen().is_empty());
    server.set(NOON + 3_600_000);
    assert_eq!(&destination.until(1).await[0].body[..], b"hour");
    server.set(NOON + 604_800_000);
    assert_eq!(&destination.until(2).await[1].body[..], b"week");
    server.stop().await;
}

#[tokio::test]
async fn retries_follow_the_backoff_and_end_in_the_dead_letter_queue() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let server = Server::at(folder.path(), &clock).await;
    let destination = Destination::status(404).await;
    let id = server.publish(&destination.url, &[("Upstash-Retries", "2")], "x").await;
    destination.until(1).await;
    let mut now = NOON;
    for (retry, wait) in [(1, 12_183), (2, 148_414)] {
        let events = format!("/v2/events?state=RETRY&messageId={id}");
        let planned = crate::support::eventually("a planned retry", async || {
            let (_, page) = server.ask("GET", &events, &[], "").await;
            let lines = page["events"].as_array().unwrap();
            (lines.len() == retry).then(|| lines[0]["nextDeliveryTime"].as_i64().unwrap())
        })
        .await;
        assert_eq!(planned, now + wait);
        server.set(planned - 1);
        server.set(planned);
        now = planned;
        let seen = destination.until(retry + 1).await;
        assert_eq!(seen[retry].header("upstash-retried"), retry.to_string());
        assert_eq!(seen[retry].header("upstash-message-id"), id);
    }
    let states = server.until_state(&id, "FAILED").await;
    let attempt = ["ACTIVE", "ERROR", "RETRY"];
    let expected = [&["CREATED"], &attempt[..], &attempt[..], &["ACTIVE", "ERROR", "FAILED"]];
    assert_eq!(states, expected.concat());
    let (status, _) = server.ask("GET", &format!("/v2/messages/{id}"), &[], "").await;
    assert_eq!(status, 404);
    let (_, dlq) = server.ask("GET", "/v2/dlq", &[], "").await;
    assert_eq!(dlq["messages"][0]["messageId"], id);
    assert_eq!(dlq["messages"][0]["responseStatus"], 404);
    assert_eq!(dlq["messages"][0]["responseBody"], "no");
    server.stop().await;
}

#[tokio::test]
async fn a_destination_that_asks_for_time_gets_it() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let server = Server::at(folder.path(), &clock).await;
    let destination = Destination::new(|_| {
        let busy = Response::builder().status(503).header("Retry-After", "60");
        busy.body(Body::empty()).unwrap()
    })
    .await;
    let headers = [("Upstash-Retries", "1"), ("Upstash-Retry-Delay", "5000")];
    let id = server.publish(&destination.url, &headers, "").await;
    server.until_state(&id, "RETRY").await;
    server.set(NOON + 59_999);
    server.set(NOON + 60_000);
    server.until_state(&id, "FAILED").await;
    assert_eq!(destination.seen().len(), 2);
    server.stop().await;
}

#[tokio::test]
async fn a_poison_message_is_given_up_at_once_and_holds_nobody_up() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let destination = Destination::new(|delivery| {
        if delivery.uri.path() == "/poison" {
            let poison = Response::builder().status(489);
            return poison.header("Upstash-NonRetryable-Error", "true").body("".into()).unwrap();
        }
        Response::new(Body::empty())
    })
    .await;
    let poison = server.publish(&format!("{}/poison", destination.url), &[], "").await;
    for n in 0..50 {
        server.publish(&format!("{}/{n}", destination.url), &[], "").await;
    }
    let states = server.until_state(&poison, "FAILED").await;
    assert_eq!(states, ["CREATED", "ACTIVE", "ERROR", "FAILED"]);
    assert_eq!(destination.until(51).await.len(), 51);
    server.stop().await;
}

#[tokio::test]
async fn callbacks_tell_of_every_attempt_and_are_signed_for_their_own_url() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let (target, callbacks, failures) =
        (Destination::status(500).await, Destination::ok().await, Destination::ok().await);
    let (callback, failure) = (format!("{}/c", callbacks.url), format!("{}/f", failures.url));
    let headers = [
        ("Upstash-Retries", "1"),
        ("Upstash-Retry-Delay", "0"),
        ("Upstash-Callback", callback.as_str()),
        ("Upstash-Callback-Forward-X-Mine", "1"),
        ("Upstash-Failure-Callback", failure.as_str()),
        ("Upstash-Forward-X-Kind", "post"),
    ];
    let id = server.publish(&target.url, &headers, "hello").await;
    let seen = callbacks.until(2).await;
    let failed = failures.until(1).await.remove(0);
    for (retried, delivery) in seen.iter().enumerate() {
        let body = delivery.json();
        assert_eq!(body["sourceMessageId"], id);
        assert_eq!(body["status"], 500);
        assert_eq!(body["body"], STANDARD.encode("no"));
        assert_eq!(body["sourceBody"], STANDARD.encode("hello"));
        assert_eq!(body["sourceHeader"]["X-Kind"][0], "post");
        assert_eq!((&body["retried"], &body["maxRetries"]), (&retried.into(), &1.into()));
        assert_eq!(body["dlqId"], serde_json::Value::Null);
        assert_eq!(delivery.header("x-mine"), "1");
        assert_eq!(delivery.header("content-type"), "application/json");
        assert_ne!(delivery.header("upstash-message-id"), id);
        delivery.claims(&server, &callback, system_clock()());
    }
    failed.claims(&server, &failure, system_clock()());
    let dlq_id = failed.json()["dlqId"].as_str().unwrap().to_owned();
    let (status, letter) = server.ask("GET", &format!("/v2/dlq/{dlq_id}"), &[], "").await;
    assert_eq!((status, &letter["messageId"]), (200, &id.into()));
    server.stop().await;
}

#[tokio::test]
async fn a_callback_that_fails_is_tried_again() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let target = Destination::ok().await;
    let callbacks = Destination::new(|delivery| {
        let status = if delivery.header("upstash-retried") == "0" { 500 } else { 200 };
        Response::builder().status(status).body(Body::empty()).unwrap()
    })
    .await;
    let headers =
        [("Upstash-Callback", callbacks.url.as_str()), ("Upstash-Callback-Retry-Delay", "0")];
    server.publish(&target.url, &headers, "").await;
    let seen = callbacks.until(2).await;
    assert_eq!(seen[1].header("upstash-retried"), "1");
    assert_eq!(seen[1].json()["status"], 200);
    server.stop().await;
}

#[tokio::test]
async fn a_logical_origin_is_dialled_at_its_live_address_and_signed_as_published() {
    let folder = tempdir().unwrap();
    let destination = Destination::ok().await;
    let url = "http://relay.internal/api/post?x=1";
    let mut config = config(folder.path());
    config.destinations = Destinations::Only(vec![url.into()]);
    config.deliver_via =
        [("http://relay.internal".to_owned(), destination.url.parse().unwrap())].into();
    let server = Server::with(config, None).await;
    server.publish(url, &[], "x").await;
    let seen = destination.until(1).await.remove(0);
    assert_eq!(seen.uri.to_string(), "/api/post?x=1");
    assert_eq!(seen.claims(&server, url, system_clock()()).sub, url);
    for (destination, callback) in [(destination.url.as_str(), ""), (url, "http://x.example/")] {
        let path = format!("/v2/publish/{destination}");
        let (status, _) = server.ask("POST", &path, &[("Upstash-Callback", callback)], "").await;
        assert_eq!(status, 400, "only what is listed may be called");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_redirect_is_a_failed_attempt() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let elsewhere = Destination::ok().await;
    let location = elsewhere.url.clone();
    let destination = Destination::new(move |_| {
        let moved = Response::builder().status(307).header("Location", &location);
        moved.body(Body::empty()).unwrap()
    })
    .await;
    let id = server.publish(&destination.url, &[("Upstash-Retries", "0")], "").await;
    server.until_state(&id, "FAILED").await;
    assert!(elsewhere.seen().is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_destination_that_does_not_answer_is_a_failed_attempt() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let headers = [("Upstash-Retries", "0"), ("Upstash-Timeout", "1s")];
    let slow = server.publish(&url, &headers, "").await;
    server.until_state(&slow, "FAILED").await;
    drop(silent);
    let absent = server.publish(&url, &headers, "").await;
    server.until_state(&absent, "FAILED").await;
    let (_, dlq) = server.ask("GET", "/v2/dlq", &[], "").await;
    for letter in dlq["messages"].as_array().unwrap() {
        assert_eq!(letter["responseStatus"], 0, "there was no answer");
        assert!(!letter["responseBody"].as_str().unwrap().is_empty());
    }
    server.stop().await;
}

#[tokio::test]
async fn a_key_keeps_its_rate_and_its_order() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let headers = [
        ("Upstash-Flow-Control-Key", "account"),
        ("Upstash-Flow-Control-Value", "rate=2, parallelism=1, period=10s"),
    ];
    for n in 0..5 {
        server.publish(&destination.url, &headers, &n.to_string()).await;
    }
    for (count, now) in [(2, NOON), (4, NOON + 10_000), (5, NOON + 20_000)] {
        server.set(now);
        destination.until(count).await;
        server.publish(&destination.url, &[], "free").await;
        crate::support::eventually("the message without a key", async || {
            destination.seen().iter().any(|d| &d.body[..] == b"free").then_some(())
        })
        .await;
        let keyed = destination.seen().into_iter().filter(|d| &d.body[..] != b"free");
        let bodies: Vec<String> =
            keyed.map(|d| String::from_utf8(d.body.to_vec()).unwrap()).collect();
        let expected: Vec<String> = (0..count.min(5)).map(|n| n.to_string()).collect();
        assert_eq!(bodies[..], expected[..bodies.len().min(expected.len())]);
        assert!(bodies.len() <= count);
    }
    let (_, lane) = server.ask("GET", "/v2/flowControl/account", &[], "").await;
    assert_eq!((&lane["rateMax"], &lane["parallelismMax"]), (&2.into(), &1.into()));
    server.stop().await;
}

#[tokio::test]
async fn a_rotation_signs_the_next_attempt_with_the_new_current_key() {
    let folder = tempdir().unwrap();
    let (server, destination) = (Server::start(folder.path()).await, Destination::ok().await);
    let before = server.client.keys().await.unwrap();
    let after = server.client.rotate_keys().await.unwrap();
    assert_eq!(after.current, before.next);
    assert_ne!(after.next, before.next);
    assert_eq!(server.scheduler.signing_keys(), (after.current.clone(), after.next));
    server.publish(&destination.url, &[], "x").await;
    let seen = destination.until(1).await.remove(0);
    let claims = roost_qstash::signature::Verifier::new(after.current, "")
        .verify(seen.header("upstash-signature"), b"x", &[&destination.url], seen.at / 1000)
        .unwrap();
    assert_eq!(claims.iss, "Upstash");
    server.stop().await;
}
