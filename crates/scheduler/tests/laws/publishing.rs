//! Laws of accepting.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use crate::support::{Clock, Destination, Server, TOKEN};
use roost_qstash::Publish;
use serde_json::{Value, json};
use tempfile::tempdir;

const NOON: i64 = 1_800_000_000_000;
const URL: &str = "http://later.example/x";
const DELAYED: (&str, &str) = ("Upstash-Delay", "1h");

fn publish(url: &str) -> String {
    format!("/v2/publish/{url}")
}

#[tokio::test]
async fn within_ten_minutes_an_id_is_accepted_once() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let server = Server::at(folder.path(), &clock).await;
    let headers = [DELAYED, ("Upstash-Deduplication-Id", "p-r1")];
    let first = server.publish(URL, &headers, "a").await;
    server.set(NOON + 599_999);
    let (status, again) = server.ask("POST", &publish(URL), &headers, "b").await;
    assert_eq!(
        (status, &again["messageId"], &again["deduplicated"]),
        (202, &first.clone().into(), &true.into())
    );
    let (status, _) = server.ask("DELETE", &format!("/v2/messages/{first}"), &[], "").await;
    assert_eq!(status, 200);
    let (status, _) = server.ask("POST", &publish(URL), &headers, "a").await;
    assert_eq!(status, 202, "cancelling does not free the id");
    server.set(NOON + 600_000);
    assert_ne!(server.publish(URL, &headers, "a").await, first);
    let (status, refused) =
        server.ask("POST", &publish(URL), &[("Upstash-Deduplication-Id", "p:1")], "").await;
    assert_eq!((status, &refused["error"]), (400, &"DeduplicationId cannot contain ':'".into()));
    server.stop().await;
}

#[tokio::test]
async fn equal_content_is_recognised_when_asked_for() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let by_content = |kind: &'static str| {
        [DELAYED, ("Upstash-Content-Based-Deduplication", "True"), ("Upstash-Forward-Kind", kind)]
    };
    let first = server.publish(URL, &by_content("a"), "x").await;
    let (status, again) = server.ask("POST", &publish(URL), &by_content("a"), "x").await;
    assert_eq!((status, &again["messageId"]), (202, &first.into()));
    server.publish(URL, &by_content("b"), "x").await;
    server.publish(URL, &by_content("a"), "y").await;
    server.publish("http://later.example/y", &by_content("a"), "x").await;
    server.stop().await;
}

#[tokio::test]
async fn two_of_an_id_in_one_batch_are_one_message() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let one = Publish {
        destination: URL.into(),
        delay_seconds: Some(3600),
        deduplication_id: Some("same".into()),
        ..Publish::default()
    };
    let results = server.client.batch(&[one.clone(), one]).await.unwrap();
    let results: Vec<_> = results.into_iter().map(Result::unwrap).collect();
    assert_eq!(results[0].message_id, results[1].message_id);
    assert!(!results[0].deduplicated && results[1].deduplicated);
    server.stop().await;
}

#[tokio::test]
async fn a_batch_is_accepted_whole_or_not_at_all() {
    let folder = tempdir().unwrap();
    let mut config = crate::support::config(folder.path());
    config.max_delay_seconds = Some(604_800);
    let server = Server::with(config, None).await;
    let good = json!({"destination": URL, "headers": {"upstash-delay": "1h"}, "body": "x"});
    let bare = json!({"destination": URL, "headers": {"Upstash-Delay": "1h"}, "body": null, "queue": null});
    let too_late = json!({"destination": URL, "headers": {"Upstash-Delay": "8d"}});
    let (status, refused) =
        server.ask("POST", "/v2/batch", &[], json!([good, too_late]).to_string()).await;
    let words = "quota maxDelay exceeded, current limit: 604800";
    assert_eq!((status, &refused["error"]), (412, &words.into()));
    for wrong in [
        json!({"destination": "later.example"}),
        json!({"destination": URL, "headers": {"Upstash-Retries": "x"}}),
        json!({"destination": URL, "queue": "no queue's name"}),
        json!({"headers": {}}),
    ] {
        let (status, _) =
            server.ask("POST", "/v2/batch", &[], json!([good, wrong]).to_string()).await;
        assert_eq!(status, 400, "{wrong}");
    }
    let (_, page) = server.ask("GET", "/v2/events", &[], "").await;
    assert_eq!(page["events"], json!([]), "nothing of a refused batch was accepted");
    let (status, ids) = server.ask("POST", "/v2/batch", &[], json!([good, bare]).to_string()).await;
    assert_eq!((status, ids.as_array().unwrap().len()), (200, 2));
    server.stop().await;
}

#[tokio::test]
async fn what_a_message_asked_for_can_be_read_until_its_end() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let server = Server::at(folder.path(), &clock).await;
    let headers = [
        ("Content-Type", "text/plain"),
        ("Upstash-Not-Before", "1800003600"),
        ("Upstash-Retries", "5"),
        ("Upstash-Retry-Delay", "1000 * (1 + retried)"),
        ("Upstash-Timeout", "30s"),
        ("Upstash-Label", "one, two"),
        ("Upstash-Flow-Control-Key", "k"),
        ("Upstash-Flow-Control-Value", "parallelism=2"),
        ("Upstash-Callback", "http://later.example/c"),
        ("Upstash-Forward-bypass-tunnel-reminder", "1"),
    ];
    let id = server.publish("http://later.example/x?a=1", &headers, "text").await;
    let (status, message) = server.ask("GET", &format!("/v2/messages/{id}"), &[], "").await;
    assert_eq!(status, 200);
    assert_eq!(
        message,
        json!({
            "messageId": id,
            "url": "http://later.example/x?a=1",
            "method": "POST",
            "header": {"Content-Type": ["text/plain"], "Bypass-Tunnel-Reminder": ["1"]},
            "body": "text",
            "maxRetries": 5,
            "notBefore": 1_800_003_600_000_i64,
            "createdAt": NOON,
            "callerIP": "127.0.0.1",
            "callerIp": "127.0.0.1",
            "timeout": 30_000,
            "retryDelayExpression": "1000 * (1 + retried)",
            "retryDelayExpr": "1000 * (1 + retried)",
            "label": "one",
            "labels": ["one", "two"],
            "flowControlKey": "k",
            "parallelism": 2,
            "period": 1,
            "callback": "http://later.example/c",
        })
    );
    server.stop().await;
}

#[tokio::test]
async fn the_query_string_is_shared_between_the_destination_and_the_settings() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let path = format!(
        "/v2/publish/http://later.example/x?a=1&upstash-delay=1h&qstash_token={TOKEN}&b=2&upstash-retries=7"
    );
    let response = server.http.post(format!("{}{path}", server.base)).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["url"], "http://later.example/x?a=1&b=2");
    let id = answer["messageId"].as_str().unwrap();
    let message = server.client.message(id).await.unwrap().unwrap();
    assert_eq!(message.max_retries, 7);
    server.stop().await;
}

#[tokio::test]
async fn redacted_parts_are_hidden_and_still_delivered() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let destination = Destination::status(500).await;
    let headers = [
        ("Upstash-Retries", "0"),
        ("Upstash-Redact-Fields", "body, header[X-Secret]"),
        ("Upstash-Forward-X-Secret", "canary-header"),
        ("Upstash-Forward-X-Open", "shown"),
    ];
    let id = server.publish(&destination.url, &headers, "canary-body").await;
    let seen = destination.until(1).await.remove(0);
    assert_eq!((&seen.body[..], seen.header("x-secret")), (&b"canary-body"[..], "canary-header"));
    server.until_state(&id, "FAILED").await;
    for path in ["/v2/events", "/v2/logs", "/v2/dlq"] {
        let (_, shown) = server.ask("GET", path, &[], "").await;
        let text = shown.to_string();
        assert!(text.contains("REDACTED:") && text.contains("shown"), "{path}");
        assert!(!text.contains("canary"), "{path}");
        assert!(!text.contains("Y2FuYXJ5"), "{path}: base64 hides nothing");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_can_not_be_delivered_is_refused_in_qstashs_words() {
    let folder = tempdir().unwrap();
    let mut config = crate::support::config(folder.path());
    config.destinations = roost_scheduler::Destinations::Public;
    config.max_message_bytes = 100;
    let server = Server::with(config, None).await;
    for (path, body, status, words) in [
        (
            "host/x",
            "",
            400,
            "invalid destination url: endpoint has invalid scheme, add http:// or https://",
        ),
        ("a-group", "", 404, "topic a-group not found"),
        (
            "http://127.0.0.1:1/",
            "",
            400,
            "invalid destination url: endpoint resolves to a loopback address: 127.0.0.1",
        ),
        (
            "http://192.168.1.1/",
            "",
            400,
            "invalid destination url: endpoint resolves to a private address: 192.168.1.1",
        ),
        (
            "https://1.1.1.1/",
            &"x".repeat(101),
            412,
            "quota maxMessageSize exceeded, current limit: 100",
        ),
    ] {
        let (answered, refused) = server.ask("POST", &publish(path), &[], body).await;
        assert_eq!((answered, &refused["error"]), (status, &words.into()), "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn nobody_without_the_token_and_no_web_page_is_served() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    for (headers, status) in [
        (&[("Authorization", "Bearer wrong")][..], 401),
        (&[("Authorization", "Bearer ")], 401),
        (&[("Authorization", TOKEN)], 401),
        (&[("Origin", "http://evil.example")], 403),
        (&[("Origin", "null")], 403),
        (&[("Sec-Fetch-Site", "cross-site")], 403),
        (&[("Sec-Fetch-Site", "same-site")], 403),
        (&[("Host", "evil.example")], 403),
        (&[("Host", "evil.example:8080")], 403),
        (&[("Host", "localhost:8080")], 200),
        (&[("Host", "[::1]")], 200),
        (&[("Sec-Fetch-Site", "none")], 200),
        (&[], 200),
    ] {
        let (answered, answer) = server.ask("GET", "/v2/keys", headers, "").await;
        assert_eq!(answered, status, "{headers:?}: {answer}");
        if status != 200 {
            assert!(answer["error"].is_string());
        }
    }
    // The server's own page says the one and the other, and browsers let no other page do so.
    let (own, same) = (("Origin", server.base.as_str()), ("Sec-Fetch-Site", "same-origin"));
    for (headers, status) in [
        (&[own, same][..], 200),
        (&[own], 403),
        (&[("Origin", "http://127.0.0.1:1"), same], 403),
        (&[own, ("Origin", "http://evil.example"), same], 403),
        (&[own, ("Sec-Fetch-Site", "cross-site")], 403),
    ] {
        let answered = server.ask("POST", "/v2/queues/q/pause", headers, "").await.0;
        // Nothing is there to pause, but the question was let in.
        assert_eq!(answered, if status == 200 { 404 } else { status }, "{headers:?}");
    }
    for (method, path) in
        [("GET", "/v1/"), ("GET", "/v2/nothing"), ("PUT", "/v2/keys"), ("GET", "/v2/publish/x")]
    {
        let (status, answer) = server.ask(method, path, &[], "").await;
        assert!(status == 404 && answer["error"].is_string(), "{method} {path}");
    }
    let url = format!("{}/v2/keys", server.base);
    let response = server.http.get(url).bearer_auth(TOKEN).send().await.unwrap();
    let cors = response.headers().keys().any(|name| name.as_str().starts_with("access-control"));
    assert!(!cors);
    server.stop().await;
}

#[tokio::test]
async fn the_token_is_not_in_the_database_nor_in_debug_output() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    server.publish(URL, &[DELAYED], "x").await;
    let (current, next) = server.scheduler.signing_keys();
    let shown = format!("{:?} {:?}", server.scheduler, crate::support::config(folder.path()));
    for secret in [TOKEN, &current, &next] {
        assert!(!shown.contains(secret));
    }
    server.stop().await;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()));
    }
}
