//! A reply that follows a post: made, moved, cancelled and undone with it, and never on X without it.

use std::time::Duration;

use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::api::{
    BulkTerms, ExportFilter, ImportReport, MoveInHistory, Reschedule, Selection, TimeChange,
};
use roost_engine::view::PostDetail;
use roost_engine::{Edit, Error, FollowUpChange, NewPost};
use roost_import::choices::Choices;
use roost_import::export::ExportFormat;
use roost_x_sandbox::{Entry, Fault, On};

use crate::world::{World, new_post, wall_in};

/// The shortest delay, in seconds: a test that waits for it is worth a minute.
const MINUTE: u64 = 60;

fn followed(text: &str, seconds: u64, after_minutes: u32) -> NewPost {
    let follow_up =
        FollowUpChange { text: Some(format!("after {text}")), after_minutes: Some(after_minutes) };
    NewPost { follow_up: Some(follow_up), ..new_post(text, seconds) }
}

/// Makes a post and its reply. Returns both.
async fn pair(world: &World, new: NewPost) -> (PostId, PostId) {
    let parent = world.engine.create(new).await.unwrap().post.id;
    (parent, reply_of(world, parent).await)
}

async fn reply_of(world: &World, parent: PostId) -> PostId {
    world.show(parent).await.follow_ups[0].id
}

async fn scheduled(world: &World, id: PostId) -> i64 {
    world.show(id).await.row.scheduled_at.unwrap().0
}

/// The id that a request to create a post answers.
fn answered_by(entry: &Entry) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(&entry.body).unwrap();
    body["reply"]["in_reply_to_tweet_id"].as_str().map(str::to_owned)
}

async fn accepted(world: &World, text: &str) -> Option<Entry> {
    let ledger = world.ledger().await;
    ledger.into_iter().find(|it| it.accepted && it.text.as_deref() == Some(text))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_goes_out_its_minutes_after_its_post_of_the_same_account_and_answers_it() {
    let mut world = World::without_account().await;
    for account in ["ada", "bob"] {
        world.connect(account).await;
    }
    world.run();
    let of =
        |account: &str| NewPost { account: Some(account.to_owned()), ..followed(account, 2, 1) };
    let ada = pair(&world, of("ada")).await;
    let bob = pair(&world, of("bob")).await;
    for (parent, reply) in [ada, bob] {
        world.wait_for(parent, Status::Posted).await;
        world.wait_until(reply, "handed over", |it| it.row.status != Status::Pending).await;
        assert_ne!(world.status(reply).await, Status::Posted);
    }
    assert_eq!(world.texts().await.len(), 2, "nothing goes out with its post");
    // The engine need not be there.
    world.stop_engine().await;
    let end = tokio::time::Instant::now() + Duration::from_secs(2 * MINUTE);
    while accepted(&world, "after ada").await.is_none()
        || accepted(&world, "after bob").await.is_none()
    {
        assert!(tokio::time::Instant::now() < end, "{:?}", world.texts().await);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    world.run();
    for ((parent, reply), text) in [(ada, "ada"), (bob, "bob")] {
        let sent = world.wait_for(reply, Status::Posted).await;
        let out = world.show(parent).await;
        let waited = sent.row.posted_at.unwrap().0 - out.row.posted_at.unwrap().0;
        assert!(waited >= i64::try_from(MINUTE).unwrap() * 1_000, "{waited} ms");
        let entry = accepted(&world, &format!("after {text}")).await.unwrap();
        assert_eq!(answered_by(&entry), out.row.tweet_id.map(|tweet| tweet.0));
        assert_eq!(sent.row.account, out.row.account);
    }
    assert_eq!(world.texts().await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_moves_with_its_post_and_undo_brings_both_back() {
    let mut world = World::new().await;
    world.run();
    let (parent, reply) = pair(&world, followed("planned", 3_600, 15)).await;
    world.wait_for(reply, Status::Queued).await;
    let (before, before_reply) = (scheduled(&world, parent).await, scheduled(&world, reply).await);
    assert_eq!(before_reply - before, 15 * 60_000);
    let edit = Edit { wall_time: Some(wall_in(7_200)), ..Edit::default() };
    world.engine.edit(parent, edit).await.unwrap();
    assert_eq!(scheduled(&world, reply).await - scheduled(&world, parent).await, 15 * 60_000);
    world.engine.undo(MoveInHistory::default()).await.unwrap();
    assert_eq!(scheduled(&world, parent).await, before);
    assert_eq!(scheduled(&world, reply).await, before_reply);

    world.engine.cancel(&[parent]).await.unwrap();
    world.wait_for(reply, Status::Cancelled).await;
    world.engine.undo(MoveInHistory::default()).await.unwrap();
    world.wait_for(parent, Status::Queued).await;
    world.wait_for(reply, Status::Queued).await;

    world.engine.delete(&[parent]).await.unwrap();
    world.engine.undo(MoveInHistory::default()).await.unwrap();
    world.wait_for(reply, Status::Queued).await;
    assert!(world.texts().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_is_changed_and_removed_through_its_post_and_has_no_time_of_its_own() {
    let world = World::new().await;
    let (parent, reply) = pair(&world, followed("planned", 3_600, 15)).await;
    let change = |text: Option<&str>, after_minutes| Edit {
        follow_up: Some(FollowUpChange { text: text.map(str::to_owned), after_minutes }),
        ..Edit::default()
    };
    world.engine.edit(parent, change(Some("other words"), None)).await.unwrap();
    world.engine.edit(parent, change(None, Some(30))).await.unwrap();
    let shown = world.show(reply).await;
    assert_eq!((shown.row.text.as_str(), shown.parent.unwrap().after_minutes), ("other words", 30));
    let time = Edit { wall_time: Some(wall_in(60)), ..Edit::default() };
    let refused = world.engine.edit(reply, time).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid(_)), "{refused}");
    let too_long = "x".repeat(300);
    for wrong in [change(Some(&too_long), None), change(None, Some(0)), change(None, Some(1_441))] {
        let refused = world.engine.edit(parent, wrong).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid(_)), "{refused}");
    }
    world.engine.edit(parent, change(Some(""), None)).await.unwrap();
    assert!(world.show(parent).await.follow_ups.is_empty());
    assert_eq!(world.rows().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_of_a_post_that_x_refuses_does_not_go_out_and_is_not_retried_without_it() {
    let mut world = World::new().await;
    let mut fault = Fault::named(On::Create, "invalid_url");
    fault.count = Some(1);
    world.sandbox.sandbox.arm(fault).unwrap();
    world.run();
    let (parent, reply) = pair(&world, followed("refused", 2, 1)).await;
    world.wait_for(parent, Status::Failed).await;
    let is_told = |it: &PostDetail| {
        it.row.status == Status::Failed
            || it.row.reason.as_ref().is_some_and(|why| why.code == Code::ParentNotOut)
            || it.row.status == Status::Queued
    };
    world.wait_until(reply, "handed over, or told why not", is_told).await;
    assert!(accepted(&world, "after refused").await.is_none());
    let refused = world.engine.retry(reply).await.map(|saved| saved.post.status);
    assert!(refused.is_err(), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_on_x_takes_the_reply_that_is_to_follow_it_along() {
    let mut world = World::new().await;
    world.run();
    let (parent, reply) = pair(&world, followed("soon gone", 2, 60)).await;
    world.wait_for(parent, Status::Posted).await;
    world.wait_until(reply, "handed over", |it| it.row.status != Status::Pending).await;
    world.engine.delete_on_x(parent).await.unwrap();
    world.wait_for(reply, Status::Cancelled).await;
    assert_eq!(world.texts().await, ["soon gone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_after_the_handover_leaves_a_post_and_its_reply_with_the_relay() {
    let mut world = World::new().await;
    let (parent, reply) = pair(&world, followed("before the crash", 3_600, 5)).await;
    world.engine.sync().await.unwrap();
    assert_eq!(world.status(parent).await, Status::Queued);
    world.crash().await;
    world.run();
    world.wait_for(reply, Status::Queued).await;
    assert!(world.texts().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_lost_its_database_is_told_what_a_reply_answers() {
    let mut world = World::new().await;
    world.run();
    let (parent, reply) = pair(&world, followed("out before the loss", 2, 1)).await;
    world.wait_for(parent, Status::Posted).await;
    world.wait_until(reply, "handed over", |it| it.row.status != Status::Pending).await;
    world.stop_local().await;
    world.lose_relay();
    world.start_local().await;
    world.connect("demo").await;
    let end = tokio::time::Instant::now() + Duration::from_secs(3 * MINUTE);
    let text = "after out before the loss";
    let entry = loop {
        if let Some(entry) = accepted(&world, text).await {
            break entry;
        }
        let shown = world.show(reply).await;
        assert!(tokio::time::Instant::now() < end, "{shown:#?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let out = world.show(parent).await;
    assert_eq!(answered_by(&entry), out.row.tweet_id.map(|tweet| tweet.0));
    assert_eq!(world.texts().await, ["out before the loss", text]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_many_times_moves_a_reply_with_its_post_alone() {
    let world = World::new().await;
    let (parent, reply) = pair(&world, followed("planned", 3_600, 15)).await;
    let before = scheduled(&world, parent).await;
    let selection = Selection { posts: vec![parent.into(), reply.into()], query: None };
    let change = TimeChange::Shift { days: 0, seconds: 3_600 };
    let asked = Reschedule { selection, change, terms: BulkTerms::default() };
    let shown = world.engine.preview_reschedule(asked.clone()).await.unwrap();
    let terms = BulkTerms { token: Some(shown.token), ..BulkTerms::default() };
    world.engine.reschedule(Reschedule { terms, ..asked }).await.unwrap();
    assert_eq!(scheduled(&world, parent).await - before, 3_600_000);
    assert_eq!(scheduled(&world, reply).await - scheduled(&world, parent).await, 15 * 60_000);
}

fn imported(report: &ImportReport) -> (u64, u64) {
    (report.imported, report.updated)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_brings_replies_changes_them_and_an_export_has_them() {
    let world = World::new().await;
    let file = |text: &str, after: u32| {
        let post = serde_json::json!({
            "id": "a", "content": "from a file", "scheduledAt": wall_in(3_600),
            "timezone": "Europe/Berlin", "followUp": text, "followUpAfter": after,
        });
        serde_json::json!({ "plan": "spring", "posts": [post] }).to_string().into_bytes()
    };
    let update = || Choices { update: true, ..Choices::default() };
    let report = world.import(file("first words", 10), update(), false).await;
    assert_eq!(imported(&report), (1, 0), "{report:#?}");
    let rows = world.rows().await;
    assert_eq!(rows.len(), 2);
    let parent = rows.iter().find(|row| row.follow_up.is_none()).unwrap().id;
    let reply = reply_of(&world, parent).await;
    assert_eq!(scheduled(&world, reply).await - scheduled(&world, parent).await, 600_000);

    let exported =
        world.engine.exported(ExportFormat::Json, ExportFilter::default()).await.unwrap();
    let written: serde_json::Value = serde_json::from_slice(&exported.bytes).unwrap();
    assert_eq!(written["posts"].as_array().unwrap().len(), 1);
    assert_eq!(written["posts"][0]["followUp"], "first words");
    assert_eq!(written["posts"][0]["followUpAfter"], 10);

    let report = world.import(file("other words", 20), update(), false).await;
    assert_eq!(imported(&report), (0, 1), "{report:#?}");
    let shown = world.show(reply).await;
    assert_eq!((shown.row.text.as_str(), shown.parent.unwrap().after_minutes), ("other words", 20));
    assert_eq!(world.rows().await.len(), 2);
}
