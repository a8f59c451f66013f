//! What the relay's limits mean for a post is said before it is too late.

use roost_core::limits::{Limits, Plan, Rate, Scope};
use roost_core::status::Status;
use roost_engine::view::{BlockerKind, PostQuery, View};
use roost_import::choices::Choices;

use crate::world::{World, new_post, wall_in};

const DAY: u32 = 24 * 60 * 60;

/// A relay that sends so many posts of an account a day.
fn a_day(max: u32) -> Limits {
    let mut limits = Limits::of(Plan::Demo);
    limits.rates = vec![Rate { scope: Scope::Account, max, per_seconds: DAY }];
    limits
}

async fn needs_you(world: &World) -> Vec<roost_core::id::PostId> {
    let query = PostQuery { view: View::NeedsYou, ..PostQuery::default() };
    world.engine.posts(&query).await.unwrap().posts.into_iter().map(|row| row.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_whose_turn_comes_after_its_deadline_needs_the_person_now() {
    let mut world = World::with_limits(a_day(1)).await;
    world.run();
    let first = world.post_in("first", 2).await;
    world.wait_for(first, Status::Posted).await;
    let second = world.post_in("second", 2).await;
    world.wait_for(second, Status::Held).await;
    assert_eq!(needs_you(&world).await, [second]);
    assert_eq!(world.engine.counts().await.unwrap().needs_you, 1);
    let reason = world.show(second).await.row.reason.unwrap();
    assert!(reason.message.contains("it will be missed"), "{reason:?}");
    assert!(!reason.remedy.contains("Nothing to do"), "{reason:?}");
    let blockers = world.engine.sync_state().await.unwrap().blockers;
    let said = blockers.iter().find(|it| it.kind == BlockerKind::WillBeMissed).unwrap();
    assert!(said.needs_person && said.posts == 1, "{said:?}");
    // What the remedy names helps: at a later time its turn comes in time.
    let edit = roost_engine::Edit {
        wall_time: Some(wall_in(u64::from(DAY) + 3600)),
        zone: Some("Europe/Berlin".to_owned()),
        ..roost_engine::Edit::default()
    };
    world.engine.edit(second, edit).await.unwrap();
    world.wait_until(second, "settled", |post| post.row.status != Status::Held).await;
    assert_eq!(needs_you(&world).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_judged_by_the_limits_that_the_relay_told_of_the_account() {
    let world = World::with_limits(a_day(3)).await;
    let posts: Vec<_> = (0..5)
        .map(|number| {
            let content = format!("post {number}");
            serde_json::json!({ "content": content, "scheduledAt": wall_in(3600 + number * 60) })
        })
        .collect();
    let file = serde_json::json!({ "timezone": "Europe/Berlin", "posts": posts }).to_string();
    let report = world.import(file.into_bytes(), Choices::default(), true).await;
    let said: Vec<String> =
        report.warnings.listed.iter().map(|problem| problem.message.clone()).collect();
    let told = said.iter().find(|message| message.contains("5 posts of @demo"));
    assert!(told.is_some_and(|message| message.contains("the limit is 3")), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_being_written_is_judged_by_them_too() {
    let world = World::with_limits(a_day(1)).await;
    let crowded = |verdict: roost_engine::Verdict| {
        verdict.warnings.iter().any(|problem| problem.message.contains("the limit is 1"))
    };
    let alone = world.engine.judge(&new_post("alone", 3600)).await.unwrap();
    assert!(!crowded(alone));
    world.post_in("there already", 3600).await;
    let second = world.engine.judge(&new_post("one too many", 7200)).await.unwrap();
    assert!(crowded(second));
    let far = world.engine.judge(&new_post("days later", 7 * 24 * 3600)).await.unwrap();
    assert!(!crowded(far));
}
