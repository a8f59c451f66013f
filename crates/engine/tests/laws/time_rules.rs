//! Clock rules that changed after posts were planned: the person chooses what stays.
#![expect(
    clippy::disallowed_methods,
    reason = "the test writes what an earlier release would have"
)]

use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_core::zone::tzdb_version;
use roost_engine::api::SettleMovedTimes;
use roost_engine::view::{BlockerKind, CheckHealth};
use roost_engine::{NewPost, NextStep};

use crate::world::{World, new_post};

const HOUR_MS: i64 = 3_600_000;

/// Plans a post as other clock rules had it: an hour later than those of today.
fn planned_by_other_rules(world: &World, ids: &[PostId]) {
    let store = rusqlite::Connection::open(world.path("roost.db")).unwrap();
    for id in ids {
        let sql = "UPDATE scheduled_post SET scheduled_at = scheduled_at + ?2 WHERE id = ?1";
        assert_eq!(store.execute(sql, (id.to_string(), HOUR_MS)).unwrap(), 1);
    }
    let sql = "UPDATE setting SET value = '\"2020a\"' WHERE key = 'tzdb_seen'";
    assert_eq!(store.execute(sql, ()).unwrap(), 1, "the version is kept");
}

fn keep(keep_instant: bool) -> SettleMovedTimes {
    SettleMovedTimes { keep_instant, posts: Vec::new(), dry_run: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_that_changed_rules_would_move_are_shown_and_keep_what_the_person_chooses() {
    let mut world = World::new().await;
    let stays = world.post_in("stays", 7_200).await;
    let (first, second) = (world.post_in("one", 9_000).await, world.post_in("two", 9_600).await);
    let draft = NewPost { draft: true, ..new_post("a draft", 9_900) };
    let draft = world.engine.create(draft).await.unwrap().post.id;
    world.engine.sync().await.unwrap();
    assert_eq!(world.status(first).await, Status::Queued);
    let before = world.show(first).await.row;
    let untouched = world.show(stays).await.row.version;
    planned_by_other_rules(&world, &[first, second, draft]);
    world.crash().await;

    let moved = world.engine.moved_times().await.unwrap();
    let ids: Vec<PostId> = moved.posts.iter().map(|post| post.id).collect();
    assert_eq!((ids, moved.total), (vec![first, second, draft], 3));
    assert_eq!(moved.tzdb_before.as_deref(), Some("2020a"));
    let of_first = &moved.posts[0];
    assert_eq!(of_first.planned.at.0, before.scheduled_at.unwrap().0 + HOUR_MS);
    assert_eq!(Some(of_first.keeping_wall_time.at), before.scheduled_at);
    assert_eq!(of_first.keeping_instant.at, of_first.planned.at);
    assert_ne!(of_first.keeping_instant.wall_time, of_first.planned.wall_time);

    // It stands in the way, under one cause, and the doctor says so.
    let state = world.engine.sync_state().await.unwrap();
    let blocker = state.blockers.iter().find(|it| it.kind == BlockerKind::TimeRules).unwrap();
    assert_eq!((blocker.posts, blocker.needs_person), (3, true));
    assert_eq!(blocker.next_steps, [NextStep::KeepTimesOfDay, NextStep::KeepInstants]);
    let causes = world.engine.list_causes().await.unwrap().causes;
    let cause = causes.iter().find(|it| it.code == Code::TimeRulesChanged).unwrap();
    assert_eq!((cause.posts, cause.id.as_str()), (3, "waiting:time_rules_changed"));
    let checks = world.engine.doctor().await;
    let zone = checks.iter().find(|check| check.name == "time zone").unwrap();
    assert_eq!(zone.health, CheckHealth::Bad, "{zone:?}");

    // One keeps its instant, and the rest their times of day.
    let one = SettleMovedTimes { posts: vec![second], ..keep(true) };
    let shown = SettleMovedTimes { dry_run: true, ..one.clone() };
    assert!(!world.engine.settle_moved_times(shown).await.unwrap().is_applied);
    assert_eq!(world.engine.settle_moved_times(one).await.unwrap().changed, 1);
    assert_eq!(world.engine.moved_times().await.unwrap().total, 2);
    assert_eq!(world.engine.settle_moved_times(keep(false)).await.unwrap().changed, 2);
    let after = world.show(first).await.row;
    assert_eq!((after.scheduled_at, after.wall_time), (before.scheduled_at, before.wall_time));
    let at = moved.posts[1].planned.at;
    let kept = world.show(second).await.row;
    assert_eq!(kept.scheduled_at, Some(at));
    assert_eq!(kept.wall_time.as_deref(), Some(moved.posts[1].keeping_instant.wall_time.as_str()));
    assert_eq!(world.show(stays).await.row.version, untouched);

    // Nothing is left, the version counts as seen, and what was handed over is handed over anew.
    assert_eq!(world.engine.moved_times().await.unwrap().total, 0);
    assert_eq!(
        world.engine.moved_times().await.unwrap().tzdb_before.as_deref(),
        Some(tzdb_version())
    );
    world.engine.sync().await.unwrap();
    assert_eq!(world.status(first).await, Status::Queued);
    let state = world.engine.sync_state().await.unwrap();
    assert!(state.blockers.iter().all(|it| it.kind != BlockerKind::TimeRules));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_that_moves_nothing_is_noted_and_not_told() {
    let mut world = World::new().await;
    world.post_in("stays", 7_200).await;
    planned_by_other_rules(&world, &[]);
    world.crash().await;
    let moved = world.engine.moved_times().await.unwrap();
    assert_eq!((moved.total, moved.tzdb_before.as_deref()), (0, Some(tzdb_version())));
}
