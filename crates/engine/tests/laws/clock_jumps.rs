//! A computer whose clock goes anywhere and comes back: nothing is concluded by it, nothing panics, and
//! that it is wrong is said.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock as _, ManualClock, SystemClock, UnixMillis};
use roost_core::failure::Code;
use roost_core::status::Status;
use roost_engine::LatePolicy;
use roost_engine::view::BlockerKind;
use tokio_util::sync::CancellationToken;

use crate::world::{PATIENCE, World, new_post};

/// 1970, the seconds around 2038-01-19 03:14:08, 2106 and 9990, in seconds since 1970.
const ODD: [i64; 5] = [0, 2_147_483_647, 2_147_483_648, 4_294_967_296, 253_086_595_200];

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_to_1970_and_beyond_2038_concludes_nothing_about_what_is_handed_over() {
    let world = World::new().await;
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let engine = world.beside_at(Some(LatePolicy::POST), clock.clone());
    engine.use_endpoints(Some(world.endpoints())).unwrap();
    let id = engine.create(new_post("through all of it", 3600)).await.unwrap().post.id;
    engine.sync().await.unwrap();
    assert_eq!(world.status(id).await, Status::Queued);
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (engine, stop) = (engine.clone(), stop.clone());
        async move { engine.run(stop).await }
    });
    for seconds in ODD {
        clock.set(UnixMillis::from_seconds(seconds));
        until(&engine, "the wrong clock is said", |kinds| kinds.contains(&BlockerKind::OwnClock))
            .await;
        assert_eq!(world.status(id).await, Status::Queued, "at {seconds}");
        clock.set(SystemClock.now());
        until(&engine, "it is right again", |kinds| !kinds.contains(&BlockerKind::OwnClock)).await;
    }
    assert!(!running.is_finished(), "the loop is still at work");
    let post = world.show(id).await;
    assert_eq!((post.row.status, post.row.revision.0), (Status::Queued, 1));
    stop.cancel();
    running.await.unwrap().unwrap();
    assert!(world.texts().await.is_empty(), "nothing went out early");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_clock_is_decades_ahead_nothing_is_scheduled_for_now() {
    let world = World::new().await;
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let engine = world.beside_at(Some(LatePolicy::POST), clock.clone());
    engine.use_endpoints(Some(world.endpoints())).unwrap();
    let id = engine.create(new_post("taken back", 3600)).await.unwrap().post.id;
    engine.cancel(&[id]).await.unwrap();
    clock.advance(Duration::from_hours(40 * 365 * 24));
    until(&engine, "the wrong clock is said", |kinds| kinds.contains(&BlockerKind::OwnClock)).await;
    let refused = engine.retry(id).await.unwrap_err();
    assert_eq!(refused.code(), Code::ClockWrong);
    let said = refused.to_string();
    assert!(said.starts_with("This computer's clock is 14600 days ahead of the relay's"), "{said}");
    assert_eq!(world.status(id).await, Status::Cancelled);
    clock.set(SystemClock.now());
    until(&engine, "it is right again", |kinds| !kinds.contains(&BlockerKind::OwnClock)).await;
    assert_eq!(engine.retry(id).await.unwrap().post.status, Status::Pending);
}

async fn until(engine: &roost_engine::Engine, what: &str, holds: impl Fn(&[BlockerKind]) -> bool) {
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        engine.refresh_status().await.unwrap();
        let state = engine.sync_state().await.unwrap();
        let kinds: Vec<BlockerKind> = state.blockers.iter().map(|it| it.kind).collect();
        if holds(&kinds) {
            return;
        }
        assert!(tokio::time::Instant::now() < end, "not in time: {what}: {kinds:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
