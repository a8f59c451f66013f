//! One cause, one action; and one action that schedules many drafts.

use std::collections::HashMap;

use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::status::{Actor, Status};
use roost_engine::api::{
    ActOnCause, BulkTerms, CauseDone, CauseStep, Rewrite, RewriteChange, Selection,
};
use roost_engine::view::{Cause, CauseAct, CauseState, PostQuery};
use roost_engine::{Error, NewPost, Target};
use roost_store::Reason;

use crate::world::{World, new_post, wall_in};

async fn of(world: &World, account: &str, text: &str, seconds: u64) -> PostId {
    let post = NewPost { account: Some(account.to_owned()), ..new_post(text, seconds) };
    world.engine.create(post).await.unwrap().post.id
}

/// Brings a post to a status for a reason, as the relay would tell it.
fn becomes(world: &World, id: PostId, status: Status, code: Code) {
    let reason = Reason { code: Some(code.as_str().to_owned()), message: None, until: None };
    let change =
        |store: &mut roost_store::Tx<'_>| store.set_status(id, status, Actor::Relay, &reason);
    world.store().write("test", change).unwrap();
}

async fn causes(world: &World) -> Vec<Cause> {
    world.engine.list_causes().await.unwrap().causes
}

async fn act(world: &World, cause: &str, step: CauseStep) -> Result<CauseDone, Error> {
    let wanted = ActOnCause { cause: cause.to_owned(), step, posts: None };
    world.engine.act_on_cause(wanted).await
}

/// Posts of two accounts with three causes.
async fn troubled() -> (World, Vec<PostId>) {
    let world = World::new().await;
    world.connect("other").await;
    let mut ids = Vec::new();
    for (number, account) in ["demo", "other", "demo", "other", "demo", "other"].iter().enumerate()
    {
        let seconds = 3600 + 60 * number as u64;
        ids.push(of(&world, account, &format!("post {number}"), seconds).await);
    }
    for id in &ids[..3] {
        becomes(&world, *id, Status::Missed, Code::Missed);
    }
    for id in &ids[3..5] {
        becomes(&world, *id, Status::Failed, Code::SignInNeeded);
    }
    becomes(&world, ids[5], Status::Unknown, Code::OutcomeUnknown);
    (world, ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_one_reason_stands_together_and_what_is_an_account_s_own_stands_for_itself() {
    let (world, _) = troubled().await;
    let found = causes(&world).await;
    let told: Vec<_> =
        found.iter().map(|it| (it.state, it.code, it.account.as_deref(), it.posts)).collect();
    assert_eq!(found[0].id, "missed:missed");
    assert_eq!(told[0], (CauseState::Missed, Code::Missed, None, 3), "over both accounts");
    for handle in ["demo", "other"] {
        let own = (CauseState::Failed, Code::SignInNeeded, Some(handle), 1);
        assert!(told.contains(&own), "{told:?}");
    }
    let check = found.iter().find(|it| it.state == CauseState::NeedsCheck).unwrap();
    assert_eq!(check.actions, [CauseAct::Retry, CauseAct::Cancel]);
    assert_eq!(found.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_and_a_change_of_many_posts_reach_those_of_a_cause_and_no_other() {
    let (world, ids) = troubled().await;
    let of_cause =
        |cause: &str| PostQuery { cause: Some(cause.to_owned()), ..PostQuery::default() };
    let page = world.engine.posts(&of_cause("missed:missed")).await.unwrap();
    assert_eq!(page.posts.iter().map(|row| row.id).collect::<Vec<_>>(), ids[..3]);
    let one = PostQuery { ids: vec![ids[1], ids[3]], ..of_cause("missed:missed") };
    let page = world.engine.posts(&one).await.unwrap();
    assert_eq!(page.posts.iter().map(|row| row.id).collect::<Vec<_>>(), [ids[1]]);
    let selection = |cause| Selection { query: Some(of_cause(cause)), ..Selection::default() };
    let cancel = |cause| Rewrite {
        selection: selection(cause),
        change: RewriteChange::Cancel,
        terms: BulkTerms::default(),
    };
    let none = world.engine.rewrite(cancel("missed:none")).await.unwrap();
    assert!(none.posts.is_empty(), "a cause that is none has no posts, rather than all");
    assert!(world.engine.posts(&of_cause("missed:none")).await.unwrap().posts.is_empty());
    assert_eq!(world.engine.rewrite(cancel("missed:missed")).await.unwrap().changed, 3);
    assert_eq!(world.status(ids[3]).await, Status::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_posts_of_a_cause_are_moved_in_their_order_and_no_other_post() {
    let (world, ids) = troubled().await;
    let before: Vec<_> = world.rows().await;
    let step = CauseStep::Reschedule {
        from: wall_in(7200),
        zone: Some("Europe/Berlin".to_owned()),
        interval_minutes: Some(10),
    };
    let done = act(&world, "missed:missed", step).await.unwrap().done;
    assert_eq!((&done.done[..], done.refused.len()), (&ids[..3], 0));
    let mut times = Vec::new();
    for id in &ids[..3] {
        let row = world.show(*id).await.row;
        assert_eq!(row.status, Status::Pending);
        times.push(row.scheduled_at.unwrap().0);
    }
    assert_eq!([times[1] - times[0], times[2] - times[1]], [600_000, 600_000]);
    for row in before.iter().filter(|row| !ids[..3].contains(&row.id)) {
        let now = world.show(row.id).await.row;
        assert_eq!((now.status, now.scheduled_at), (row.status, row.scheduled_at));
    }
    assert!(causes(&world).await.iter().all(|cause| cause.id != "missed:missed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_posts_of_a_cause_are_tried_again_or_cancelled_at_once() {
    let (world, ids) = troubled().await;
    let done = act(&world, "missed:missed", CauseStep::Retry).await.unwrap().done;
    assert_eq!(done.done, ids[..3]);
    for id in &ids[..3] {
        assert_eq!(world.status(*id).await, Status::Pending);
    }
    let demo = causes(&world).await.into_iter().find(|it| it.account.as_deref() == Some("demo"));
    let done = act(&world, &demo.unwrap().id, CauseStep::Cancel).await.unwrap().done;
    assert_eq!(done.done, [ids[4]]);
    assert_eq!(world.status(ids[4]).await, Status::Cancelled);
    assert_eq!(world.status(ids[3]).await, Status::Failed, "the other account's is its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn late_posts_that_are_tried_again_go_out_in_their_order_a_minute_apart() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..3 {
        ids.push(of(&world, "demo", &format!("late {number}"), 1).await);
    }
    for id in &ids {
        becomes(&world, *id, Status::Missed, Code::Missed);
    }
    while world.show(ids[2]).await.row.scheduled_at.unwrap()
        >= roost_core::clock::Clock::now(&roost_core::clock::SystemClock)
    {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    act(&world, "missed:missed", CauseStep::Retry).await.unwrap();
    let mut times = Vec::new();
    for id in &ids {
        times.push(world.show(*id).await.row.scheduled_at.unwrap().0);
    }
    assert_eq!([times[1] - times[0], times[2] - times[1]], [60_000, 60_000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cause_that_changed_since_it_was_seen_or_is_none_is_not_acted_on() {
    let (world, ids) = troubled().await;
    let seen =
        ActOnCause { cause: "missed:missed".to_owned(), step: CauseStep::Cancel, posts: Some(2) };
    let error = world.engine.act_on_cause(seen).await.unwrap_err().to_string();
    assert!(error.contains("3 such posts by now, not 2"), "{error}");
    assert_eq!(world.status(ids[0]).await, Status::Missed);
    assert!(act(&world, "failed:duplicate_content", CauseStep::Retry).await.is_err());
    let check = causes(&world).await.into_iter().find(|it| it.state == CauseState::NeedsCheck);
    let step = CauseStep::Reschedule { from: wall_in(60), zone: None, interval_minutes: None };
    let error = act(&world, &check.unwrap().id, step).await.unwrap_err();
    assert!(error.to_string().contains("may be on X"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_draft_never_goes_out_before_one_action_schedules_it_with_many() {
    let mut world = World::new().await;
    world.run();
    let draft = |text: &str, seconds| NewPost { draft: true, ..new_post(text, seconds) };
    let mut ids = Vec::new();
    for (text, seconds) in [("soon", 3), ("later", 3600), ("past", 0)] {
        ids.push(world.engine.create(draft(text, seconds)).await.unwrap().post.id);
    }
    let idea = NewPost { text: "no time yet".to_owned(), ..NewPost::default() };
    ids.push(world.engine.create(idea).await.unwrap().post.id);
    let due = world.show(ids[0]).await.row.scheduled_at.unwrap();
    while roost_core::clock::Clock::now(&roost_core::clock::SystemClock) <= due {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    world.engine.sync().await.unwrap();
    assert_eq!(world.status(ids[0]).await, Status::Draft);
    assert_eq!(world.texts().await, Vec::<String>::new());
    let posts = ids.iter().copied().map(Target::from).collect();
    let selection = Selection { posts, ..Selection::default() };
    let terms = BulkTerms { skip_refused: true, ..BulkTerms::default() };
    let asked = Rewrite { selection, change: RewriteChange::Schedule, terms };
    let done = world.engine.rewrite(asked).await.unwrap();
    let codes: HashMap<PostId, Option<Code>> =
        done.posts.iter().map(|row| (row.id, row.refused.as_ref().map(|it| it.code))).collect();
    let code = |id| codes[&id];
    assert_eq!(done.changed, 1);
    assert_eq!(
        ids.iter().map(|id| code(*id)).collect::<Vec<_>>(),
        [Some(Code::TimeInPast), None, Some(Code::TimeInPast), Some(Code::TimeMissing),]
    );
    world.wait_for(ids[1], Status::Queued).await;
    assert_eq!(world.status(ids[3]).await, Status::Draft, "it is as it was");
}
