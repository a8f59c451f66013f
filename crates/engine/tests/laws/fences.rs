//! What must stand on the relay before anything goes out gets there first, and all of it.

use std::time::Duration;

use roost_core::clock::{Clock, SystemClock};
use roost_core::status::{Actor, Status};
use roost_store::{NewOutbox, OutboxKind};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn no_amount_of_housekeeping_keeps_a_pause_or_a_withdrawal_from_the_relay() {
    let world = World::new().await;
    let id = world.post_in("never", 3600).await;
    world.engine.sync().await.unwrap();
    let delete = NewOutbox {
        kind: OutboxKind::DeleteMessage,
        post_id: None,
        revision: None,
        payload: "msg_of_long_ago".into(),
        actor: Actor::Engine,
    };
    let intend = |store: &mut roost_store::Tx<'_>| {
        (0..1_500).try_for_each(|_| store.intend(&delete).map(drop))
    };
    world.store().write("test", intend).unwrap();
    assert!(world.engine.pause(true).await.unwrap().paused);
    world.engine.cancel(&[id]).await.unwrap();
    world.engine.flush_outbox().await.unwrap();
    assert_eq!(world.status(id).await, Status::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_is_let_go_only_after_withdrawals_that_were_put_off() {
    let mut world = World::new().await;
    let id = world.post_in("cancelled while the relay was away", 3600).await;
    world.engine.sync().await.unwrap();
    world.stop_local().await;
    world.engine.cancel(&[id]).await.unwrap();
    let store = world.store();
    let later = SystemClock.now().plus(Duration::from_hours(1));
    let open = store.read(|store| store.outbox_of(id)).unwrap();
    let put_off = |store: &mut roost_store::Tx<'_>| {
        open.iter().try_for_each(|it| store.outbox_retry(it.seq, later, "not reached"))
    };
    store.write("test", put_off).unwrap();
    world.start_local().await;
    assert_eq!(world.status(id).await, Status::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_word_never_ends_a_newer_pause() {
    let world = World::new().await;
    let reachable = world.endpoints();
    let mut unreachable = reachable.clone();
    // Nobody listens on the port of discarding.
    unreachable.relay.url = "http://127.0.0.1:9".to_owned();
    world.engine.use_endpoints(Some(unreachable)).unwrap();
    assert!(world.engine.pause(false).await.is_err());
    assert!(world.engine.pause(true).await.is_err());
    let later = SystemClock.now().plus(Duration::from_hours(1));
    let open = world.store().read(|store| store.outbox_due(OutboxKind::Pause, later, 9)).unwrap();
    let open: Vec<_> = open.into_iter().map(|it| it.payload).collect();
    assert_eq!(open, [serde_json::Value::from(true)], "what is still to reach the relay");
    world.engine.use_endpoints(Some(reachable)).unwrap();
    world.engine.flush_outbox().await.unwrap();
    assert!(world.engine.sync_state().await.unwrap().paused);
}
