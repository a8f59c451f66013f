//! Where QStash's documentation, its specification and its SDKs disagree: one law for each such
//! place. What clients send in either way is understood; what they are told is what SDKs need.

use crate::support::{Clock, Destination, Server, config, eventually};
use serde_json::{Value, json};
use tempfile::tempdir;

const NOON: i64 = 1_800_000_000_000;
const LATER: &str = "http://later.example";
const HOUR: (&str, &str) = ("Upstash-Delay", "1h");

async fn get(server: &Server, path: &str) -> Value {
    let (status, answer) = server.ask("GET", path, &[], "").await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

/// The specification wraps the list in an object; every SDK reads a bare list.
#[tokio::test]
async fn publishing_to_a_url_group_answers_with_a_bare_list() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let endpoints = json!({"endpoints": [{"url": LATER}, {"url": "http://x.example"}]}).to_string();
    server.ask("POST", "/v2/topics/g/endpoints", &[], endpoints).await;
    for path in ["/v2/publish/g", "/v2/enqueue/q/g"] {
        let (status, answer) = server.ask("POST", path, &[], "").await;
        let list = answer.as_array().unwrap();
        assert_eq!((status, list.len()), (200, 2), "{path}");
        assert!(list.iter().all(|one| one["messageId"].is_string() && one["url"].is_string()));
    }
    server.stop().await;
}

/// The documentation moved to `/v2/logs`; SDKs stayed with `/v2/events`.
#[tokio::test]
async fn the_log_is_at_both_of_its_paths_under_both_of_its_names() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let id = server.publish(LATER, &[HOUR], "").await;
    let (events, logs) = (get(&server, "/v2/events").await, get(&server, "/v2/logs").await);
    assert_eq!(events, logs);
    assert_eq!(events["events"], events["logs"]);
    assert_eq!(events["events"][0]["messageId"], id.as_str());
    server.stop().await;
}

/// The documentation writes `CANCELLED`; the enums of SDKs know `CANCELED` only.
#[tokio::test]
async fn a_cancelled_message_is_called_canceled_and_found_under_either_spelling() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let id = server.publish(LATER, &[HOUR], "").await;
    server.ask("DELETE", &format!("/v2/messages/{id}"), &[], "").await;
    for spelling in ["CANCELED", "CANCELLED", "canceled"] {
        let page = get(&server, &format!("/v2/events?state={spelling}")).await;
        assert_eq!(page["events"][0]["state"], "CANCELED", "{spelling}");
    }
    server.stop().await;
}

/// The specification says POST, the three SDKs PATCH.
#[tokio::test]
async fn a_schedule_is_paused_and_resumed_by_post_and_by_patch() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let headers = [("Upstash-Cron", "0 0 1 1 *"), ("Upstash-Schedule-Id", "s")];
    server.ask("POST", &format!("/v2/schedules/{LATER}"), &headers, "").await;
    for method in ["POST", "PATCH"] {
        for (command, paused) in [("pause", true), ("resume", false)] {
            let path = format!("/v2/schedules/s/{command}");
            assert_eq!(server.ask(method, &path, &[], "").await.0, 200, "{method} {command}");
            assert_eq!(get(&server, "/v2/schedules/s").await["isPaused"], paused);
        }
    }
    server.stop().await;
}

/// JavaScript sends ids in the query, Python and Go in a JSON body.
#[tokio::test]
async fn ids_of_a_bulk_request_stand_in_the_query_or_in_the_body() {
    let folder = tempdir().unwrap();
    let (server, failing) = (Server::start(folder.path()).await, Destination::status(500).await);
    for (bulk, name, count) in
        [("/v2/messages", "messageIds", "cancelled"), ("/v2/dlq", "dlqIds", "deleted")]
    {
        let mut ids = Vec::new();
        for _ in 0..4 {
            if bulk == "/v2/messages" {
                ids.push(server.publish(LATER, &[HOUR], "").await);
            } else {
                server.publish(&failing.url, &[("Upstash-Retries", "0")], "").await;
            }
        }
        if ids.is_empty() {
            ids = eventually("dead letters", async || {
                let page = get(&server, "/v2/dlq").await;
                let letters = page["messages"].as_array().unwrap().iter();
                let ids: Vec<String> =
                    letters.map(|one| one["dlqId"].as_str().unwrap().to_owned()).collect();
                (ids.len() == 4).then_some(ids)
            })
            .await;
        }
        let repeated = format!("{bulk}?{name}={}&{name}={}", ids[0], ids[1]);
        let by_comma = format!("{bulk}?{name}={},unknown", ids[2]);
        let body = json!({ name: [ids[3]] }).to_string();
        for (path, body, counted) in
            [(repeated.as_str(), "", 2), (&by_comma, "", 1), (bulk, body.as_str(), 1)]
        {
            let (status, answer) = server.ask("DELETE", path, &[], body).await;
            assert_eq!((status, &answer[count]), (200, &counted.into()), "{path}");
        }
    }
    server.stop().await;
}

/// Older documentation says 202 and nothing; SDKs read `cancelled`.
#[tokio::test]
async fn cancelling_one_message_answers_200_with_a_count() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let path = format!("/v2/messages/{}", server.publish(LATER, &[HOUR], "").await);
    let cancelled = server.ask("DELETE", &path, &[], "").await;
    assert_eq!(cancelled, (200, json!({"cancelled": 1})));
    let gone = server.ask("DELETE", &path, &[], "").await;
    assert_eq!(gone, (404, json!({"error": "message not found"})));
    server.stop().await;
}

/// Documented with an `s` and in full; Python reads one without and one cut short.
#[tokio::test]
async fn headers_of_answers_and_retry_delays_are_told_under_every_name() {
    let folder = tempdir().unwrap();
    let (server, failing) = (Server::start(folder.path()).await, Destination::status(500).await);
    let headers = [("Upstash-Retries", "0"), ("Upstash-Retry-Delay", "1000 * (1 + retried)")];
    let id = server.publish(&failing.url, &headers, "").await;
    server.until_state(&id, "FAILED").await;
    let page = get(&server, &format!("/v2/events?messageId={id}&state=FAILED")).await;
    let event = &page["events"][0];
    assert!(event["responseHeader"].is_object());
    assert_eq!(event["responseHeader"], event["responseHeaders"]);
    for name in ["retryDelayExpression", "retryDelayExpr"] {
        assert_eq!(event[name], "1000 * (1 + retried)");
    }
    let page = get(&server, &format!("/v2/dlq?messageId={id}")).await;
    assert!(page["messages"][0]["responseHeader"].is_object());
    assert_eq!(page["messages"][0]["retryDelayExpression"], "1000 * (1 + retried)");
    server.stop().await;
}

/// SDKs write `header`, the documentation mixes it with `headers`.
#[tokio::test]
async fn redaction_reads_header_and_headers() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    for (fields, open) in [
        ("header", false),
        ("headers", false),
        ("body,headers", false),
        ("header[X-Secret]", true),
        ("headers[x-secret]", true),
        ("body, header[X-Secret], headers[X-Other]", true),
    ] {
        let headers = [
            HOUR,
            ("Upstash-Redact-Fields", fields),
            ("Upstash-Forward-X-Secret", "hidden"),
            ("Upstash-Forward-X-Open", "shown"),
        ];
        let id = server.publish(LATER, &headers, "body").await;
        let message = get(&server, &format!("/v2/messages/{id}")).await;
        let shown = |name: &str| message["header"][name][0].as_str().unwrap().to_owned();
        assert!(shown("X-Secret").starts_with("REDACTED:"), "{fields}");
        assert_eq!(shown("X-Open") == "shown", open, "{fields}");
        assert_eq!(message["body"] == "body", !fields.contains("body"), "{fields}");
    }
    server.stop().await;
}

/// A sample shows a delay with a queue; maintainers say that QStash refuses it: it is kept. The
/// message waits for its time in its place, and who comes after it waits as well.
#[tokio::test]
async fn what_is_enqueued_may_be_delayed_and_paced() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let enqueue = async |headers: &[(&str, &str)], body: &str| {
        let path = format!("/v2/enqueue/q/{}", destination.url);
        let (status, answer) = server.ask("POST", &path, headers, body).await;
        assert_eq!(status, 200, "{answer}");
        answer["messageId"].as_str().unwrap().to_owned()
    };
    let not_before = (NOON / 1000 + 3660).to_string();
    let id = enqueue(&[HOUR], "1").await;
    assert_eq!(get(&server, &format!("/v2/messages/{id}")).await["notBefore"], NOON + 3_600_000);
    enqueue(&[("Upstash-Not-Before", &not_before)], "2").await;
    let key = ("Upstash-Flow-Control-Key", "k");
    enqueue(&[key, ("Upstash-Flow-Control-Value", "rate=1,period=1h")], "3").await;
    let element = json!([{"destination": destination.url, "queue": "q", "body": "4",
        "headers": {"Upstash-Delay": "1m"}}]);
    assert_eq!(server.ask("POST", "/v2/batch", &[], element.to_string()).await.0, 200);
    enqueue(&[key, ("Upstash-Flow-Control-Value", "rate=1,period=1h")], "5").await;
    let bodies = async |now: i64, count: usize| {
        server.set(now);
        let other = server.publish(&destination.url, &[], "").await;
        server.until_state(&other, "DELIVERED").await;
        eventually("the queue's deliveries", async || {
            let seen = destination.seen();
            let texts = seen.iter().map(|delivery| String::from_utf8_lossy(&delivery.body));
            let texts: String = texts.collect::<Vec<_>>().concat();
            (texts.len() >= count).then_some(texts)
        })
        .await
    };
    assert_eq!(bodies(NOON + 3_599_999, 0).await, "", "the first waits for its time");
    assert_eq!(bodies(NOON + 3_600_000, 1).await, "1");
    assert_eq!(bodies(NOON + 3_660_000, 4).await, "1234", "the last waits for its key");
    assert_eq!(bodies(NOON + 3_660_000 + 3_600_000, 5).await, "12345");
    server.stop().await;
}

/// One page lists `Upstash-Callback-Delay`, the change log says it is refused: it is kept.
#[tokio::test]
async fn a_callback_may_be_delayed() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let callback = format!("{}/callback", destination.url);
    let headers = [("Upstash-Callback", callback.as_str()), ("Upstash-Callback-Delay", "30s")];
    let id = server.publish(&destination.url, &headers, "").await;
    server.until_state(&id, "DELIVERED").await;
    assert_eq!(destination.seen().len(), 1, "the callback is not due");
    server.set(NOON + 30_000);
    assert_eq!(destination.until(2).await[1].uri.path(), "/callback");
    server.stop().await;
}

/// Documented are errors of single elements; seen was that one error refuses all.
#[tokio::test]
async fn one_wrong_element_refuses_its_whole_batch_in_one_error() {
    let folder = tempdir().unwrap();
    let mut config = config(folder.path());
    config.max_delay_seconds = Some(604_800);
    let server = Server::with(config, None).await;
    let element = |delay: &str| json!({"destination": LATER, "headers": {"Upstash-Delay": delay}});
    let batch = json!([element("1h"), element("8d"), element("1h")]).to_string();
    let (status, answer) = server.ask("POST", "/v2/batch", &[], batch).await;
    assert_eq!(status, 412);
    assert_eq!(answer, json!({"error": "quota maxDelay exceeded, current limit: 604800"}));
    assert_eq!(get(&server, "/v2/events").await["events"], json!([]));
    server.stop().await;
}

/// Comments in an SDK still say 90 days; the documentation and a maintainer say ten minutes.
#[tokio::test]
async fn an_id_is_remembered_for_ten_minutes_and_no_longer() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let server = Server::at(folder.path(), &clock).await;
    let publish = async || {
        let headers = [HOUR, ("Upstash-Deduplication-Id", "once")];
        server.ask("POST", &format!("/v2/publish/{LATER}"), &headers, "").await
    };
    let (first, id) = publish().await;
    server.set(NOON + 599_999);
    let (second, same) = publish().await;
    assert_eq!((first, second), (200, 202));
    assert_eq!((&same["messageId"], &same["deduplicated"]), (&id["messageId"], &true.into()));
    server.set(NOON + 600_000);
    let (third, other) = publish().await;
    assert_eq!(third, 200);
    assert_ne!(other["messageId"], id["messageId"]);
    server.stop().await;
}

/// Earlier the plan's most; since July 2026 documented as three.
#[tokio::test]
async fn three_retries_follow_unless_a_message_says_otherwise() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let id = server.publish(LATER, &[HOUR], "").await;
    assert_eq!(get(&server, &format!("/v2/messages/{id}")).await["maxRetries"], 3);
    let cron = [("Upstash-Cron", "0 0 1 1 *"), ("Upstash-Schedule-Id", "s")];
    server.ask("POST", &format!("/v2/schedules/{LATER}"), &cron, "").await;
    assert_eq!(get(&server, "/v2/schedules/s").await["retries"], 3);
    server.stop().await;
}

/// An older page has `e^(2n)`; the present one `e^(2.5n)`, a day at most.
#[tokio::test]
async fn the_backoff_grows_by_e_to_the_two_and_a_half_up_to_a_day() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let (server, failing) =
        (Server::at(folder.path(), &clock).await, Destination::status(503).await);
    let id = server.publish(&failing.url, &[("Upstash-Retries", "6")], "").await;
    let mut now = NOON;
    for wait in [12_183, 148_414, 1_808_043, 22_026_466, 86_400_000, 86_400_000] {
        let next = eventually("the next attempt is planned", async || {
            let page = get(&server, &format!("/v2/events?messageId={id}&state=RETRY")).await;
            let at = page["events"][0]["nextDeliveryTime"].as_i64()?;
            (at > now).then_some(at)
        })
        .await;
        assert_eq!(next - now, wait);
        now = next;
        server.set(now);
    }
    server.until_state(&id, "FAILED").await;
    server.stop().await;
}

/// Pricing pages disagree on whether attempts count; here a day's limit counts messages.
#[tokio::test]
async fn retries_and_callbacks_do_not_count_against_a_day() {
    let folder = tempdir().unwrap();
    let mut config = config(folder.path());
    config.limits.messages_per_day = Some(2);
    let (server, failing) = (Server::with(config, None).await, Destination::status(500).await);
    let headers = [
        ("Upstash-Retries", "2"),
        ("Upstash-Retry-Delay", "0"),
        ("Upstash-Callback", failing.url.as_str()),
    ];
    let id = server.publish(&failing.url, &headers, "").await;
    server.until_state(&id, "FAILED").await;
    server.publish(LATER, &[HOUR], "").await;
    let (status, _) = server.ask("POST", &format!("/v2/publish/{LATER}"), &[HOUR], "").await;
    assert_eq!(status, 429);
    server.stop().await;
}

/// The specification allows 100 lines, older pages and SDKs 1000.
#[tokio::test]
async fn a_page_of_the_log_holds_up_to_a_thousand_lines() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let element = json!({"destination": LATER, "headers": {"Upstash-Delay": "1h"}});
    let batch = Value::from(vec![element; 1001]).to_string();
    assert_eq!(server.ask("POST", "/v2/batch", &[], batch).await.0, 200);
    for (query, lines) in [("", 100), ("?count=100", 100), ("?count=1000", 1000)] {
        let page = get(&server, &format!("/v2/events{query}")).await;
        assert_eq!(page["events"].as_array().unwrap().len(), lines, "{query}");
        assert!(page["cursor"].is_string());
    }
    let (status, answer) = server.ask("GET", "/v2/events?count=1001", &[], "").await;
    assert_eq!(status, 400, "{answer}");
    server.stop().await;
}

/// `callerIP` in most places, `callerIp` in the newest declarations.
#[tokio::test]
async fn the_callers_address_is_told_and_found_under_both_spellings() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let id = server.publish(LATER, &[HOUR], "").await;
    let message = get(&server, &format!("/v2/messages/{id}")).await;
    for name in ["callerIP", "callerIp"] {
        assert_eq!(message[name], "127.0.0.1");
        for (address, lines) in [("127.0.0.1", 1), ("10.9.8.7", 0)] {
            let page = get(&server, &format!("/v2/events?{name}={address}")).await;
            assert_eq!(page["events"].as_array().unwrap().len(), lines, "{name}={address}");
        }
    }
    server.stop().await;
}

/// The security page still shows `nbf` like `iat` and no `aud`; real tokens of today differ, and
/// the strictest receiver wants both claims as they are in them.
#[tokio::test]
async fn tokens_begin_in_the_year_one_and_are_for_nobody_in_particular() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    server.publish(&destination.url, &[], "").await;
    let delivery = destination.until(1).await.remove(0);
    let claims = delivery.claims(&server, &destination.url, NOON);
    assert_eq!((claims.nbf, claims.aud.as_str()), (-62_135_596_800, ""));
    assert_eq!((claims.iat, claims.exp), (NOON / 1000, NOON / 1000 + 300));
    assert_eq!(claims.body, "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=");
    server.stop().await;
}
