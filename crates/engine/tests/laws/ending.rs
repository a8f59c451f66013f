//! How a loop ends, and how the next one takes over.

use roost_core::status::Status;
use tokio_util::sync::CancellationToken;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cancelled_last_is_told_to_the_relay_before_a_planned_end() {
    let world = World::new().await;
    let id = world.post_in("taken back", 3600).await;
    world.engine.sync().await.unwrap();
    assert_eq!(world.status(id).await, Status::Queued);
    let cancelled = world.engine.cancel(&[id]).await.unwrap();
    assert_eq!(cancelled.cancelling, [id], "the relay has not heard of it");
    // A loop that is ended before its first look.
    let stop = CancellationToken::new();
    stop.cancel();
    world.engine.run(stop).await.unwrap();
    assert_eq!(world.status(id).await, Status::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_end_waits_for_no_relay_that_is_away() {
    let world = World::new().await;
    let id = world.post_in("taken back", 3600).await;
    world.engine.sync().await.unwrap();
    let mut away = world.endpoints();
    // It takes the connection, and answers nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    away.relay.url = format!("http://{}", silent.local_addr().unwrap());
    world.engine.use_endpoints(Some(away)).unwrap();
    world.engine.cancel(&[id]).await.unwrap();
    let stop = CancellationToken::new();
    stop.cancel();
    let begun = tokio::time::Instant::now();
    world.engine.run(stop).await.unwrap();
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(world.show(id).await.row.waiting_for.is_some(), "it stays written down");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_waits_and_takes_over_when_the_first_ends() {
    let mut world = World::new().await;
    world.run();
    let first = world.post_in("of the first", 1).await;
    world.wait_for(first, Status::Posted).await;
    let second = world.beside();
    second.use_endpoints(Some(world.endpoints())).unwrap();
    let stop = CancellationToken::new();
    let waiting = tokio::spawn({
        let (second, stop) = (second.clone(), stop.clone());
        async move { second.run_when_free(stop).await }
    });
    // The first is killed: nothing says that it ended but its lock.
    world.crash().await;
    let next = world.post_in("of the second", 1).await;
    world.wait_for(next, Status::Posted).await;
    assert!(!waiting.is_finished());
    stop.cancel();
    waiting.await.unwrap().unwrap();
    assert_eq!(world.texts().await, ["of the first", "of the second"]);
}
