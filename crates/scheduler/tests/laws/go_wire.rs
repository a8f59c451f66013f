//! The requests of the official Go client, as its source writes them, and what it would decode
//! of the answers.

mod client;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::support::{Destination, Server, eventually};
use client::*;

#[tokio::test]
async fn what_the_go_client_publishes_it_reads_back_and_cancels() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let headers = [
        ("Content-Type", "text/plain"),
        ("Upstash-Method", "PUT"),
        ("Upstash-Forward-test-header", "test-value"),
        ("Upstash-Retries", "0"),
        ("Upstash-Callback", "https://callback.example"),
        ("Upstash-Failure-Callback", "https://failure.example"),
        ("Upstash-Delay", "10m"),
        ("Upstash-Not-Before", "4102444800"),
        ("Upstash-Deduplication-Id", "once"),
        ("Upstash-Content-Based-Deduplication", "true"),
        ("Upstash-Timeout", "30s"),
    ];
    let line = ("POST", "/v2/publish/https://later.example/a?x=1");
    let first: Published = ask(&server, line, &headers, "test-body").await.unwrap();
    assert_eq!((first.deduplicated, first.url.as_str()), (false, "https://later.example/a?x=1"));
    let second: Published = ask(&server, line, &headers, "test-body").await.unwrap();
    assert_eq!((second.message_id, second.deduplicated), (first.message_id.clone(), true));

    let path = format!("/v2/messages/{}", first.message_id);
    let message: Message = ask(&server, ("GET", &path), &[], "").await.unwrap();
    assert_eq!(message.message_id, first.message_id);
    assert_eq!(message.url, "https://later.example/a?x=1");
    assert_eq!((message.method.as_str(), message.body.as_str()), ("PUT", "test-body"));
    assert_eq!(message.header["Test-Header"], ["test-value"]);
    assert_eq!(message.header["Content-Type"], ["text/plain"]);
    assert_eq!((message.max_retries, message.not_before), (0, 4_102_444_800_000));
    assert_eq!(message.callback, "https://callback.example");
    assert_eq!(message.failure_callback, "https://failure.example");
    assert_eq!(message.caller_ip, "127.0.0.1");
    assert!(message.created_at > 1_700_000_000_000);
    let unset = [&message.url_group, &message.endpoint_name, &message.queue_name, &message.api];
    assert!(unset.iter().all(|text| text.is_empty()));
    assert!(message.schedule_id.is_empty() && message.body_base64.is_empty());

    // Without a content type nothing is made up.
    let plain = [("Upstash-Forward-test-header", "test-value"), ("Upstash-Delay", "10s")];
    let line = ("POST", "/v2/publish/http://later.example");
    let published: Published = ask(&server, line, &plain, "{}").await.unwrap();
    let path = format!("/v2/messages/{}", published.message_id);
    let message: Message = ask(&server, ("GET", &path), &[], "").await.unwrap();
    let only = Headers::from([("Test-Header".to_owned(), vec!["test-value".to_owned()])]);
    assert_eq!(message.header, only);

    done(&server, ("DELETE", &path), &[], "").await;
    let gone = ask::<Message>(&server, ("GET", &path), &[], "").await.unwrap_err();
    assert_eq!(gone, "message not found");
    let ids = json!({"messageIds": [first.message_id, "unknown"]}).to_string();
    let counted: BTreeMap<String, i64> =
        ask(&server, ("DELETE", "/v2/messages"), &[JSON], &ids).await.unwrap();
    assert_eq!(counted["cancelled"], 1);
    ask::<Published>(&server, line, &plain, "").await.unwrap();
    let counted: BTreeMap<String, i64> =
        ask(&server, ("DELETE", "/v2/messages"), &[JSON], "").await.unwrap();
    assert_eq!(counted["cancelled"], 1);
    server.stop().await;
}

#[tokio::test]
async fn a_go_clients_url_group_may_have_endpoints_with_names_in_words() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    done(&server, ("DELETE", "/v2/topics/go_url_group"), &[], "").await;
    let endpoints = r#"{"endpoints":[{"url":"https://example.com","name":"First endpoint"},{"url":"https://example.net","name":"Second endpoint"}]}"#;
    let line = ("POST", "/v2/topics/go_url_group/endpoints");
    done(&server, line, &[JSON], endpoints).await;
    let group: UrlGroup = ask(&server, ("GET", "/v2/topics/go_url_group"), &[], "").await.unwrap();
    let named = |url: &str, name: &str| Endpoint { url: url.into(), name: name.into() };
    let (first, second) = ("First endpoint", "Second endpoint");
    assert_eq!(group.name, "go_url_group");
    assert_eq!(
        group.endpoints,
        [named("https://example.com", first), named("https://example.net", second)]
    );
    assert!(group.created_at > 1_700_000_000_000 && group.updated_at >= group.created_at);
    let groups: Vec<UrlGroup> = ask(&server, ("GET", "/v2/topics"), &[], "").await.unwrap();
    assert_eq!(groups.len(), 1);

    let delayed = [("Upstash-Delay", "1h")];
    let line = ("POST", "/v2/publish/go_url_group");
    let published: Vec<Published> = ask(&server, line, &delayed, "test-body").await.unwrap();
    let urls: Vec<&str> = published.iter().map(|one| one.url.as_str()).collect();
    assert_eq!(urls, ["https://example.com", "https://example.net"]);
    let path = format!("/v2/messages/{}", published[0].message_id);
    let message: Message = ask(&server, ("GET", &path), &[], "").await.unwrap();
    assert_eq!(
        (message.url_group.as_str(), message.endpoint_name.as_str()),
        ("go_url_group", first)
    );
    let body = r#"{"test":"body"}"#;
    let line = ("POST", "/v2/enqueue/test-queue/go_url_group");
    let enqueued: Vec<Published> = ask(&server, line, &[JSON], body).await.unwrap();
    assert_eq!(enqueued.len(), 2);

    let one = r#"{"endpoints":[{"url":"https://example.net"}]}"#;
    done(&server, ("DELETE", "/v2/topics/go_url_group/endpoints"), &[JSON], one).await;
    let group: UrlGroup = ask(&server, ("GET", "/v2/topics/go_url_group"), &[], "").await.unwrap();
    assert_eq!(group.endpoints, [named("https://example.com", first)]);
    done(&server, ("DELETE", "/v2/topics/go_url_group"), &[], "").await;
    let line = ("POST", "/v2/publish/non_existing_url_group");
    let error = ask::<Vec<Published>>(&server, line, &[], "test-body").await.unwrap_err();
    assert_eq!(error, "topic non_existing_url_group not found");
    server.stop().await;
}

#[tokio::test]
async fn a_go_clients_batch_mixes_urls_groups_and_queues() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let endpoints =
        r#"{"endpoints":[{"url":"https://example.com"},{"url":"https://example.net"}]}"#;
    done(&server, ("POST", "/v2/topics/g/endpoints"), &[JSON], endpoints).await;
    // Go writes the keys of its maps in order, and an unset queue as an empty string.
    let batch = r#"[{"body":"hi 0","destination":"g","headers":{"Content-Type":"text/plain","Upstash-Delay":"1h","Upstash-Forward-test-header-0":"test-value-0","Upstash-Retries":"0"},"queue":""},{"body":"hi 1","destination":"https://example.com","headers":{"Upstash-Delay":"1h","Upstash-Forward-Content-Type":"text/plain","Upstash-Retries":"0"},"queue":""},{"body":"{\"hi\":2}","destination":"https://example.com","headers":{"Content-Type":"application/json"},"queue":"test-queue"}]"#;
    let answers: Vec<Value> = ask(&server, ("POST", "/v2/batch"), &[JSON], batch).await.unwrap();
    let decoded: Vec<Vec<Published>> = answers
        .into_iter()
        .map(|answer| match answer {
            Value::Array(_) => serde_json::from_value(answer).unwrap(),
            _ => vec![serde_json::from_value(answer).unwrap()],
        })
        .collect();
    assert_eq!(decoded.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 1]);
    let path = format!("/v2/messages/{}", decoded[1][0].message_id);
    let message: Message = ask(&server, ("GET", &path), &[], "").await.unwrap();
    assert_eq!((message.body.as_str(), message.queue_name.as_str()), ("hi 1", ""));
    assert_eq!(message.header["Content-Type"], ["text/plain"]);
    server.stop().await;
}

#[tokio::test]
async fn a_go_client_keeps_queues() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let upsert = async |parallelism: i64, paused: bool| {
        let body = format!(
            r#"{{"queueName":"test-queue","parallelism":{parallelism},"paused":{paused}}}"#
        );
        done(&server, ("POST", "/v2/queues"), &[JSON], &body).await;
        ask::<Queue>(&server, ("GET", "/v2/queues/test-queue"), &[], "").await.unwrap()
    };
    let queue = upsert(1, false).await;
    assert_eq!((queue.name.as_str(), queue.parallelism, queue.lag), ("test-queue", 1, 0));
    assert!(queue.created_at > 1_700_000_000_000 && queue.updated_at >= queue.created_at);
    assert!(upsert(2, true).await.paused);
    let queues: Vec<Queue> = ask(&server, ("GET", "/v2/queues"), &[], "").await.unwrap();
    assert_eq!((queues.len(), queues[0].parallelism), (1, 2));
    let line = ("POST", "/v2/enqueue/test-queue/https://example.com");
    let published: Published = ask(&server, line, &[], "test-body").await.unwrap();
    assert!(!published.message_id.is_empty());
    assert!(!upsert(2, false).await.paused);
    for (command, paused) in [("pause", true), ("resume", false)] {
        let path = format!("/v2/queues/test-queue/{command}");
        done(&server, ("POST", &path), &[], "").await;
        let queue: Queue = ask(&server, ("GET", "/v2/queues/test-queue"), &[], "").await.unwrap();
        assert_eq!(queue.paused, paused);
    }
    done(&server, ("DELETE", "/v2/queues/test-queue"), &[], "").await;
    let queues: Vec<Queue> = ask(&server, ("GET", "/v2/queues"), &[], "").await.unwrap();
    assert!(queues.is_empty());
    let error = ask::<Queue>(&server, ("GET", "/v2/queues/test-queue"), &[], "").await;
    assert_eq!(error.unwrap_err(), "queue not found");
    server.stop().await;
}

#[tokio::test]
async fn a_go_client_writes_schedules_with_a_capital() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let headers = [
        ("Upstash-Cron", "1 1 1 1 1"),
        JSON,
        ("Upstash-Method", "PUT"),
        ("Upstash-Retries", "5"),
        ("Upstash-Delay", "10s"),
        ("Upstash-Callback", "https://callback.example"),
        ("Upstash-Failure-Callback", "https://failure.example"),
        ("Upstash-Timeout", "30s"),
    ];
    for path in ["/v2/Schedules/https://example.com", "/v2/schedules/https://example.com"] {
        let body = r#"{"ex_key":"ex_value"}"#;
        let created: Schedule = ask(&server, ("POST", path), &headers, body).await.unwrap();
        let id = created.schedule_id;
        let read = async || {
            let path = format!("/v2/Schedules/{id}");
            ask::<Schedule>(&server, ("GET", &path), &[], "").await
        };
        let schedule = read().await.unwrap();
        assert_eq!((&schedule.schedule_id, schedule.cron.as_str()), (&id, "1 1 1 1 1"));
        assert_eq!(schedule.destination, "https://example.com");
        assert_eq!((schedule.method.as_str(), schedule.body.as_str()), ("PUT", body));
        assert_eq!(schedule.header["Content-Type"], ["application/json"]);
        assert_eq!((schedule.retries, schedule.delay), (5, 10));
        assert_eq!(schedule.callback, "https://callback.example");
        assert_eq!(schedule.failure_callback, "https://failure.example");
        assert_eq!((schedule.caller_ip.as_str(), schedule.is_paused), ("127.0.0.1", false));
        assert!(schedule.next_schedule_time > schedule.created_at);
        assert!(schedule.last_schedule_states.is_empty());
        for (command, paused) in [("pause", true), ("resume", false)] {
            let path = format!("/v2/schedules/{id}/{command}");
            done(&server, ("PATCH", &path), &[], "").await;
            assert_eq!(read().await.unwrap().is_paused, paused);
        }
        let all: Vec<Schedule> = ask(&server, ("GET", "/v2/schedules"), &[], "").await.unwrap();
        assert_eq!(all.len(), 1);
        done(&server, ("DELETE", &format!("/v2/schedules/{id}")), &[], "").await;
        assert_eq!(read().await.unwrap_err(), "schedule not found");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_go_client_reads_the_log_and_deletes_dead_letters() {
    let folder = tempdir().unwrap();
    let (server, failing) = (Server::start(folder.path()).await, Destination::status(404).await);
    let publish = format!("/v2/publish/{}/x", failing.url);
    let mut ids = Vec::new();
    for _ in 0..4 {
        let headers = [JSON, ("Upstash-Retries", "0")];
        let published: Published = ask(&server, ("POST", &publish), &headers, "{}").await.unwrap();
        ids.push(published.message_id);
    }
    let mut letters = Vec::new();
    for id in &ids {
        // Values are sorted by name and escaped.
        let url = failing.url.replace(':', "%3A").replace('/', "%2F");
        let path = format!(
            "/v2/dlq?callerIp=127.0.0.1&count=10&fromDate=1700000000000&messageId={id}\
             &responseStatus=404&toDate=4102444800000&url={url}%2Fx"
        );
        let page: DeadLetters = eventually("the dead letter", async || {
            let page: DeadLetters = ask(&server, ("GET", &path), &[], "").await.unwrap();
            (page.messages.len() == 1).then_some(page)
        })
        .await;
        assert!(page.cursor.is_empty());
        let id = page.messages[0].dlq_id.clone();
        let line = format!("/v2/dlq/{id}");
        let letter: DeadLetter = ask(&server, ("GET", &line), &[], "").await.unwrap();
        assert_eq!((letter.response_status, letter.response_body.as_str()), (404, "no"));
        assert!(!letter.response_header.is_empty() && letter.response_body_base64.is_empty());
        assert_eq!((&letter.dlq_id, letter.message.body.as_str()), (&id, "{}"));
        letters.push(letter);
    }
    assert_eq!(
        letters.iter().map(|one| &one.message.message_id).collect::<Vec<_>>(),
        ids.iter().collect::<Vec<_>>()
    );
    let none: DeadLetters = ask(&server, ("GET", "/v2/dlq?api=llm"), &[], "").await.unwrap();
    assert!(none.messages.is_empty());
    done(&server, ("DELETE", &format!("/v2/dlq/{}", letters[0].dlq_id)), &[], "").await;
    let chosen = json!({"dlqIds": [letters[1].dlq_id, letters[2].dlq_id]}).to_string();
    let counted: BTreeMap<String, i64> =
        ask(&server, ("DELETE", "/v2/dlq"), &[JSON], &chosen).await.unwrap();
    assert_eq!(counted["deleted"], 2);

    let path = format!("/v2/events?count=2&messageId={}", ids[3]);
    let page: Events = ask(&server, ("GET", &path), &[], "").await.unwrap();
    let states: Vec<&str> = page.events.iter().map(|event| event.state.as_str()).collect();
    assert_eq!(states, ["FAILED", "ERROR"]);
    let event = &page.events[0];
    assert_eq!((&event.message_id, event.url.as_str()), (&ids[3], &*format!("{}/x", failing.url)));
    assert!(event.time > 1_700_000_000_000 && event.next_delivery_time == 0);
    for unset in [&event.topic_name, &event.endpoint_name, &event.api, &event.queue_name] {
        assert!(unset.is_empty() && event.schedule_id.is_empty());
    }
    let path = format!("/v2/events?count=2&cursor={}&messageId={}", page.cursor, ids[3]);
    let page: Events = ask(&server, ("GET", &path), &[], "").await.unwrap();
    assert_eq!((page.events.len(), page.cursor.as_str()), (2, ""));
    let path = format!("/v2/events?messageId={}&state=CREATED", ids[3]);
    let page: Events = ask(&server, ("GET", &path), &[], "").await.unwrap();
    assert_eq!(page.events.len(), 1);
    let page: Events = ask(&server, ("GET", "/v2/events?api=llm"), &[], "").await.unwrap();
    assert!(page.events.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_go_client_rotates_keys_at_its_own_path() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let before: Keys = ask(&server, ("GET", "/v2/keys"), &[], "").await.unwrap();
    assert_eq!((before.current.clone(), before.next.clone()), server.scheduler.signing_keys());
    let after: Keys = ask(&server, ("POST", "/v2/rotate"), &[], "").await.unwrap();
    assert_eq!(after.current, before.next);
    assert!(after.next.starts_with("sig_") && after.next != before.next);
    assert_eq!((after.current, after.next), server.scheduler.signing_keys());
    server.stop().await;
}

/// The client decodes every refusal as JSON, and tells its user the words.
#[tokio::test]
async fn every_refusal_can_be_decoded_by_a_go_client() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    for (line, words) in [
        (("GET", "/v2/nothing"), "there is no GET /v2/nothing"),
        (("PUT", "/v2/queues"), "there is no PUT /v2/queues"),
        (("GET", "/v2/dlq/unknown"), "dlq message not found"),
        (("POST", "/v2/publish/api/llm"), "invalid destination url: "),
        (("POST", "/v2/batch"), "the body is not a batch: "),
    ] {
        let error = ask::<Value>(&server, line, &[], "").await.unwrap_err();
        assert!(error.starts_with(words), "{line:?}: {error}");
    }
    server.stop().await;
}
