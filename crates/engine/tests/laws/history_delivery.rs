//! Undo and redo of what relay and scheduler hold: nothing that was taken back goes out, what was brought
//! back goes out once, and what is on X stays there and is named.

use std::time::Duration;

use roost_core::status::Status;
use roost_engine::api::{ListTrash, MoveInHistory, PostReversal};
use roost_engine::{Edit, Target};
use serde_json::json;

use crate::home::{commit, open};
use crate::world::{World, wall_in};

const LAST: MoveInHistory = MoveInHistory { to: None, based_on: None };

fn words(text: &str) -> Edit {
    Edit { text: Some(text.to_owned()), ..Edit::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_post_goes_out_once_as_the_last_undo_or_redo_left_it() {
    let mut world = World::new().await;
    world.run();
    let created = world.post_in("created and undone", 15).await;
    world.wait_for(created, Status::Queued).await;
    assert_eq!(world.engine.undo(LAST).await.unwrap().asked, 1);
    let edited = world.post_in("as written", 15).await;
    let cancelled = world.post_in("cancelled and brought back", 15).await;
    let deleted = world.post_in("deleted and brought back", 15).await;
    for id in [edited, cancelled, deleted] {
        world.wait_for(id, Status::Queued).await;
    }
    world.engine.edit(edited, words("edited")).await.unwrap();
    world.wait_for(edited, Status::Queued).await;
    world.engine.undo(LAST).await.unwrap();
    world.engine.cancel(&[cancelled]).await.unwrap();
    world.engine.undo(LAST).await.unwrap();
    world.engine.delete(&[deleted]).await.unwrap();
    world.engine.undo(LAST).await.unwrap();
    for id in [edited, cancelled, deleted] {
        let post = world.wait_for(id, Status::Posted).await;
        assert!(post.row.posted_at >= post.row.scheduled_at, "none is early");
    }
    let mut texts = world.texts().await;
    texts.sort_unstable();
    assert_eq!(texts, ["as written", "cancelled and brought back", "deleted and brought back"]);
}

/// What the relay held is cancelled by the proof that it was let go; the trash knows better.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_relay_held_comes_out_of_the_trash_as_it_went_in() {
    let mut world = World::new().await;
    world.run();
    let queued = world.post_in("deleted and restored", 15).await;
    let cancelled = world.post_in("cancelled, deleted and restored", 15).await;
    for id in [queued, cancelled] {
        world.wait_for(id, Status::Queued).await;
    }
    world.engine.cancel(&[cancelled]).await.unwrap();
    world.engine.delete(&[queued, cancelled]).await.unwrap();
    let is_proven = async |world: &World| {
        let trash = world.engine.trash(ListTrash::default()).await.unwrap();
        trash.posts.len() == 2 && world.engine.sync_state().await.unwrap().intentions == 0
    };
    while !is_proven(&world).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    world.engine.restore_posts(&[Target::from(queued), Target::from(cancelled)]).await.unwrap();
    let post = world.wait_for(queued, Status::Posted).await;
    assert!(post.row.posted_at >= post.row.scheduled_at);
    assert_eq!(world.status(cancelled).await, Status::Cancelled);
    assert_eq!(world.texts().await, ["deleted and restored"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redone_cancellation_of_a_queued_post_keeps_it_from_going_out() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("never", 10).await;
    let control = world.post_in("always", 11).await;
    world.wait_for(id, Status::Queued).await;
    world.engine.cancel(&[id]).await.unwrap();
    world.wait_for(id, Status::Cancelled).await;
    assert_eq!(world.engine.undo(LAST).await.unwrap().done, 1);
    world.wait_for(id, Status::Queued).await;
    assert_eq!(world.engine.redo(LAST).await.unwrap().asked, 1);
    world.wait_for(control, Status::Posted).await;
    assert_eq!(world.status(id).await, Status::Cancelled);
    assert_eq!(world.texts().await, ["always"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_out_is_kept_and_said_and_the_rest_is_undone() {
    let mut world = World::new().await;
    let file = world.path("two.json");
    let row = |text: &str, seconds| json!({ "content": text, "scheduledAt": wall_in(seconds) });
    let rows = [row("goes out", 2), row("waits", 3_600)];
    let plan = json!({ "timezone": "Europe/Berlin", "posts": rows }).to_string();
    std::fs::write(&file, plan).unwrap();
    let session = open(&world.engine, &file).await["id"].clone();
    commit(&world.engine, &session).await;
    let rows = world.rows().await;
    let id = |text: &str| rows.iter().find(|row| row.text == text).unwrap().id;
    let (out, waits) = (id("goes out"), id("waits"));
    world.run();
    world.wait_for(out, Status::Posted).await;
    world.wait_for(waits, Status::Queued).await;
    let told = world.engine.preview_undo(LAST).await.unwrap();
    assert_eq!((told.kept, told.asked, told.done), (1, 1, 0));
    assert_eq!((told.posts[0].id, told.posts[0].outcome), (out, PostReversal::Kept));
    assert!(told.posts[0].message.starts_with("It went out at "), "{}", told.posts[0].message);
    assert_eq!(world.status(waits).await, Status::Queued, "a preview withdraws nothing");
    let undone = world.engine.undo(LAST).await.unwrap();
    assert_eq!((undone.kept, undone.asked), (1, 1));
    let end = tokio::time::Instant::now() + crate::world::PATIENCE;
    while world.engine.post(waits).await.is_ok() {
        assert!(tokio::time::Instant::now() < end, "not in the trash in time");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let redone = world.engine.redo(LAST).await.unwrap();
    assert_eq!((redone.done, redone.kept), (1, 0), "{redone:#?}");
    world.wait_for(waits, Status::Queued).await;
    assert_eq!(world.texts().await, ["goes out"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_post_that_went_out_is_not_undone() {
    let mut world = World::new().await;
    let id = world.post_in("as written", 2).await;
    world.engine.edit(id, words("as edited")).await.unwrap();
    world.run();
    world.wait_for(id, Status::Posted).await;
    let undone = world.engine.undo(LAST).await.unwrap();
    assert_eq!((undone.done, undone.kept), (0, 1));
    assert!(undone.posts[0].message.starts_with("It went out at "), "{}", undone.posts[0].message);
    assert_eq!(world.show(id).await.row.text, "as edited");
    assert_eq!(world.texts().await, ["as edited"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_survives_a_crash_and_a_relay_that_is_down() {
    let mut world = World::new().await;
    let id = world.post_in("taken back", 6).await;
    world.engine.sync().await.unwrap();
    assert_eq!(world.status(id).await, Status::Queued);
    world.stop_local().await;
    let undone = world.engine.undo(LAST).await.unwrap();
    assert_eq!(undone.asked, 1, "only the relay proves it");
    world.start_local().await;
    world.crash().await;
    let control = world.post_in("control", 4).await;
    world.run();
    world.wait_for(control, Status::Posted).await;
    let end = tokio::time::Instant::now() + crate::world::PATIENCE;
    while world.engine.post(id).await.is_ok() {
        assert!(tokio::time::Instant::now() < end, "not in the trash in time");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(world.texts().await, ["control"]);
}
