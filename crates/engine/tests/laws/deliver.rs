//! The whole way: written, staged, published, delivered, posted, told.

use roost_core::status::Status;
use roost_engine::{Change, Edit};

use crate::world::{World, new_post, wall_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_post_goes_the_whole_way_and_its_receipt_tells_it() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("the whole way", 2).await;
    let post = world.wait_for(id, Status::Posted).await;
    let ledger = world.ledger().await;
    assert_eq!(ledger.len(), 1, "{ledger:?}");
    assert_eq!(ledger[0].text.as_deref(), Some("the whole way"));
    assert_eq!(post.row.tweet_id.map(|id| id.0), ledger[0].tweet_id);
    assert!(ledger[0].arrived_at >= post.row.scheduled_at.unwrap().0, "early");
    let kinds: Vec<&str> = post.receipt.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds.first(), Some(&"created"), "{kinds:?}");
    assert!(kinds.contains(&"queued"), "{kinds:?}");
    assert_eq!(kinds.last(), Some(&"posted"), "{kinds:?}");
    world.stop_engine().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_a_thread_go_out_in_order() {
    let mut world = World::new().await;
    world.run();
    let mut post = new_post("one", 1);
    post.thread = vec!["two".to_owned(), "three".to_owned()];
    let id = world.engine.create(post).await.unwrap().post.id;
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["one", "two", "three"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_and_forty_posts_are_handed_over_and_each_goes_out_once() {
    let world = World::new().await;
    for number in 0..240 {
        world.post_in(&format!("post number {number}"), 4).await;
    }
    world.engine.sync().await.unwrap();
    let rows = world.rows().await;
    assert!(rows.iter().all(|row| row.status != Status::Pending), "some were not handed over");
    for row in &rows {
        loop {
            world.engine.refresh_status().await.unwrap();
            if world.status(row.id).await == Status::Posted {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    let mut texts = world.texts().await;
    assert_eq!(texts.len(), 240);
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), 240, "duplicates");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_queued_post_posts_only_the_new_text() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("the old text", 4).await;
    let queued = world.wait_for(id, Status::Queued).await;
    let edit = Edit { text: Some("the new text".to_owned()), ..Edit::default() };
    let saved = world.engine.edit(id, edit).await.unwrap();
    assert!(saved.post.revision > queued.row.revision);
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["the new text"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_post_that_is_brought_forward_goes_out_at_its_new_time_and_once() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("sooner", 3600).await;
    world.wait_for(id, Status::Queued).await;
    let edit = Edit {
        wall_time: Some(wall_in(2)),
        zone: Some("Europe/Berlin".to_owned()),
        ..Edit::default()
    };
    world.engine.edit(id, edit).await.unwrap();
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["sooner"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_post_moved_beyond_the_horizon_comes_back_to_this_computer() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("later", 3600).await;
    let before = world.wait_for(id, Status::Queued).await;
    let edit = Edit { wall_time: Some(wall_in(20 * 86_400)), ..Edit::default() };
    world.engine.edit(id, edit).await.unwrap();
    let after = world
        .wait_until(id, "back", |post| {
            post.row.status == Status::Pending && post.row.waiting_for.is_none()
        })
        .await;
    assert!(after.row.revision > before.row.revision);
    assert_eq!(after.qstash_message_id, None);
    assert_eq!(world.texts().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_x_refuses_is_failed_with_the_reason_and_told_once() {
    let mut world = World::new().await;
    world.run();
    let first = world.post_in("the same words", 1).await;
    world.wait_for(first, Status::Posted).await;
    let second = world.post_in("the same words", 1).await;
    let failed = world.wait_for(second, Status::Failed).await;
    let reason = failed.row.reason.unwrap();
    assert_eq!(reason.code.as_str(), "duplicate_content");
    let notices = world.engine.take_notices().await.unwrap();
    let told: Vec<_> =
        notices.iter().map(|notice| (notice.kind.as_str(), notice.post_id)).collect();
    assert_eq!(told, [("posted", Some(first)), ("failed", Some(second))]);
    assert_eq!(world.engine.take_notices().await.unwrap().len(), 0, "told twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told_to_whoever_listens() {
    let mut world = World::new().await;
    let mut changes = world.engine.changes();
    world.run();
    let id = world.post_in("listen", 1).await;
    world.wait_for(id, Status::Posted).await;
    let mut told = false;
    while let Some(change) = changes.try_next() {
        told |= change != Change::Everything && change.concerns(id);
    }
    assert!(told);
}
