//! What is read back is what was sent, as X would say it.

use std::time::Duration;

use roost_x_api::{CreatePost, Exclude, FailureKind, TimelineQuery, same_text};
use roost_x_sandbox::{Fault, FaultKind, NewAccount, On};

use crate::support::{World, text_post};

impl World {
    async fn timeline(&self, query: &TimelineQuery) -> roost_x_api::Page {
        self.client.user_posts(&self.ada.access_token, &self.ada.id, query).await.unwrap()
    }
}

#[tokio::test]
async fn every_text_is_found_again() {
    let world = World::new().await;
    let texts = [
        "Plain words",
        "a < b && c > d, as &amp; written",
        "see example.com, https://Example.com/Path?q=1#x and (http://example.org/)",
        "twice: example.com and example.com again",
        "Cafe\u{301} with two\r\nlines\n\nand  spaces ",
        "emoji 👩‍👩‍👧‍👦 and 日本語 https://example.com/日本",
        "example.com",
    ];
    for text in texts {
        world.clock.advance(Duration::from_millis(1));
        world.post(text).await.unwrap();
    }
    let page = world.timeline(&TimelineQuery::default()).await;
    assert_eq!(page.posts.len(), texts.len());
    for (text, post) in texts.iter().rev().zip(&page.posts) {
        assert!(same_text(text, post), "{text:?} was read as {post:?}");
        let others = page.posts.iter().filter(|other| other.id != post.id);
        assert!(others.into_iter().all(|other| !same_text(text, other)), "{text:?}");
        let now = roost_core::clock::Clock::now(&*world.clock).0;
        assert!(post.created_millis().is_some_and(|millis| millis <= now));
    }
    assert!(page.posts[6].text == "Plain words");
    assert!(page.posts[0].text.starts_with("https://t.co/"));
}

#[tokio::test]
async fn a_long_post_is_read_back_whole() {
    let world = World::new().await;
    let new =
        NewAccount { subscription_type: Some("PremiumPlus".into()), ..NewAccount::named("ada") };
    world.running.sandbox.put_account(new).await.unwrap();
    let text = format!("{} https://example.com/a & more", "word ".repeat(300));
    let created = world.post(&text).await.unwrap();
    assert!(created.text.unwrap().contains('…'));
    let page = world.timeline(&TimelineQuery::default()).await;
    assert!(same_text(&text, &page.posts[0]), "{:?}", page.posts[0]);
    assert!(!same_text(&text.replace("more", "less"), &page.posts[0]));
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_overlap() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..23 {
        ids.push(world.post(&format!("post {number}")).await.unwrap().id);
    }
    ids.reverse();
    let mut query = TimelineQuery { max_results: Some(10), ..TimelineQuery::default() };
    let mut read = Vec::new();
    loop {
        let page = world.timeline(&query).await;
        read.extend(page.posts.into_iter().map(|post| post.id));
        query.pagination_token = page.next_token;
        if query.pagination_token.is_none() {
            break;
        }
    }
    assert_eq!(read, ids);
    let query = TimelineQuery {
        since_id: Some(ids[20].clone()),
        until_id: Some(ids[15].clone()),
        ..TimelineQuery::default()
    };
    let page = world.timeline(&query).await;
    let read: Vec<String> = page.posts.into_iter().map(|post| post.id).collect();
    assert_eq!(read, ids[16..20]);
}

#[tokio::test]
async fn replies_may_be_left_out_and_deleted_posts_are_gone() {
    let world = World::new().await;
    let token = &world.ada.access_token;
    let first = world.post("first").await.unwrap();
    let reply = CreatePost { reply_to: Some(first.id.clone()), ..text_post("second") };
    let second = world.client.create_post(token, &reply).await.unwrap();
    let page = world.timeline(&TimelineQuery::default()).await;
    assert_eq!(page.posts[0].reply_to.as_deref(), Some(first.id.as_str()));
    let query = TimelineQuery { exclude: vec![Exclude::Replies], ..TimelineQuery::default() };
    assert_eq!(world.timeline(&query).await.posts.len(), 1);
    assert!(world.client.delete_post(token, &second.id).await.unwrap());
    assert!(!world.client.delete_post(token, &second.id).await.unwrap());
    let lookup = world.client.posts_by_ids(token, &[&first.id, &second.id]).await.unwrap();
    assert_eq!(lookup.posts.len(), 1);
    assert_eq!(lookup.missing[0].id, second.id);
    let bob = world.grant("bob").await;
    assert!(!world.client.delete_post(&bob.access_token, &first.id).await.unwrap());
}

#[tokio::test]
async fn a_lagging_timeline_hides_what_is_new() {
    let world = World::new().await;
    let fault = Fault { millis: Some(120_000), ..Fault::new(On::Timeline, FaultKind::Lag) };
    world.running.sandbox.arm(fault).unwrap();
    world.post("Hello").await.unwrap();
    for _ in 0..3 {
        assert_eq!(world.timeline(&TimelineQuery::default()).await.posts, []);
    }
    world.clock.advance(Duration::from_secs(120));
    assert_eq!(world.timeline(&TimelineQuery::default()).await.posts.len(), 1);
}

#[tokio::test]
async fn nonsense_is_refused_with_the_parameter_s_name() {
    let world = World::new().await;
    let query =
        TimelineQuery { pagination_token: Some("nonsense".into()), ..TimelineQuery::default() };
    let failure =
        world.client.user_posts(&world.ada.access_token, &world.ada.id, &query).await.unwrap_err();
    let FailureKind::InvalidRequest { parameters } = failure.kind else { panic!("{failure}") };
    assert_eq!(parameters[0].name, "pagination_token");
}
