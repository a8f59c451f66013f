//! What a desktop knows of posts that a restored or new ledger does not.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::time::Duration;

use roost_relay_api::{DeliveryState, ManifestPost, Resolve, Stage};
use roost_x_sandbox::{Fault, FaultKind, On};

use crate::world::{World, seconds};

/// What the desktop tells of a post.
fn told(item: &Stage, state: DeliveryState) -> ManifestPost {
    ManifestPost {
        post_id: item.post_id,
        revision: item.revision,
        state,
        tweet_id: None,
        due_at: Some(item.due_at),
        elsewhere: false,
        unproven: false,
    }
}

/// The texts that X took, in order.
async fn taken(world: &World) -> Vec<String> {
    let creates = world.creates().await.into_iter();
    creates.filter(|entry| entry.accepted).filter_map(|entry| entry.text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_desktop_saw_being_sent_is_looked_for_by_a_restored_ledger_and_not_repeated() {
    let mut world = World::new().await;
    let mut lag = Fault::new(On::Timeline, FaultKind::Lag);
    lag.millis = Some(120_000);
    world.x.sandbox.arm(lag).expect("armed");
    let item = world.staged("Hello", seconds(0)).await;
    let backup = world.back_up();
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    world.restore(&backup).await;
    world.introduce(vec![told(&item, DeliveryState::Sending)]).await;
    world.deliver(&item).await;
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(taken(&world).await, ["Hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_thread_is_looked_for_part_by_part_before_anything_is_sent() {
    let mut world = World::new().await;
    let item = world.thread(&["one", "two", "three"], seconds(0));
    world.stage(std::slice::from_ref(&item)).await;
    let backup = world.back_up();
    let mut broken = Fault::named(On::Create, "reply_rule");
    broken.text = Some("three".to_owned());
    world.x.sandbox.arm(broken).expect("armed");
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Partial).await;
    world.clock.advance(seconds(60));
    world.restore(&backup).await;
    world.introduce(vec![told(&item, DeliveryState::Staged)]).await;
    world.deliver(&item).await;
    // Two parts are found. Whether the third is out nobody knows.
    let parked = world.comes_to(item.post_id, DeliveryState::Parked, seconds(60)).await;
    assert!(parked.tweet_id.is_some());
    assert_eq!(taken(&world).await, ["one", "two"]);
    world.client().resolve(item.post_id, &Resolve::SendAgain).await.expect("taken");
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(taken(&world).await, ["one", "two", "three"]);
}

/// A thread that is out; gives it, and a backup from when X was being asked for its first part.
async fn a_thread_and_a_backup_from_its_first_call(world: &World) -> (Stage, std::path::PathBuf) {
    let item = world.thread(&["one", "two"], seconds(0));
    world.stage(std::slice::from_ref(&item)).await;
    let mut slow = Fault::new(On::Create, FaultKind::Slow);
    (slow.millis, slow.text) = (Some(2_000), Some("one".to_owned()));
    world.x.sandbox.arm(slow).expect("armed");
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Sending).await;
    let backup = world.back_up();
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    (item, backup)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_caught_in_a_call_by_a_backup_is_looked_for_part_by_part() {
    let mut world = World::new().await;
    let (item, backup) = a_thread_and_a_backup_from_its_first_call(&world).await;
    world.clock.advance(seconds(60));
    world.restore(&backup).await;
    world.introduce(vec![told(&item, DeliveryState::Staged)]).await;
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(taken(&world).await, ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_desktop_saw_on_x_is_posted_for_a_backup_that_has_it_in_a_call() {
    let mut world = World::new().await;
    let (item, backup) = a_thread_and_a_backup_from_its_first_call(&world).await;
    let mut lag = Fault::new(On::Timeline, FaultKind::Lag);
    lag.millis = Some(120_000);
    world.x.sandbox.arm(lag).expect("armed");
    world.restore(&backup).await;
    world.introduce(vec![told(&item, DeliveryState::Posted)]).await;
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(taken(&world).await, ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_half_out_when_its_ledger_was_lost_never_begins_again() {
    let mut world = World::new().await;
    let item = world.thread(&["one", "two"], seconds(0));
    world.stage(std::slice::from_ref(&item)).await;
    let mut limited = Fault::named(On::Create, "rate_limited");
    limited.text = Some("two".to_owned());
    world.x.sandbox.arm(limited).expect("armed");
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    world.lose_the_ledger().await;
    let known = ManifestPost { tweet_id: waiting.tweet_id, ..told(&item, DeliveryState::Staged) };
    assert!(known.tweet_id.is_some());
    world.introduce(vec![known]).await;
    world.client().connect(&world.account, &world.grant).await.expect("connected");
    world.stage(std::slice::from_ref(&item)).await;
    world.deliver(&item).await;
    // Whether the second part is out nobody knows: it is looked for, and then a person decides.
    world.comes_to(item.post_id, DeliveryState::Parked, seconds(60)).await;
    assert_eq!(taken(&world).await, ["one"]);
    world.client().resolve(item.post_id, &Resolve::SendAgain).await.expect("taken");
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(taken(&world).await, ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_without_its_text_can_be_verified_and_comes_back_to_the_person() {
    let mut world = World::new().await;
    let item = world.post("Hello", seconds(0));
    world.lose_the_ledger().await;
    world.introduce(vec![told(&item, DeliveryState::Parked)]).await;
    let page = world.client().events(0, 100, Duration::ZERO).await.expect("a page");
    world.client().resolve(item.post_id, &Resolve::Verify).await.expect("taken");
    world.reaches(item.post_id, DeliveryState::Parked).await;
    let after = world.client().events(page.cursor, 100, Duration::ZERO).await.expect("a page");
    assert_eq!(after.events.len(), 2, "looked for, and parked again: {after:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_without_its_text_that_is_to_be_sent_again_says_why_it_is_not() {
    let mut world = World::new().await;
    let item = world.post("Hello", seconds(0));
    world.lose_the_ledger().await;
    world.introduce(vec![told(&item, DeliveryState::Parked)]).await;
    let no = world.client().resolve(item.post_id, &Resolve::SendAgain).await.expect_err("no");
    assert!(no.to_string().contains("no longer has"), "{no}");
    let stands = world.delivery(item.post_id).await.expect("known");
    assert_eq!(stands.state, DeliveryState::Refused);
    assert_eq!(stands.code.as_deref(), Some("missed"));
    assert!(stands.message.is_some_and(|it| it.contains("give it a new time")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_whose_rest_nobody_has_stays_out_in_part_and_says_so() {
    let mut world = World::new().await;
    let item = world.thread(&["one", "two"], seconds(0));
    world.stage(std::slice::from_ref(&item)).await;
    let mut refused = Fault::named(On::Create, "cashtag");
    refused.text = Some("two".to_owned());
    world.x.sandbox.arm(refused).expect("armed");
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Partial).await;
    world.stop_relay().await;
    // As when the words were removed, long after the decision.
    let ledger = rusqlite::Connection::open(world.file("relay.sqlite")).expect("a ledger");
    ledger
        .execute_batch("DELETE FROM part; UPDATE post SET body_hash = NULL")
        .expect("words removed");
    drop(ledger);
    world.start_relay().await;
    for _ in 0..2 {
        let no = world.client().resolve(item.post_id, &Resolve::SendAgain).await.expect_err("no");
        assert!(no.to_string().contains("no longer has"), "{no}");
        let stands = world.delivery(item.post_id).await.expect("known");
        assert_eq!(stands.state, DeliveryState::Partial);
        assert!(stands.message.is_some_and(|it| it.contains("what is on X stays")));
        assert!(stands.tweet_id.is_some());
    }
    assert_eq!(taken(&world).await, ["one"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_word_is_awaited_and_how_many_posts_rest_for_it_stands_in_the_metrics() {
    let mut world = World::new().await;
    let pause = |paused| roost_relay_api::Pause { paused };
    world.client().pause(pause(true)).await.expect("paused");
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Waiting).await;
    let numbers = async |world: &World| {
        (world.metric("stores_awaited").await, world.metric("resting_posts").await)
    };
    assert_eq!(numbers(&world).await, (0, 0));
    let backup = world.back_up();
    world.restore(&backup).await;
    world.client().pause(pause(false)).await.expect("resumed");
    world.counts("resting_posts", 1).await;
    assert_eq!(numbers(&world).await, (1, 1));
    world.introduce(vec![told(&item, DeliveryState::Staged)]).await;
    world.comes_to(item.post_id, DeliveryState::Parked, seconds(60)).await;
    assert_eq!(numbers(&world).await, (0, 0));
}
