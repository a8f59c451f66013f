//! X's rules for posts.

use std::time::Duration;

use roost_x_api::{CreatePost, FailureKind, Poll, Subscription};
use roost_x_sandbox::{NewAccount, Standing};

use crate::support::{World, text_post};

#[tokio::test]
async fn a_long_post_needs_a_subscription() {
    let world = World::new().await;
    world.post(&"a".repeat(280)).await.unwrap();
    let failure = world.post(&"b".repeat(281)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::TooLong);
    // 141 characters of a script that counts double.
    let failure = world.post(&"あ".repeat(141)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::TooLong);

    let new =
        NewAccount { subscription_type: Some("Premium".into()), ..NewAccount::named("grace") };
    let grace = world.running.sandbox.grant(new, None).await.unwrap();
    let me = world.client.me(&grace.access_token).await.unwrap();
    assert_eq!(me.subscription, Subscription::Premium);
    let create = async |length: usize| {
        world.client.create_post(&grace.access_token, &text_post(&"c".repeat(length))).await
    };
    create(25_000).await.unwrap();
    assert_eq!(create(25_001).await.unwrap_err().kind, FailureKind::TooLong);
}

#[tokio::test]
async fn a_link_weighs_twenty_three() {
    let world = World::new().await;
    let link = format!("https://example.com/{}", "x".repeat(300));
    world.post(&format!("{} {link}", "a".repeat(256))).await.unwrap();
    let failure = world.post(&format!("{} {link}", "a".repeat(257))).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::TooLong);
}

#[tokio::test]
async fn one_cashtag_is_enough() {
    let world = World::new().await;
    world.post("up: $ABC, and $5 for lunch").await.unwrap();
    let failure = world.post("up: $ABC and $XYZ").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::CashtagLimit);
}

#[tokio::test]
async fn the_duplicate_filter_looks_back_as_long_as_it_is_told_to() {
    let world = World::with(|config| config.duplicate_window = Duration::from_secs(3600)).await;
    let first = world.post("Hello").await.unwrap();
    world.clock.advance(Duration::from_secs(3599));
    assert_eq!(world.post("Hello").await.unwrap_err().kind, FailureKind::Duplicate);
    // Deleting the first does not help.
    world.client.delete_post(&world.ada.access_token, &first.id).await.unwrap();
    assert_eq!(world.post("Hello").await.unwrap_err().kind, FailureKind::Duplicate);
    world.post("hello").await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    world.post("Hello").await.unwrap();
}

#[tokio::test]
async fn replies_go_to_oneself_or_to_whoever_asked() {
    let world = World::new().await;
    let bob = world.grant("bob").await;
    let reply = |text: &str, to: &str| CreatePost {
        text: text.into(),
        reply_to: Some(to.into()),
        ..CreatePost::default()
    };
    let first = world.post("A thread").await.unwrap();
    let second =
        world.client.create_post(&world.ada.access_token, &reply("goes on", &first.id)).await;
    let second = second.unwrap();
    let failure = world
        .client
        .create_post(&bob.access_token, &reply("Me too", &second.id))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::ReplyNotAllowed);
    let call = world.post("What do you say, @Bob?").await.unwrap();
    let answer = world.client.create_post(&bob.access_token, &reply("Well", &call.id)).await;
    assert_eq!(answer.unwrap().text.as_deref(), Some("@ada Well"));
    world.client.delete_post(&world.ada.access_token, &first.id).await.unwrap();
    let failure = world
        .client
        .create_post(&world.ada.access_token, &reply("too late", &first.id))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::ParentGone);
}

#[tokio::test]
async fn quotes_are_not_part_of_the_plan() {
    let world = World::new().await;
    let first = world.post("Hello").await.unwrap();
    let quote = CreatePost { quote_of: Some(first.id), ..text_post("Look") };
    let failure = world.client.create_post(&world.ada.access_token, &quote).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::QuoteNotAllowed);
}

#[tokio::test]
async fn a_poll_has_two_to_four_short_options() {
    let world = World::new().await;
    let poll = |options: &[&str]| CreatePost {
        poll: Some(Poll {
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            duration_minutes: 60,
        }),
        ..text_post("Which?")
    };
    let token = &world.ada.access_token;
    world.client.create_post(token, &poll(&["this", "that"])).await.unwrap();
    let failure = world.client.create_post(token, &poll(&["this"])).await.unwrap_err();
    let FailureKind::InvalidRequest { parameters } = failure.kind else { panic!("{failure}") };
    assert_eq!(parameters[0].name, "$.poll.options");
}

#[tokio::test]
async fn nothing_is_no_post() {
    let world = World::new().await;
    for text in ["", "  ", "\u{200B}"] {
        let failure = world.post(text).await.unwrap_err();
        assert!(matches!(failure.kind, FailureKind::InvalidRequest { .. }), "{text:?}");
    }
}

#[tokio::test]
async fn locked_and_suspended_accounts_do_not_post() {
    let world = World::new().await;
    for (standing, expected) in [
        (Standing::Locked, FailureKind::AccountLocked),
        (Standing::Suspended, FailureKind::AccountSuspended),
    ] {
        let new = NewAccount { standing: Some(standing), ..NewAccount::named("ada") };
        world.running.sandbox.put_account(new).await.unwrap();
        assert_eq!(world.post("Hello").await.unwrap_err().kind, expected);
    }
}
