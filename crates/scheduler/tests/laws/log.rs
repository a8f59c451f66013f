//! Laws of the log: what it tells, and how much of it at once.

use std::collections::HashSet;

use crate::support::{Clock, Destination, Server};
use serde_json::{Value, json};
use tempfile::tempdir;

const NOON: i64 = 1_800_000_000_000;
const HOUR: (&str, &str) = ("Upstash-Delay", "1h");

impl Server {
    /// The pages of a list, followed by their cursors to the end.
    async fn pages(&self, query: &str) -> Vec<Vec<Value>> {
        let (mut pages, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/v2/events?{query}{cursor}");
            let (status, page) = self.ask("GET", &path, &[], "").await;
            assert_eq!((status, &page["events"]), (200, &page["logs"]), "{query}");
            pages.push(page["events"].as_array().unwrap().clone());
            match page["cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return pages,
            }
        }
    }
}

fn ids(lines: &[Value]) -> HashSet<&str> {
    lines.iter().map(|line| line["messageId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_page_ends_before_it_grows_too_large_and_the_next_goes_on_there() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let large = "x".repeat(1_000_000);
    for _ in 0..20 {
        server.publish("http://later.example", &[HOUR], &large).await;
    }
    let pages = server.pages("count=100").await;
    assert!(pages.iter().all(|page| page.len() < 10), "a page is no larger than it may be");
    let lines = pages.concat();
    assert_eq!((lines.len(), ids(&lines).len()), (20, 20), "every line once");
    let lean = server.pages("count=100&bodies=false").await;
    assert_eq!(lean.len(), 1, "without bodies all are on one page");
    assert_eq!(lean[0].len(), 20);
    assert!(lean[0].iter().all(|line| line["body"].is_null() && !line["url"].is_null()));
    server.stop().await;
}

#[tokio::test]
async fn a_time_of_the_log_is_told_page_by_page_whatever_the_clock_did() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let server = Server::at(folder.path(), &clock).await;
    let mut inside = HashSet::new();
    // The clock goes on, and is set back once.
    for (minute, wanted) in [(0, false), (10, true), (20, true), (15, true), (30, false)] {
        server.set(NOON + minute * 60_000);
        for _ in 0..5 {
            let id = server.publish("http://later.example", &[("Upstash-Delay", "1d")], "").await;
            inside.extend(wanted.then_some(id));
        }
    }
    let (from, to) = (NOON + 10 * 60_000, NOON + 20 * 60_000);
    let pages = server.pages(&format!("count=4&fromDate={from}&toDate={to}")).await;
    assert_eq!(pages.len(), 4);
    let lines = pages.concat();
    assert_eq!((lines.len(), ids(&lines)), (15, inside.iter().map(String::as_str).collect()));
    assert!(lines.is_sorted_by_key(|line| -line["time"].as_i64().unwrap()), "newest first");
    for wrong in ["fromDate=1&cursor=7", "cursor=7-7", "cursor=x"] {
        let (status, _) = server.ask("GET", &format!("/v2/events?{wrong}"), &[], "").await;
        assert_eq!(status, 400, "{wrong}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_bulk_cancel_of_a_queue_lets_none_of_it_out() {
    const MANY: usize = 1_300;
    let folder = tempdir().unwrap();
    let (server, destination) =
        (Server::start(folder.path()).await, Destination::status(500).await);
    let batch: Vec<Value> = (0..MANY)
        .map(|n| json!({"destination": destination.url, "body": n.to_string(), "queue": "q"}))
        .collect();
    assert_eq!(server.ask("POST", "/v2/batch", &[], json!(batch).to_string()).await.0, 200);
    destination.until(1).await;
    let (_, answer) = server.ask("DELETE", "/v2/messages?queueName=q", &[], "").await;
    assert_eq!(answer["cancelled"], MANY);
    crate::support::eventually("all ended", async || {
        let held = server.scheduler.summary().await.unwrap();
        (held.live == 0).then_some(())
    })
    .await;
    assert_eq!(server.scheduler.summary().await.unwrap().canceled, i64::try_from(MANY).unwrap());
    assert_eq!(destination.seen().len(), 1, "only the first was under way");
    server.stop().await;
}
