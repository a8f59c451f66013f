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
    world.engine.settle().await.unwrap();
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
