//! Laws of queues.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{Clock, Destination, Server, eventually};
use axum::body::Body;
use axum::response::Response;
use serde_json::{Value, json};
use tempfile::tempdir;

const NOON: i64 = 1_800_000_000_000;

impl Server {
    async fn enqueue(
        &self,
        queue: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> String {
        let path = format!("/v2/enqueue/{queue}/{url}");
        let (status, answer) = self.ask("POST", &path, headers, body).await;
        assert_eq!(status, 200, "{answer}");
        answer["messageId"].as_str().unwrap().to_owned()
    }

    async fn queue(&self, name: &str) -> Value {
        self.ask("GET", &format!("/v2/queues/{name}"), &[], "").await.1
    }
}

fn bodies(destination: &Destination) -> Vec<String> {
    let text = |body: &[u8]| String::from_utf8(body.to_vec()).unwrap();
    destination.seen().iter().map(|delivery| text(&delivery.body)).collect()
}

#[tokio::test]
async fn a_queue_delivers_in_order_one_at_a_time() {
    let folder = tempdir().unwrap();
    let (server, destination) = (Server::start(folder.path()).await, Destination::ok().await);
    let mut expected = Vec::new();
    for n in 0..30 {
        expected.push(n.to_string());
        server.enqueue("fifo", &destination.url, &[], &n.to_string()).await;
    }
    destination.until(30).await;
    assert_eq!(bodies(&destination), expected);
    server.stop().await;
}

#[tokio::test]
async fn the_next_waits_for_the_retries_and_the_callbacks_of_the_one_before() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let server = Server::at(folder.path(), &clock).await;
    let destination = Destination::new(|delivery| {
        let fails = match delivery.uri.path() {
            "/first" => delivery.header("upstash-retried") == "0",
            "/told" => delivery.header("upstash-retried") == "0",
            _ => false,
        };
        let status = if fails { 500 } else { 200 };
        Response::builder().status(status).body(Body::empty()).unwrap()
    })
    .await;
    let told = format!("{}/told", destination.url);
    let slow = [("Upstash-Retry-Delay", "60000")];
    let first = format!("{}/first", destination.url);
    let calls_back = [
        ("Upstash-Retries", "0"),
        ("Upstash-Failure-Callback", &told),
        ("Upstash-Failure-Callback-Retries", "1"),
    ];
    let id = server.enqueue("q", &first, &calls_back, "").await;
    let second = server.enqueue("q", &format!("{}/second", destination.url), &slow, "").await;
    server.until_state(&id, "FAILED").await;
    let paths = |destination: &Destination| {
        let seen = destination.seen();
        seen.iter().map(|delivery| delivery.uri.path().to_owned()).collect::<Vec<_>>()
    };
    // The failure callback failed too, and waits for its own retry, by QStash's formula.
    destination.until(2).await;
    assert_eq!(paths(&destination), ["/first", "/told"]);
    assert_eq!(server.states(&second).await, ["CREATED"]);
    assert_eq!(server.queue("q").await["lag"], 1);
    server.stop().await;
    // Neither a restart nor time changes whose turn it is.
    let server = Server::at(folder.path(), &clock).await;
    server.set(NOON + 3_600_000);
    server.until_state(&second, "DELIVERED").await;
    let seen = paths(&destination);
    assert_eq!(seen.first().map(String::as_str), Some("/first"));
    assert_eq!(seen.last().map(String::as_str), Some("/second"));
    assert_eq!(server.queue("q").await["lag"], 0);
    server.stop().await;
}

#[tokio::test]
async fn a_retry_keeps_its_turn_over_a_restart() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let server = Server::at(folder.path(), &clock).await;
    let destination = Destination::new(|delivery| {
        let fails = delivery.body == "first" && delivery.header("upstash-retried") == "0";
        let status = if fails { 503 } else { 200 };
        Response::builder().status(status).body(Body::empty()).unwrap()
    })
    .await;
    let slow = [("Upstash-Retry-Delay", "60000")];
    let first = server.enqueue("q", &destination.url, &slow, "first").await;
    server.enqueue("q", &destination.url, &slow, "second").await;
    server.until_state(&first, "RETRY").await;
    server.stop().await;
    let server = Server::at(folder.path(), &clock).await;
    server.set(NOON + 59_000);
    assert_eq!(bodies(&destination), ["first"]);
    server.set(NOON + 60_000);
    destination.until(3).await;
    assert_eq!(bodies(&destination), ["first", "first", "second"]);
    server.stop().await;
}

#[tokio::test]
async fn a_paused_queue_delivers_nothing_until_it_is_resumed() {
    let folder = tempdir().unwrap();
    let (server, destination) = (Server::start(folder.path()).await, Destination::ok().await);
    let paused = json!({"queueName": "q", "parallelism": 2, "paused": true}).to_string();
    assert_eq!(server.ask("POST", "/v2/queues", &[], paused).await.0, 200);
    for n in 0..5 {
        server.enqueue("q", &destination.url, &[], &n.to_string()).await;
    }
    let other = server.enqueue("other", &destination.url, &[], "other").await;
    server.until_state(&other, "DELIVERED").await;
    server.stop().await;
    let server = Server::start(folder.path()).await;
    let queue = server.queue("q").await;
    assert_eq!(
        (&queue["lag"], &queue["paused"], &queue["parallelism"]),
        (&json!(5), &json!(true), &json!(2))
    );
    assert_eq!(bodies(&destination), ["other"]);
    assert_eq!(server.ask("POST", "/v2/queues/q/resume", &[], "").await.0, 200);
    assert_eq!(destination.until(6).await.len(), 6);
    assert_eq!(server.ask("POST", "/v2/queues/q/pause", &[], "").await.0, 200);
    assert_eq!(server.ask("POST", "/v2/queues/unknown/pause", &[], "").await.0, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_pause_holds_retries_and_what_waits_for_its_time() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let server = Server::at(folder.path(), &clock).await;
    let destination = Destination::new(|delivery| {
        let fails = delivery.body == "again" && delivery.header("upstash-retried") == "0";
        let status = if fails { 500 } else { 200 };
        Response::builder().status(status).body(Body::empty()).unwrap()
    })
    .await;
    let slow = [("Upstash-Retry-Delay", "60000")];
    let again = server.enqueue("q", &destination.url, &slow, "again").await;
    server.until_state(&again, "RETRY").await;
    let daily = [
        ("Upstash-Cron", "0 0 * * *"),
        ("Upstash-Queue-Name", "s"),
        ("Upstash-Delay", "1h"),
        ("Upstash-Flow-Control-Key", "k"),
        ("Upstash-Flow-Control-Value", "rate=1"),
    ];
    server.ask("POST", &format!("/v2/schedules/{}", destination.url), &daily, "daily").await;
    server.set(NOON + 86_400_000 - 1);
    destination.until(2).await;
    assert_eq!(bodies(&destination), ["again", "again"]);
    let again = server.enqueue("q", &destination.url, &slow, "again").await;
    server.until_state(&again, "RETRY").await;
    eventually("the schedule's time", async || (server.queue("s").await["lag"] == 1).then_some(()))
        .await;
    for queue in ["q", "s"] {
        server.ask("POST", &format!("/v2/queues/{queue}/pause"), &[], "").await;
    }
    server.set(NOON + 86_400_000 + 7_200_000);
    let other = server.publish(&destination.url, &[], "other").await;
    server.until_state(&other, "DELIVERED").await;
    assert_eq!(bodies(&destination), ["again", "again", "again", "other"]);
    let (_, key) = server.ask("GET", "/v2/flowControl/k", &[], "").await;
    assert_eq!(key["waitListSize"], 0, "its queue holds it, not its key");
    for (queue, body) in [("q", "again"), ("s", "daily")] {
        let resume = json!({"queueName": queue, "paused": false}).to_string();
        server.ask("POST", "/v2/queues", &[], resume).await;
        eventually(body, async || (server.queue(queue).await["lag"] == 0).then_some(())).await;
        assert_eq!(bodies(&destination).last().unwrap(), body);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parallelism_is_how_many_are_under_way_at_once() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let under_way = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let counted = under_way.clone();
    let destination = Destination::new(move |_| {
        let (now, most) = &*counted;
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::task::block_in_place(|| gate.lock().unwrap().recv().ok());
        now.fetch_sub(1, Ordering::SeqCst);
        Response::new(Body::empty())
    })
    .await;
    let elsewhere = Destination::ok().await;
    let wanted = json!({"queueName": "two", "parallelism": 2}).to_string();
    server.ask("POST", "/v2/queues", &[], wanted).await;
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(server.enqueue("two", &destination.url, &[], &n.to_string()).await);
    }
    destination.until(2).await;
    // What came later and waits for no turn is delivered: the third had its chance, and more than one.
    for n in 0..3 {
        let free = server.enqueue(&format!("free-{n}"), &elsewhere.url, &[], "").await;
        server.until_state(&free, "DELIVERED").await;
    }
    let begun = async |id: &String| server.states(id).await.contains(&"ACTIVE".to_owned());
    assert!(!begun(&ids[2]).await && !begun(&ids[3]).await);
    for (delivered, id) in ids.iter().enumerate() {
        open.send(()).unwrap();
        destination.until((delivered + 3).min(ids.len())).await;
        assert!(under_way.0.load(Ordering::SeqCst) <= 2, "after {id}");
    }
    for id in &ids {
        server.until_state(id, "DELIVERED").await;
    }
    assert_eq!(under_way.1.load(Ordering::SeqCst), 2, "the most at once");
    server.stop().await;
}

#[tokio::test]
async fn a_cancelled_message_gives_its_turn_to_the_next() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let server = Server::at(folder.path(), &clock).await;
    let destination = Destination::new(|delivery| {
        let status = if delivery.body == "stuck" { 500 } else { 200 };
        Response::builder().status(status).body(Body::empty()).unwrap()
    })
    .await;
    let stuck = server.enqueue("q", &destination.url, &[], "stuck").await;
    let gone = server.enqueue("q", &destination.url, &[], "gone").await;
    let next = server.enqueue("q", &destination.url, &[], "next").await;
    server.until_state(&stuck, "RETRY").await;
    for id in [&gone, &stuck] {
        // The attempt's own end is told a moment after its result.
        eventually("the cancel", async || {
            let (status, _) = server.ask("DELETE", &format!("/v2/messages/{id}"), &[], "").await;
            (status == 200).then_some(())
        })
        .await;
    }
    server.until_state(&next, "DELIVERED").await;
    assert_eq!(bodies(&destination), ["stuck", "next"]);
    server.stop().await;
}

#[tokio::test]
async fn a_deleted_queue_takes_what_waits_in_it_along_and_the_log_says_so() {
    let folder = tempdir().unwrap();
    let (server, destination) = (Server::start(folder.path()).await, Destination::ok().await);
    let paused = json!({"queueName": "q", "paused": true}).to_string();
    server.ask("POST", "/v2/queues", &[], paused).await;
    let id = server.enqueue("q", &destination.url, &[], "x").await;
    assert_eq!(server.ask("DELETE", "/v2/queues/q", &[], "").await.0, 200);
    assert_eq!(server.states(&id).await, ["CREATED", "CANCEL_REQUESTED", "CANCELED"]);
    assert_eq!(server.ask("GET", "/v2/queues/q", &[], "").await.0, 404);
    assert_eq!(server.ask("DELETE", "/v2/queues/q", &[], "").await.0, 200);
    assert_eq!(server.ask("GET", "/v2/queues", &[], "").await.1, json!([]));
    server.stop().await;
}

#[tokio::test]
async fn elements_of_a_batch_may_name_a_queue() {
    let folder = tempdir().unwrap();
    let (server, destination) = (Server::start(folder.path()).await, Destination::ok().await);
    let batch: Vec<Value> = (0..10)
        .map(|n| json!({"destination": destination.url, "body": n.to_string(), "queue": "q"}))
        .collect();
    let (status, answer) = server.ask("POST", "/v2/batch", &[], json!(batch).to_string()).await;
    assert_eq!((status, answer.as_array().unwrap().len()), (200, 10));
    destination.until(10).await;
    assert_eq!(bodies(&destination), (0..10).map(|n: i32| n.to_string()).collect::<Vec<_>>());
    server.stop().await;
}

#[tokio::test]
async fn what_a_queue_cannot_keep_is_refused() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    for (path, header) in [
        ("/v2/enqueue/q/http://x.example", Some(("Upstash-Delay", "soon"))),
        ("/v2/enqueue/q/http://x.example", Some(("Upstash-Not-Before", "soon"))),
        ("/v2/enqueue/q/http://x.example", Some(("Upstash-Flow-Control-Key", "k"))),
        ("/v2/enqueue/q:1/http://x.example", None),
    ] {
        let headers: Vec<_> = header.into_iter().collect();
        let (status, answer) = server.ask("POST", path, &headers, "").await;
        assert_eq!(status, 400, "{path} {answer}");
    }
    for wrong in
        [json!({"queueName": "a b"}), json!({"queueName": "a", "parallelism": 0}), json!([])]
    {
        assert_eq!(
            server.ask("POST", "/v2/queues", &[], wrong.to_string()).await.0,
            400,
            "{wrong}"
        );
    }
    server.stop().await;
}
