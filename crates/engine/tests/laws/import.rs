//! Imports: whole or not at all, and back as a whole.

use roost_core::status::Status;
use roost_engine::PastPolicy;
use roost_engine::api::ImportReport;
use roost_import::choices::Choices;
use serde_json::json;

use crate::world::{World, wall_ago, wall_in};

fn calendar(posts: usize, seconds: u64) -> Vec<u8> {
    let posts: Vec<_> = (0..posts)
        .map(|number| {
            json!({ "content": format!("imported {number}"), "scheduledAt": wall_in(seconds) })
        })
        .collect();
    json!({ "timezone": "Europe/Berlin", "posts": posts }).to_string().into_bytes()
}

async fn import(world: &World, bytes: Vec<u8>, dry_run: bool) -> ImportReport {
    world.import(bytes, Choices::default(), dry_run).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_calendar_goes_the_whole_way() {
    let mut world = World::new().await;
    world.run();
    let report = import(&world, calendar(5, 2), false).await;
    assert_eq!((report.ready, report.errors.total), (5, 0));
    for row in world.rows().await {
        world.wait_for(row.id, Status::Posted).await;
    }
    let mut texts = world.texts().await;
    texts.sort_unstable();
    let expected: Vec<String> = (0..5).map(|number| format!("imported {number}")).collect();
    assert_eq!(texts, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_writes_nothing() {
    let world = World::new().await;
    let report = import(&world, calendar(5, 3600), true).await;
    assert_eq!((report.ready, report.import_id), (5, None));
    assert_eq!(world.rows().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_again_imports_nothing() {
    let world = World::new().await;
    let file = calendar(5, 3600);
    import(&world, file.clone(), false).await;
    let again = import(&world, file, false).await;
    assert_eq!((again.ready, again.duplicates, again.import_id), (0, 5, None));
    assert_eq!(world.rows().await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_was_handed_over_is_taken_back_whole() {
    let mut world = World::new().await;
    world.run();
    let report = import(&world, calendar(3, 4), false).await;
    for row in world.rows().await {
        world.wait_for(row.id, Status::Queued).await;
    }
    let control = world.post_in("stays", 5).await;
    let undone = world.engine.undo_import(report.import_id.unwrap()).await.unwrap();
    assert_eq!((undone.removed + undone.cancelling, undone.kept), (3, 0));
    world.wait_for(control, Status::Posted).await;
    assert_eq!(world.texts().await, ["stays"]);
    assert_eq!(world.rows().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_on_x_stays_and_is_said_to() {
    let mut world = World::new().await;
    world.run();
    let report = import(&world, calendar(2, 1), false).await;
    for row in world.rows().await {
        world.wait_for(row.id, Status::Posted).await;
    }
    let undone = world.engine.undo_import(report.import_id.unwrap()).await.unwrap();
    assert_eq!((undone.removed, undone.cancelling, undone.kept), (0, 0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn past_times_move_to_slots_that_are_free() {
    let world = World::new().await;
    let posts = json!([
        { "content": "first", "scheduledAt": wall_ago(7200) },
        { "content": "second", "scheduledAt": wall_ago(3600) },
    ]);
    let file = json!({ "timezone": "Europe/Berlin", "posts": posts }).to_string().into_bytes();
    let choices = Choices { past: PastPolicy::NextSlot, ..Choices::default() };
    let report = world.import(file, choices, false).await;
    assert_eq!(report.ready, 2, "{report:?}");
    let rows = world.rows().await;
    assert!(rows[0].scheduled_at < rows[1].scheduled_at);
}
