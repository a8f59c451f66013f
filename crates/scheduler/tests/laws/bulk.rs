//! Laws of what is asked of many at once: it takes what was meant, all of it, and once.

use std::collections::HashSet;

use crate::support::{Destination, Server, eventually};
use futures::future::join_all;
use serde_json::{Value, json};
use tempfile::tempdir;

const LATER: &str = "http://later.example";
const HOUR: (&str, &str) = ("Upstash-Delay", "1h");

/// Makes so many dead letters and tells their ids, newest first.
async fn letters(server: &Server, failing: &Destination, count: usize) -> Vec<String> {
    let headers = json!({"Upstash-Retries": "0", "Upstash-Label": "l"});
    let element = json!({"destination": failing.url, "headers": headers});
    let batch = Value::from(vec![element; count]).to_string();
    assert_eq!(server.ask("POST", "/v2/batch", &[], batch).await.0, 200);
    eventually("dead letters", async || {
        (server.scheduler.summary().await.unwrap().failed == i64::try_from(count).unwrap())
            .then_some(())
    })
    .await;
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    while ids.len() < count {
        let (_, page) = server.ask("GET", &format!("/v2/dlq?label=l{cursor}"), &[], "").await;
        let page_ids = page["messages"].as_array().unwrap().iter();
        ids.extend(page_ids.map(|letter| letter["dlqId"].as_str().unwrap().to_owned()));
        cursor = format!("&cursor={}", page["cursor"].as_str().unwrap_or_default());
    }
    ids
}

#[tokio::test]
async fn what_names_nothing_by_mistake_is_no_wish_for_everything() {
    let folder = tempdir().unwrap();
    let (server, failing) = (Server::start(folder.path()).await, Destination::status(500).await);
    server.publish(LATER, &[HOUR], "").await;
    letters(&server, &failing, 1).await;
    let bulk = [
        ("DELETE", "/v2/messages", "messageIds"),
        ("DELETE", "/v2/dlq", "dlqIds"),
        ("POST", "/v2/dlq/retry", "dlqIds"),
    ];
    for (method, path, name) in bulk {
        for filter in ["label", "queueName", "url", "fromDate", name] {
            for value in ["", ",", "%20"] {
                let path = format!("{path}?{filter}={value}&count=10");
                assert_eq!(server.ask(method, &path, &[], "").await.0, 400, "{path}");
            }
        }
        for body in [
            json!({}),
            json!([]),
            json!({"ids": ["x"]}),
            json!({ name.to_uppercase(): ["x"] }),
            json!({ name: ["x"], "label": "x" }),
            json!({ name: "x" }),
        ] {
            let body = body.to_string();
            assert_eq!(server.ask(method, path, &[], body.as_str()).await.0, 400, "{path} {body}");
        }
        for none in [json!({ name: [] }), json!({ name: null })] {
            let (status, answer) = server.ask(method, path, &[], none.to_string()).await;
            assert!(status < 300, "{path} {none}: {answer}");
        }
    }
    let left = server.scheduler.summary().await.unwrap();
    assert_eq!((left.live, left.dead_letters), (1, 1), "nothing of it changed anything");
    server.stop().await;
}

#[tokio::test]
async fn every_dead_letter_that_is_named_is_deleted_and_none_is_counted_twice() {
    let folder = tempdir().unwrap();
    let (server, failing) = (Server::start(folder.path()).await, Destination::status(500).await);
    let ids = letters(&server, &failing, 250).await;
    let one = format!("/v2/dlq/{}", ids[0]);
    let answers = join_all((0..8).map(|_| server.ask("DELETE", &one, &[], ""))).await;
    let done = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(done, 1, "{answers:?}");
    let named = json!({"dlqIds": ids[..150]}).to_string();
    let (_, answer) = server.ask("DELETE", "/v2/dlq", &[], named).await;
    assert_eq!(answer, json!({"deleted": 149}));
    let all = (0..4).map(|_| server.ask("DELETE", "/v2/dlq?label=l&count=100", &[], ""));
    let answers = join_all(all).await;
    let deleted =
        answers.iter().map(|(_, answer)| answer["deleted"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(deleted, 100, "{answers:?}");
    assert_eq!(server.scheduler.summary().await.unwrap().dead_letters, 0);
    server.stop().await;
}

/// A letter goes only where a message takes its place.
#[tokio::test]
async fn a_retry_that_repeats_an_accepted_message_leaves_the_letter() {
    let folder = tempdir().unwrap();
    let (server, failing) = (Server::start(folder.path()).await, Destination::status(500).await);
    let once = ("Upstash-Deduplication-Id", "once");
    let first = server.publish(&failing.url, &[("Upstash-Retries", "0"), once], "").await;
    server.until_state(&first, "FAILED").await;
    let (_, page) = server.ask("GET", "/v2/dlq", &[], "").await;
    let path = format!("/v2/dlq/retry/{}", page["messages"][0]["dlqId"].as_str().unwrap());
    let (status, answer) = server.ask("POST", &path, &[once], "").await;
    assert_eq!((status, &answer["messageId"]), (202, &first.into()));
    assert_eq!(answer["deduplicated"], true);
    assert_eq!(server.scheduler.summary().await.unwrap().dead_letters, 1);
    let (status, _) = server.ask("POST", &path, &[HOUR], "").await;
    assert_eq!(status, 201, "the letter can still be retried");
    let left = server.scheduler.summary().await.unwrap();
    assert_eq!((left.live, left.dead_letters), (1, 0));
    server.stop().await;
}

#[tokio::test]
async fn letters_that_are_retried_under_one_id_make_one_message_and_the_others_stay() {
    let folder = tempdir().unwrap();
    let (server, failing) = (Server::start(folder.path()).await, Destination::status(500).await);
    letters(&server, &failing, 3).await;
    let one = [HOUR, ("Upstash-Deduplication-Id", "one")];
    let (status, answer) = server.ask("POST", "/v2/dlq/retry?label=l", &one, "").await;
    assert_eq!(status, 201);
    let responses = answer["responses"].as_array().unwrap();
    let ids: HashSet<_> = responses.iter().map(|one| one["messageId"].as_str().unwrap()).collect();
    assert_eq!((responses.len(), ids.len()), (3, 1));
    let left = server.scheduler.summary().await.unwrap();
    assert_eq!((left.live, left.dead_letters), (1, 2));
    server.stop().await;
}

#[tokio::test]
async fn letters_of_a_queue_go_back_in_the_order_in_which_they_left_it() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let destination = Destination::new(|delivery| {
        let status = if delivery.header("x-again").is_empty() { 500 } else { 200 };
        axum::response::Response::builder().status(status).body("".into()).unwrap()
    })
    .await;
    let path = format!("/v2/enqueue/q/{}", destination.url);
    for body in ["1", "2", "3"] {
        server.ask("POST", &path, &[("Upstash-Retries", "0")], body).await;
    }
    eventually("dead letters", async || {
        (server.scheduler.summary().await.unwrap().dead_letters == 3).then_some(())
    })
    .await;
    let again = [("Upstash-Forward-X-Again", "yes")];
    server.ask("POST", "/v2/dlq/retry?queueName=q", &again, "").await;
    let seen = destination.until(6).await;
    let bodies: Vec<_> = seen[3..].iter().map(|delivery| delivery.body.clone()).collect();
    assert_eq!(bodies, ["1", "2", "3"]);
    server.stop().await;
}
