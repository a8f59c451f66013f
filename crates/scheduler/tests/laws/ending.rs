//! Laws of cancelling, of dead letters and of the log.

use crate::support::{Clock, Destination, Server};
use axum::body::Body;
use axum::response::Response;
use serde_json::json;
use tempfile::tempdir;

const NOON: i64 = 1_800_000_000_000;
const URL: &str = "http://later.example/x";
const HOUR: (&str, &str) = ("Upstash-Delay", "1h");

#[tokio::test]
async fn a_cancelled_message_is_never_delivered() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let gone = server.publish(&destination.url, &[HOUR], "gone").await;
    let kept = server.publish(&destination.url, &[HOUR], "kept").await;
    let (status, answer) = server.ask("DELETE", &format!("/v2/messages/{gone}"), &[], "").await;
    assert_eq!((status, answer), (200, json!({"cancelled": 1})));
    let (status, _) = server.ask("DELETE", &format!("/v2/messages/{gone}"), &[], "").await;
    assert_eq!(status, 404);
    server.set(NOON + 3_600_000);
    server.until_state(&kept, "DELIVERED").await;
    assert_eq!(destination.seen().len(), 1);
    assert_eq!(server.states(&gone).await, ["CREATED", "CANCEL_REQUESTED", "CANCELED"]);
    server.stop().await;
}

#[tokio::test]
async fn cancelling_by_label_takes_those_and_no_others() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    for n in 0..250 {
        let label = if n % 2 == 0 { "roost-1, p-1" } else { "roost-2" };
        server.publish(URL, &[HOUR, ("Upstash-Label", label)], "").await;
    }
    assert_eq!(server.client.cancel_label("roost-1").await.unwrap(), 125);
    assert_eq!(server.client.cancel_label("roost-1").await.unwrap(), 0);
    let (_, page) = server.ask("DELETE", "/v2/messages?label=roost-2&count=100", &[], "").await;
    assert_eq!(page["cancelled"], 125);
    server.stop().await;
}

#[tokio::test]
async fn bulk_cancelling_reads_ids_of_the_query_and_of_the_body() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(server.publish(URL, &[HOUR], "").await);
    }
    let cancel = async |query: &str, body: String| {
        let (_, answer) = server.ask("DELETE", &format!("/v2/messages{query}"), &[], body).await;
        answer["cancelled"].as_u64()
    };
    let none = json!({"messageIds": []}).to_string();
    assert_eq!(cancel("", none).await, Some(0), "an empty list of ids is no wish for all");
    let body = json!({"messageIds": [ids[0], ids[1], "msg_unknown"]}).to_string();
    assert_eq!(cancel("", body).await, Some(2));
    let query = format!("?messageIds={}&messageIds={}", ids[0], ids[2]);
    assert_eq!(cancel(&query, String::new()).await, Some(1));
    let query = format!("?messageIds={},{}", ids[3], ids[2]);
    assert_eq!(cancel(&query, String::new()).await, Some(1));
    assert_eq!(cancel("?lable=x", String::new()).await, None, "a typo must not widen to all");
    assert_eq!(cancel("?host=other.example", String::new()).await, Some(0));
    assert_eq!(cancel("?host=later.example&path=/x", String::new()).await, Some(2));
    server.publish(URL, &[HOUR], "").await;
    assert_eq!(cancel("", String::new()).await, Some(1), "no filter at all means everything");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_under_way_may_end_but_no_other_follows_a_cancel() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let destination = Destination::new(move |_| {
        tokio::task::block_in_place(|| gate.lock().unwrap().recv().ok());
        Response::builder().status(500).body(Body::empty()).unwrap()
    });
    let destination = destination.await;
    let id = server.publish(&destination.url, &[("Upstash-Retry-Delay", "0")], "").await;
    destination.until(1).await;
    let (status, _) = server.ask("DELETE", &format!("/v2/messages/{id}"), &[], "").await;
    assert_eq!(status, 200);
    assert_eq!(server.states(&id).await, ["CREATED", "ACTIVE", "CANCEL_REQUESTED"]);
    open.send(()).unwrap();
    let states = server.until_state(&id, "CANCELED").await;
    assert_eq!(states, ["CREATED", "ACTIVE", "CANCEL_REQUESTED", "ERROR", "CANCELED"]);
    assert_eq!(destination.seen().len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_retried_dead_letter_is_a_new_message() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let destination = Destination::new(|delivery| {
        let status = if delivery.header("x-try") == "again" { 200 } else { 500 };
        Response::builder().status(status).body(Body::empty()).unwrap()
    })
    .await;
    let headers =
        [("Upstash-Retries", "0"), ("Upstash-Label", "l"), ("Upstash-Forward-X-Kind", "k")];
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = server.publish(&destination.url, &headers, "body").await;
        server.until_state(&id, "FAILED").await;
        ids.push(id);
    }
    let (_, dlq) = server.ask("GET", "/v2/dlq?label=l", &[], "").await;
    let letters: Vec<(String, String)> = dlq["messages"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|l| (l["dlqId"].as_str().unwrap().into(), l["messageId"].as_str().unwrap().into()))
        .collect();
    assert_eq!(letters.iter().map(|(_, id)| id.clone()).collect::<Vec<_>>(), ids);

    let again = [("Upstash-Forward-X-Try", "again")];
    let path = format!("/v2/dlq/retry/{}", letters[0].0);
    let (status, answer) = server.ask("POST", &path, &again, "").await;
    assert_eq!(status, 201);
    let new = answer["messageId"].as_str().unwrap();
    assert_ne!(new, ids[0]);
    server.until_state(new, "DELIVERED").await;
    let last = destination.seen().pop().unwrap();
    assert_eq!((&last.body[..], last.header("x-kind")), (&b"body"[..], "k"));
    let (status, _) = server.ask("POST", &path, &again, "").await;
    assert_eq!(status, 404, "the letter is gone");

    let path = format!("/v2/dlq/retry?dlqIds={}&dlqIds={}", letters[1].0, letters[2].0);
    let (status, answer) = server.ask("POST", &path, &again, "").await;
    assert_eq!((status, answer["responses"].as_array().unwrap().len()), (201, 2));
    let (_, dlq) = server.ask("GET", "/v2/dlq", &[], "").await;
    assert_eq!(dlq["messages"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn dead_letters_are_deleted_one_by_one_and_in_bulk() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let destination = Destination::status(500).await;
    for n in 0..5 {
        let label = if n == 0 { "a" } else { "b" };
        let headers = [("Upstash-Retries", "0"), ("Upstash-Label", label)];
        let id = server.publish(&destination.url, &headers, "").await;
        server.until_state(&id, "FAILED").await;
    }
    let (_, page) = server.ask("GET", "/v2/dlq?count=2", &[], "").await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 2);
    let cursor = page["cursor"].as_str().unwrap();
    let (_, rest) = server.ask("GET", &format!("/v2/dlq?cursor={cursor}"), &[], "").await;
    assert_eq!(rest["messages"].as_array().unwrap().len(), 3);
    assert_eq!(rest.get("cursor"), None);

    let id = page["messages"][0]["dlqId"].as_str().unwrap();
    let delete = async |query: &str, body: String| {
        let (status, answer) = server.ask("DELETE", &format!("/v2/dlq{query}"), &[], body).await;
        (status, answer["deleted"].as_u64())
    };
    assert_eq!(delete(&format!("/{id}"), String::new()).await, (200, Some(1)));
    assert_eq!(delete(&format!("/{id}"), String::new()).await.0, 404);
    assert_eq!(delete("?lable=a", String::new()).await.0, 400);
    assert_eq!(delete("", json!({"dlqIds": []}).to_string()).await, (200, Some(0)));
    let other = page["messages"][1]["dlqId"].as_str().unwrap();
    assert_eq!(delete("", json!({"dlqIds": [other, id]}).to_string()).await, (200, Some(1)));
    assert_eq!(delete("?label=a", String::new()).await, (200, Some(1)));
    assert_eq!(delete("?responseStatus=404", String::new()).await, (200, Some(0)));
    assert_eq!(delete("?responseStatus=500", String::new()).await, (200, Some(2)));
    server.stop().await;
}

#[tokio::test]
async fn the_log_is_paged_newest_first_and_filtered() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let server = Server::at(folder.path(), &clock).await;
    let mut ids = Vec::new();
    for n in 0..5 {
        server.set(NOON + n * 1000);
        let label = format!("l{}", n % 2);
        ids.push(server.publish(URL, &[HOUR, ("Upstash-Label", &label)], "").await);
    }
    ids.reverse();
    for (path, name) in [("/v2/events", "events"), ("/v2/logs", "logs")] {
        let (mut cursor, mut seen) = (String::new(), Vec::new());
        loop {
            let (_, page) = server.ask("GET", &format!("{path}?count=2{cursor}"), &[], "").await;
            for line in page[name].as_array().unwrap() {
                seen.push(line["messageId"].as_str().unwrap().to_owned());
            }
            match page.get("cursor") {
                Some(next) => cursor = format!("&cursor={}", next.as_str().unwrap()),
                None => break,
            }
        }
        assert_eq!(seen, ids, "{path}");
    }
    let count = async |query: &str| {
        let (_, page) = server.ask("GET", &format!("/v2/events?{query}"), &[], "").await;
        page["events"].as_array().map(Vec::len)
    };
    assert_eq!(count("label=l1").await, Some(2));
    assert_eq!(count("label=l1,l0&url=http://later.example/x").await, Some(5));
    assert_eq!(count(&format!("fromDate={}&toDate={}", NOON + 1000, NOON + 3000)).await, Some(3));
    assert_eq!(count("state=CREATED,FAILED").await, Some(5));
    assert_eq!(count("state=IN_PROGRESS").await, Some(0));
    assert_eq!(count("state=CANCELLED").await, Some(0));
    assert_eq!(count("state=NONSENSE").await, None);
    assert_eq!(count("count=1001").await, None);
    server.stop().await;
}

#[tokio::test]
async fn what_is_past_its_retention_is_forgotten_and_what_waits_is_not() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let done = server.publish(&destination.url, &[], "").await;
    let waits = server.publish(URL, &[("Upstash-Delay", "300d")], "").await;
    server.until_state(&done, "DELIVERED").await;
    server.set(NOON + 8 * 86_400_000);
    crate::support::eventually("the log to forget", async || {
        server.states(&done).await.is_empty().then_some(())
    })
    .await;
    assert_eq!(server.states(&waits).await, ["CREATED"]);
    server.stop().await;
}
