//! A relay is known and its scheduler's token is not: everything but handing over works.

use roost_core::failure::Code;
use roost_core::status::Status;
use roost_engine::NextStep;
use roost_engine::view::{CheckHealth, Reach};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn without_the_scheduler_s_token_posts_stay_here_and_everything_else_works() {
    let mut world = World::new().await;
    let queued = world.post_in("handed over before", 600).await;
    world.engine.sync().await.unwrap();
    let mut endpoints = world.endpoints();
    endpoints.qstash = None;
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    let waiting = world.post_in("waits for the token", 1).await;
    let refused = world.engine.sync().await.unwrap_err();
    assert_eq!(refused.code(), Code::SchedulerUnknown, "{refused}");
    assert_eq!(refused.next_steps(), [NextStep::KeepSchedulerToken], "{refused}");
    // Nothing is staged that nobody publishes.
    let row = world.store().read(|store| store.post(waiting)).unwrap().unwrap();
    assert!(!row.may_be_on_relay());
    assert_eq!(world.status(waiting).await, Status::Pending);
    // What only the relay has to know is told to it.
    world.engine.cancel(&[queued]).await.unwrap();
    world.engine.flush_outbox().await.unwrap();
    assert_eq!(world.status(queued).await, Status::Cancelled);
    assert!(world.engine.pause(true).await.unwrap().paused);
    assert!(!world.engine.pause(false).await.unwrap().paused);
    world.engine.refresh_status().await.unwrap();
    let state = world.engine.sync_state().await.unwrap();
    assert!(matches!(state.relay, Reach::Reached { .. }), "{state:?}");
    assert_eq!(state.scheduler, Reach::NotConfigured);
    assert_eq!(state.trouble.unwrap().code, Code::SchedulerUnknown);
    let checks = world.engine.doctor().await;
    let named = |name: &str| checks.iter().find(|check| check.name == name).unwrap();
    assert_eq!(named("scheduler").health, CheckHealth::Bad, "{checks:#?}");
    assert_ne!(named("store").health, CheckHealth::Bad, "{checks:#?}");
    assert_ne!(named("relay").health, CheckHealth::Bad, "{checks:#?}");
    // The token is told: it goes out.
    world.engine.use_endpoints(Some(world.endpoints())).unwrap();
    world.run();
    world.wait_for(waiting, Status::Posted).await;
}
