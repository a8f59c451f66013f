//! The feed: in order, without gaps, and at once.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::time::Duration;

use roost_relay_api::{DeliveryState, EventKind, RefusalCode};

use crate::world::{World, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_told_once_in_order_without_gaps() {
    let world = World::new().await;
    let mut items = Vec::new();
    for number in 0..40 {
        items.push(world.post(&format!("Post {number}"), seconds(0)));
    }
    world.stage(&items).await;
    futures::future::join_all(items.iter().map(|item| world.deliver(item))).await;
    for item in &items {
        world.reaches(item.post_id, DeliveryState::Posted).await;
    }
    let (mut cursor, mut seen, mut posted) = (0, 0, 0);
    loop {
        let page = world.client().events(cursor, 7, Duration::ZERO).await.expect("a page");
        if page.events.is_empty() {
            assert_eq!(page.cursor, page.head);
            break;
        }
        for event in page.events {
            seen += 1;
            assert_eq!(event.seq, seen);
            if let EventKind::Delivery { delivery } = event.kind {
                posted += u32::from(delivery.state == DeliveryState::Posted);
            }
        }
        cursor = page.cursor;
    }
    assert_eq!(posted, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_waits_hears_at_once_and_a_quiet_feed_answers_empty() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(60)).await;
    let head = world.status().await.head;
    let client = world.client();
    let waiting =
        tokio::spawn(async move { client.events(head, 100, Duration::from_secs(30)).await });
    world.settle().await;
    assert!(!waiting.is_finished(), "nothing happened yet");
    world.withdraw(item.post_id, 2).await;
    let page = waiting.await.expect("ended").expect("a page");
    assert_eq!(page.events.len(), 1);
    assert_eq!(page.events[0].kind.post_id(), Some(item.post_id));
    let quiet =
        world.client().events(page.cursor, 100, Duration::from_millis(50)).await.expect("a page");
    assert!(quiet.events.is_empty());
    assert_eq!(quiet.cursor, page.cursor);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_let_go_when_the_relay_stops() {
    let mut world = World::new().await;
    let head = world.status().await.head;
    let client = world.client();
    let waiting =
        tokio::spawn(async move { client.events(head, 100, Duration::from_secs(60)).await });
    world.settle().await;
    world.stop_relay().await;
    assert!(waiting.await.expect("ended").expect("a page").events.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_older_than_the_feed_is_told_so_and_one_ahead_sees_the_head() {
    let mut world = World::new().await;
    for number in 0..3 {
        let item = world.staged(&format!("Post {number}"), seconds(60)).await;
        world.withdraw(item.post_id, 2).await;
    }
    world.stop_relay().await;
    let file = rusqlite::Connection::open(world.file("relay.sqlite")).expect("a file");
    file.execute_batch("DELETE FROM event WHERE seq <= 2; UPDATE relay SET pruned_to = 2")
        .expect("pruned");
    drop(file);
    world.start_relay().await;
    let gone = world.client().events(1, 10, Duration::ZERO).await.expect_err("gone");
    assert_eq!(gone.refusal().map(|refusal| refusal.code), Some(RefusalCode::CursorGone));
    let page = world.client().events(2, 10, Duration::ZERO).await.expect("a page");
    assert_eq!(page.events[0].seq, 3);
    let ahead = world.client().events(9_999, 10, Duration::from_secs(30)).await.expect("a page");
    assert!(ahead.events.is_empty() && ahead.head < 9_999);
}
