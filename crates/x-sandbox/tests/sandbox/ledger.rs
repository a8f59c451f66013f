//! What the sandbox remembers of every request to create a post.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use roost_x_api::{Class, FailureKind};
use roost_x_sandbox::{Config, Fault, FaultKind, NewAccount, On, Outcome, Sandbox};

use crate::support::{self, World, text_post};

#[tokio::test]
async fn a_post_is_created_and_written_down() {
    let world = World::new().await;
    let created = world.post("Hello").await.unwrap();
    let ledger = world.running.sandbox.ledger(0, 10).await.unwrap();
    assert_eq!(ledger.len(), 1);
    let entry = &ledger[0];
    assert_eq!(entry.outcome, Outcome::Accepted);
    assert_eq!(entry.tweet_id.as_deref(), Some(created.id.as_str()));
    assert_eq!(entry.text.as_deref(), Some("Hello"));
    assert_eq!(entry.account_id.as_deref(), Some(world.ada.id.as_str()));
    assert_eq!(entry.status, Some(201));
    assert!(entry.answered);
    let next = world.running.sandbox.ledger(entry.id, 10).await.unwrap();
    assert_eq!(next, []);
}

#[tokio::test]
async fn refusals_are_written_down_too_and_are_no_duplicates() {
    let world = World::new().await;
    world.post("Hello").await.unwrap();
    let failure = world.post(" Hello ").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Duplicate);
    let failure = world.client.create_post("nobody", &text_post("Hi")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    let ledger = world.running.sandbox.ledger(0, 10).await.unwrap();
    let outcomes: Vec<Outcome> = ledger.iter().map(|entry| entry.outcome).collect();
    assert_eq!(outcomes, [Outcome::Accepted, Outcome::Refused, Outcome::Refused]);
    assert_eq!(ledger[1].reason.as_deref(), Some("duplicate"));
    assert_eq!(ledger[2].account_id, None);
    let summary = world.running.sandbox.summary().await.unwrap();
    assert_eq!((summary.requests, summary.posts, summary.accepted), (3, 1, 1));
    assert_eq!((summary.refused, summary.duplicates), (2, 0));
}

#[tokio::test]
async fn a_second_request_counts_as_a_duplicate_whether_it_was_accepted_or_not() {
    let world = World::with(|config| config.duplicates = false).await;
    let sandbox = &world.running.sandbox;
    // Accepted twice.
    world.post("one").await.unwrap();
    world.post("one").await.unwrap();
    // Accepted after a cut that did nothing: the caller could not know.
    sandbox.arm(Fault::new(On::Create, FaultKind::CutBefore)).unwrap();
    world.post("two").await.unwrap_err();
    world.post("two").await.unwrap();
    // Accepted after a definite refusal: the caller knew.
    sandbox.arm(Fault::named(On::Create, "credits")).unwrap();
    world.post("three").await.unwrap_err();
    world.post("three").await.unwrap();
    // Another account's is another post.
    let bob = world.grant("bob").await;
    world.client.create_post(&bob.access_token, &text_post("three")).await.unwrap();

    let summary = sandbox.summary().await.unwrap();
    assert_eq!(summary.duplicates, 2);
    assert_eq!(summary.posts, 4);
    assert_eq!(summary.accepted, 5);
    assert_eq!(summary.arrivals.len(), 7);
}

#[tokio::test]
async fn an_answer_that_was_cut_does_not_undo_the_post() {
    let world = World::new().await;
    world.running.sandbox.arm(Fault::new(On::Create, FaultKind::CutAfter)).unwrap();
    let failure = world.post("Hello").await.unwrap_err();
    assert_eq!(failure.class(), Class::Unknown);
    let ledger = world.running.sandbox.ledger(0, 10).await.unwrap();
    assert_eq!(ledger[0].outcome, Outcome::Accepted);
    assert!(!ledger[0].answered);
    assert_eq!(ledger[0].fault.as_deref(), Some("cut_after"));
}

#[tokio::test]
async fn a_reopened_sandbox_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db");
    let running = Sandbox::start(Config::new(&file), 0).await.unwrap();
    let ada = running.sandbox.grant(NewAccount::named("ada"), None).await.unwrap();
    let client = support::client(&running.base_url());
    let first = client.create_post(&ada.access_token, &text_post("Hello")).await.unwrap();
    running.stop().await;

    let running = Sandbox::start(Config::new(&file), 0).await.unwrap();
    let client = support::client(&running.base_url());
    let failure = client.create_post(&ada.access_token, &text_post("Hello")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Duplicate);
    let second = client.create_post(&ada.access_token, &text_post("World")).await.unwrap();
    let number = |id: &str| id.parse::<i64>().unwrap();
    assert!(number(&second.id) > number(&first.id));
    assert_eq!(running.sandbox.summary().await.unwrap().accepted, 2);
    running.stop().await;
}

#[tokio::test]
async fn many_at_once_are_all_written_down_once() {
    let world = World::new().await;
    let tasks: Vec<_> = (0..300)
        .map(|number| {
            let (client, token) = (world.client.clone(), world.ada.access_token.clone());
            tokio::spawn(async move {
                client.create_post(&token, &text_post(&format!("post {number}"))).await
            })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.unwrap().unwrap().id);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 300);
    let summary = world.running.sandbox.summary().await.unwrap();
    assert_eq!((summary.accepted, summary.posts, summary.duplicates), (300, 300, 0));
}

#[tokio::test]
async fn a_post_is_committed_before_it_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db");
    let world = World::with(|config| config.database.clone_from(&file)).await;
    // Another connection sees what is committed, and nothing else.
    let other = rusqlite::Connection::open(&file).unwrap();
    for number in 0..50 {
        let created = world.post(&format!("post {number}")).await.unwrap();
        let id: i64 = created.id.parse().unwrap();
        let sql = "SELECT count(*) FROM tweet JOIN create_request ON tweet_id = tweet.id
                   WHERE tweet.id = ?1 AND outcome = 'accepted'";
        let found: i64 = other.query_row(sql, [id], |row| row.get(0)).unwrap();
        assert_eq!(found, 1, "post {number}");
    }
}
