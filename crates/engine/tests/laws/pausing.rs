//! Pausing everything or one account, and what becomes of what is late when it goes on.

use std::sync::Arc;

use roost_core::clock::SystemClock;
use roost_core::status::Status;
use roost_engine::view::BlockerKind;
use roost_engine::{Engine, LatePolicy, NewPost, TooLate};
use roost_store::OutboxKind;

use crate::world::{World, new_post};

/// Nothing that is late goes out by itself.
const STRICT: LatePolicy = LatePolicy { post_within_minutes: Some(0), then: TooLate::Ask };

async fn of(world: &World, account: &str, text: &str, seconds: u64) -> roost_core::id::PostId {
    let post = NewPost { account: Some(account.to_owned()), ..new_post(text, seconds) };
    world.engine.create(post).await.unwrap().post.id
}

/// An engine over the same store that lets nothing late out.
fn strict(world: &World) -> Engine {
    let engine = world.beside_at(Some(STRICT), Arc::new(SystemClock));
    engine.use_endpoints(Some(world.endpoints())).unwrap();
    engine
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_paused_holds_its_posts_until_it_goes_on_and_others_post() {
    let mut world = World::new().await;
    world.connect("other").await;
    world.run();
    let set = world.engine.set_paused(true, Some("@demo")).await.unwrap();
    assert!(!set.sync.paused, "everything else goes on");
    let blockers = set.sync.blockers;
    assert!(
        blockers.iter().any(
            |it| it.kind == BlockerKind::AccountPaused && it.account.as_deref() == Some("demo")
        )
    );
    let paused: Vec<_> = world.engine.accounts().await.unwrap();
    let paused: Vec<_> = paused.iter().map(|it| (it.username.as_str(), it.paused)).collect();
    assert_eq!(paused, [("demo", true), ("other", false)]);
    let held = of(&world, "demo", "patience", 1).await;
    let free = of(&world, "other", "at once", 1).await;
    world.wait_for(free, Status::Posted).await;
    let post = world.wait_for(held, Status::Held).await;
    assert_eq!(post.row.reason.unwrap().code.as_str(), "account_paused");
    assert_eq!(world.texts().await, ["at once"]);
    let set = world.engine.set_paused(false, Some("demo")).await.unwrap();
    assert_eq!((set.report.late.posts, set.report.still_paused), (0, false));
    world.wait_for(held, Status::Posted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_pause_made_too_late_goes_by_the_late_policy_and_the_rest_keeps_time_and_order() {
    let mut world = World::new().await;
    world.connect("other").await;
    world.run();
    world.engine.pause(true).await.unwrap();
    let late = of(&world, "demo", "too late by then", 1).await;
    let of_the_other = of(&world, "other", "of the other", 1).await;
    let ahead = of(&world, "demo", "ahead", 3600).await;
    for id in [late, of_the_other] {
        world.wait_for(id, Status::Held).await;
    }
    let before = world.wait_for(ahead, Status::Queued).await.row;
    world.engine.set_paused(true, Some("other")).await.unwrap();
    world.stop_engine().await;
    let engine = strict(&world);
    let report = engine.set_paused(false, None).await.unwrap().report;
    assert_eq!((report.late.posts, report.late.confirmed), (1, 1), "{report:?}");
    assert_eq!((report.late.missed, report.late.goes_out), (1, 0), "{report:?}");
    let missed = world.show(late).await.row;
    assert_eq!(missed.status, Status::Missed);
    assert!(engine.take_notices().await.unwrap().iter().any(|it| it.post_id == Some(late)));
    assert_eq!(world.status(of_the_other).await, Status::Held, "its account is paused still");
    let after = world.show(ahead).await.row;
    assert_eq!((after.status, after.scheduled_at), (Status::Queued, before.scheduled_at));
    assert_eq!(world.texts().await, Vec::<String>::new());
    // The person wants it out all the same: under a fresh revision it does, once.
    world.run();
    world.engine.retry(late).await.unwrap();
    world.wait_for(late, Status::Posted).await;
    assert_eq!(world.texts().await, ["too late by then"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_lost_its_database_is_told_of_every_pause_before_it_posts() {
    let mut world = World::new().await;
    world.connect("other").await;
    world.engine.set_paused(true, Some("demo")).await.unwrap();
    world.engine.pause(true).await.unwrap();
    let id = of(&world, "other", "not before the pause ends", 1).await;
    world.engine.sync().await.unwrap();
    world.stop_local().await;
    world.lose_relay();
    world.start_local().await;
    let status = world.relay().status().await.unwrap();
    assert!(status.paused && status.paused_accounts.len() == 1, "{status:?}");
    assert!(world.engine.sync_state().await.unwrap().paused);
    assert_eq!(world.texts().await, Vec::<String>::new());
    assert_ne!(world.status(id).await, Status::Posted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resume_of_an_account_on_its_way_gives_way_to_a_later_pause_of_it_alone() {
    let world = World::new().await;
    let reachable = world.endpoints();
    let mut unreachable = reachable.clone();
    // Nobody listens on the port of discarding.
    unreachable.relay.url = "http://127.0.0.1:9".to_owned();
    world.engine.use_endpoints(Some(unreachable)).unwrap();
    assert!(world.engine.set_paused(false, Some("demo")).await.is_err());
    assert!(world.engine.set_paused(false, None).await.is_err());
    assert!(world.engine.set_paused(true, Some("demo")).await.is_err());
    let later = roost_core::clock::UnixMillis(i64::MAX);
    let open = world.store().read(|store| store.outbox_due(OutboxKind::Pause, later, 9)).unwrap();
    assert_eq!(open.len(), 2, "everything's, and the account's newest: {open:?}");
    world.engine.use_endpoints(Some(reachable)).unwrap();
    world.engine.flush_outbox().await.unwrap();
    let status = world.relay().status().await.unwrap();
    assert!(!status.paused && status.paused_accounts.len() == 1, "{status:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_does_not_exist_is_not_paused() {
    let world = World::new().await;
    let error = world.engine.set_paused(true, Some("nobody")).await.unwrap_err();
    assert!(matches!(error, roost_engine::Error::UnknownAccount { .. }), "{error}");
    assert!(world.relay().status().await.unwrap().paused_accounts.is_empty());
}
