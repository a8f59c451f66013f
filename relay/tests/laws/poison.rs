//! Messages that can never be understood, through the real scheduler: given up at once, kept for
//! whoever looks after the relay, and in nobody's way.
#![expect(
    clippy::disallowed_methods,
    reason = "the test plays another program's part on the file and the wire"
)]

use roost_qstash::{DlqFilter, Publish};
use roost_relay_api::{DeliveryState, POST_TWEET_PATH, Pause, Stage};

use crate::link::{Office, come_to, message, stage_all};
use crate::world::{World, seconds};

/// Bodies that no relay of this version can take, by what is wrong with them.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let id = "0190163d-8694-739b-aea5-966c26f8ad91";
    let json = |value: serde_json::Value| serde_json::to_vec(&value).expect("JSON");
    let mut surrogate = br#"{"postId":""#.to_vec();
    surrogate.extend([0xed, 0xa0, 0x80]);
    surrogate.extend(br#"","revision":1}"#);
    let mut large = json(serde_json::json!({ "postId": id, "revision": 1 }));
    // As large as the scheduler takes: a megabyte of blanks before the last brace.
    let last = large.pop().expect("a brace");
    large.resize(1024 * 1024 - 1, b' ');
    large.push(last);
    vec![
        ("another schema", json(serde_json::json!({ "tweet": "Hello", "at": 5 }))),
        ("a later version", json(serde_json::json!({ "v": 2, "postId": id, "revision": 1 }))),
        ("a revision that is text", json(serde_json::json!({ "postId": id, "revision": "1" }))),
        ("a megabyte", large),
        ("a NUL in a text", json(serde_json::json!({ "postId": "\0", "revision": 1 }))),
        ("a bare NUL", b"{\"postId\":\0}".to_vec()),
        ("an escaped lone surrogate", br#"{"postId":"\ud800","revision":1}"#.to_vec()),
        ("a raw lone surrogate", surrogate),
        ("no text at all", vec![0xff, 0xfe, 0x00, 0x80]),
        ("nested too deep", [b'['; 4000].to_vec()),
        ("nothing", Vec::new()),
    ]
}

fn poison(item: &Stage, number: usize, body: Vec<u8>) -> Publish {
    let id = format!("poison-{number}");
    Publish { body, deduplication_id: Some(id), ..message(item) }
}

/// What the relay put aside: how often each came, and how much of it is kept.
fn put_aside(world: &World) -> Vec<(i64, i64)> {
    let ledger = rusqlite::Connection::open(world.file("relay.sqlite")).expect("a file");
    let mut rows = ledger.prepare("SELECT times, length(excerpt) FROM quarantine").expect("rows");
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.map(|row| row.expect("a row")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_poison_is_given_up_once_and_put_aside_and_the_next_message_goes_out() {
    let world = World::new().await;
    let office = Office::open(&world).await;
    let bodies = bodies();
    let good = world.staged("the next message", seconds(1)).await;
    for (number, (what, body)) in bodies.iter().enumerate() {
        let published = office.client.publish(&poison(&good, number, body.clone())).await;
        published.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    office.publish(std::slice::from_ref(&good)).await;
    world.clock.set(good.due_at);
    office.nudge();
    world.reaches(good.post_id, DeliveryState::Posted).await;
    world.counts("poison_total", bodies.len() as u64).await;
    // Whoever was to try again would have done so by now.
    for _ in 0..6 {
        world.clock.advance(seconds(3600));
        office.nudge();
        world.settle().await;
    }
    let all = DlqFilter { count: Some(100), ..DlqFilter::default() };
    let letters = office.client.dlq(&all).await.expect("letters").messages;
    assert_eq!(letters.len(), bodies.len(), "each is in the dead letter queue");
    assert!(letters.iter().all(|letter| letter.response_status == 489), "{letters:#?}");
    let aside = put_aside(&world);
    assert_eq!(aside.len(), bodies.len());
    assert!(aside.iter().all(|(times, kept)| *times == 1 && *kept <= 500), "{aside:?}");
    assert_eq!(world.metric("poison_total").await, bodies.len() as u64);
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_message_at_the_head_holds_up_none_of_999() {
    let world = World::new().await;
    let office = Office::open(&world).await;
    let items: Vec<Stage> =
        (0..999).map(|number| world.post(&format!("Post {number}"), seconds(1))).collect();
    stage_all(&world, &items).await;
    // What counts here is that they arrive; X is another law's.
    world.client().pause(Pause { paused: true }).await.expect("paused");
    let head = poison(&items[0], 0, b"{".to_vec());
    office.client.publish(&head).await.expect("published");
    office.publish(&items).await;
    world.clock.set(items[0].due_at);
    office.nudge();
    come_to(&world, &items, &[DeliveryState::Waiting], || office.nudge()).await;
    assert_eq!(world.metric("poison_total").await, 1);
    assert_eq!(world.metric("backstop_total").await, 0, "the scheduler brought every one");
    assert_eq!(world.metric("deliveries_total").await, 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_without_a_signature_is_turned_away_and_leaves_no_trace() {
    let world = World::new().await;
    for (what, body) in bodies() {
        let request = world.http.post(world.url(POST_TWEET_PATH)).body(body);
        let answer = request.header("Upstash-Signature", "x").send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 401, "{what}");
    }
    assert_eq!(put_aside(&world), []);
    assert_eq!(world.metric("poison_total").await, 0);
}
