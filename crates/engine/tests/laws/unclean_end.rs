//! An end that nobody planned is told at the next start; a planned one is not.

use roost_core::status::Status;
use roost_engine::view::Notice;

use crate::world::{PATIENCE, World};

async fn told(world: &World) -> Option<Notice> {
    world.engine.overview().await.unwrap().unclean_end
}

async fn until_told(world: &World) -> Notice {
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(notice) = told(world).await {
            return notice;
        }
        assert!(tokio::time::Instant::now() < end, "not told in time");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_while_handing_over_is_told_with_the_posts_that_were_checked_again() {
    let mut world = World::new().await;
    let real = world.endpoints();
    // A scheduler that takes a connection and never answers: the hand-over stands there.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut endpoints = real.clone();
    endpoints.qstash.as_mut().unwrap().url = format!("http://{}", silent.local_addr().unwrap());
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    let ids = [world.post_in("one", 3600).await, world.post_in("two", 3700).await];
    world.run();
    drop(silent.accept().await.unwrap());
    let (_held, _) = silent.accept().await.unwrap();
    world.crash().await;
    assert!(told(&world).await.is_none(), "nothing runs yet");

    world.run();
    let notice = until_told(&world).await;
    assert_eq!(
        notice.body,
        "Roost ended unexpectedly while handing over. Nothing was lost; 2 posts were checked again."
    );
    for id in ids {
        world.wait_for(id, Status::Queued).await;
    }
    world.engine.notices_read(notice.id).await.unwrap();
    assert!(told(&world).await.is_none(), "the person has read it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_end_is_not_told_and_an_idle_run_that_was_killed_lost_nothing() {
    let mut world = World::new().await;
    let idle = |world: &World| {
        let path = world.path("roost.running");
        async move {
            let end = tokio::time::Instant::now() + PATIENCE;
            while !std::fs::read_to_string(&path).is_ok_and(|note| note.contains("waiting")) {
                assert!(tokio::time::Instant::now() < end, "the loop does not wait in time");
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
    };
    world.run();
    idle(&world).await;
    world.stop_engine().await;
    world.run();
    idle(&world).await;
    let note = std::fs::read_to_string(world.path("roost.running")).unwrap();
    assert!(note.contains("waiting") && told(&world).await.is_none(), "{note}");
    world.crash().await;
    world.run();
    let notice = until_told(&world).await;
    assert_eq!(notice.body, "Roost ended unexpectedly. Nothing was lost.");
    world.stop_engine().await;
}
