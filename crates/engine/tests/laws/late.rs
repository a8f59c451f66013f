//! What was never handed over follows the late policy, relay or no relay.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock, ManualClock, UnixMillis};
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::{Engine, EngineConfig, LatePolicy, NewPost, TooLate};
use tokio_util::sync::CancellationToken;

/// 2026-06-01 12:00:00 UTC.
const NOON: UnixMillis = UnixMillis(1_780_315_200_000);

/// An engine without services, its clock, and a post that is due one minute past noon.
async fn engine(late: Option<LatePolicy>) -> (tempfile::TempDir, Arc<ManualClock>, Engine, PostId) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(NOON));
    let mut config = EngineConfig::new(folder.path().join("roost.db"));
    config.late = late;
    let engine = Engine::open(config, clock.clone()).unwrap();
    let post = NewPost {
        text: "late".to_owned(),
        wall_time: Some("2026-06-01 12:01".to_owned()),
        zone: Some("UTC".to_owned()),
        ..NewPost::default()
    };
    let id = engine.create(post).await.unwrap().post.id;
    (folder, clock, engine, id)
}

/// Lets the loop run until `holds`, or for as long as a few ticks take.
async fn run_until(engine: &Engine, holds: impl AsyncFn() -> bool) -> bool {
    let stop = CancellationToken::new();
    let (running, token) = (engine.clone(), stop.clone());
    let running = tokio::spawn(async move { running.run(token).await });
    let mut held = false;
    for _ in 0..60 {
        held = holds().await;
        if held {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_is_too_late_is_missed_and_the_person_is_told_once() {
    for late in [None, Some(LatePolicy { post_within_minutes: Some(5), then: TooLate::Missed })] {
        let (_folder, clock, engine, id) = engine(late).await;
        clock.advance(Duration::from_mins(40));
        let missed = run_until(&engine, async || {
            engine.post(id).await.unwrap().row.status == Status::Missed
        });
        assert!(missed.await);
        let notices = engine.take_notices().await.unwrap();
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(notices[0].body.contains("late"), "{notices:?}");
        let reason = engine.post(id).await.unwrap().row.reason.unwrap();
        assert!(reason.remedy.contains("post it now"), "{reason:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_is_little_late_still_waits_for_the_relay() {
    for (late, minutes) in [(None, 25), (Some(LatePolicy::POST), 60 * 24)] {
        let (_folder, clock, engine, id) = engine(late).await;
        clock.advance(Duration::from_mins(minutes));
        let missed = run_until(&engine, async || {
            engine.post(id).await.unwrap().row.status != Status::Pending
        });
        assert!(!missed.await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_post_can_be_posted_now() {
    let (_folder, clock, engine, id) = engine(None).await;
    clock.advance(Duration::from_mins(40));
    let missed =
        run_until(&engine, async || engine.post(id).await.unwrap().row.status == Status::Missed);
    assert!(missed.await);
    let again = engine.retry(id).await.unwrap().post;
    assert_eq!(again.status, Status::Pending);
    assert_eq!(again.scheduled_at, Some(clock.now()));
    assert_eq!(again.wall_time.as_deref(), Some("2026-06-01 12:40"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_the_relay_refused_follows_the_late_policy() {
    let mut world = crate::world::World::new().await;
    world.stop_local().await;
    world.lose_relay();
    world.start_local().await;
    let id = world.post_in("nobody is signed in", 60).await;
    let cancelled = world.post_in("cancelled without the relay", 60).await;
    world.engine.sync().await.unwrap();
    let reason = world.show(id).await.row.reason.unwrap();
    assert_eq!(reason.code.as_str(), "sign_in_needed");
    assert_eq!(world.engine.cancel(&[cancelled]).await.unwrap().cancelled, [cancelled]);
    // Two days later.
    let clock =
        ManualClock::at(roost_core::clock::SystemClock.now().plus(Duration::from_hours(48)));
    let later = world.beside_at(None, Arc::new(clock));
    let missed =
        run_until(&later, async || later.post(id).await.unwrap().row.status == Status::Missed);
    assert!(missed.await);
}
