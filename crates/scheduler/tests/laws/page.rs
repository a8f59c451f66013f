//! Laws of the page for people, seen in a real browser.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::response::Response;
use tempfile::tempdir;

use crate::browser::Browser;
use crate::support::{Destination, Server, TOKEN, eventually};

const LATER: &str = "http://later.example";
const HOUR: (&str, &str) = ("Upstash-Delay", "1h");

#[tokio::test]
async fn the_page_shows_what_there_is_and_does_what_is_clicked() {
    let Some(browser) = Browser::open().await else { return };
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let repaired = Arc::new(AtomicBool::new(false));
    let destination = Destination::new({
        let repaired = repaired.clone();
        move |_| {
            let status = if repaired.load(Ordering::SeqCst) { 200 } else { 500 };
            Response::builder().status(status).body("broken for now".into()).unwrap()
        }
    })
    .await;
    let waits = server.publish(LATER, &[HOUR], "").await;
    let failed = server.publish(&destination.url, &[("Upstash-Retries", "0")], "").await;
    server.until_state(&failed, "FAILED").await;
    let cron = [("Upstash-Cron", "0 0 1 1 *"), ("Upstash-Schedule-Id", "new-year")];
    server.ask("POST", &format!("/v2/schedules/{LATER}"), &cron, "").await;

    browser.go(&format!("{}/?qstash_token={TOKEN}", server.base)).await;
    browser.until_count("#messages tbody tr", 2).await;
    browser.until_count("#dead-letters tbody tr", 1).await;
    browser.until_count("#schedules tbody tr", 1).await;
    let shown = browser.text().await;
    for words in [LATER, &destination.url, "broken for now", "new-year", "0 0 1 1 *"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    let address = browser.run("return location.href", &[]).await;
    assert!(!address.as_str().unwrap().contains(TOKEN), "the token leaves the address bar");

    for (label, paused) in [("Pause", true), ("Resume", false)] {
        browser.click("#schedules", label).await;
        eventually(label, async || {
            let (_, schedule) = server.ask("GET", "/v2/schedules/new-year", &[], "").await;
            (schedule["isPaused"] == paused).then_some(())
        })
        .await;
        browser.until_count("#schedules [data-state=paused]", u64::from(paused)).await;
    }
    repaired.store(true, Ordering::SeqCst);
    browser.click("#dead-letters", "Retry").await;
    destination.until(2).await;
    browser.until_count("#dead-letters tbody tr", 0).await;
    browser.until_count("#messages [data-state=DELIVERED]", 1).await;

    browser.click("#messages", "Cancel").await;
    assert_eq!(server.states(&waits).await, ["CREATED"], "it asks first");
    browser.click("#messages", "Really cancel?").await;
    server.until_state(&waits, "CANCELED").await;
    browser.until_count("#messages [data-state=CANCELED]", 1).await;
    server.stop().await;
}

#[tokio::test]
async fn without_the_token_the_page_shows_nothing() {
    let Some(browser) = Browser::open().await else { return };
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let id = server.publish(LATER, &[HOUR], "").await;
    for path in ["/", "/?qstash_token=", "/?qstash_token=wrong"] {
        browser.go(&format!("{}{path}", server.base)).await;
        let shown = browser.text().await;
        assert!(shown.contains("This page needs its token"), "{path}: {shown}");
        assert!(!shown.contains("later.example") && !shown.contains(&id), "{path}: {shown}");
        assert_eq!(browser.count("table, button, script").await, 0, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_strangers_wrote_is_shown_as_text() {
    const HOSTILE: &str = r#"<img src="x" onerror="window.owned = 1"><b>bold</b>"#;
    let Some(browser) = Browser::open().await else { return };
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let answer = |_: &_| Response::builder().status(500).body(HOSTILE.into()).unwrap();
    let failing = Destination::new(answer).await;
    let headers = [
        ("Upstash-Retries", "0"),
        ("Upstash-Label", HOSTILE),
        ("Upstash-Flow-Control-Key", HOSTILE),
        ("Upstash-Flow-Control-Value", "parallelism=1"),
        ("Upstash-Forward-X-Hostile", HOSTILE),
    ];
    let url = format!("{}/?<b>bold</b>", failing.url);
    let id = server.publish(&url, &headers, HOSTILE).await;
    server.until_state(&id, "FAILED").await;
    browser.go(&format!("{}/?qstash_token={TOKEN}", server.base)).await;
    for section in ["#dead-letters", "#flow-control"] {
        browser.until_count(&format!("{section} tbody tr"), 1).await;
        let script = "return document.querySelector(arguments[0]).textContent";
        let shown = browser.run(script, &[section]).await;
        assert!(shown.as_str().unwrap().contains(HOSTILE), "{section}: {shown}");
    }
    // Its log, too, is opened and read.
    browser.click("#messages", &format!("{}\u{2026}", &id[..16])).await;
    browser.until_count("#log[open] tbody tr", 4).await;
    assert_eq!(browser.count("img, b").await, 0, "no text became an element");
    assert!(browser.run("return window.owned ?? null", &[]).await.is_null());
    server.stop().await;
}
