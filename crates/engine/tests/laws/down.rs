//! A relay that is down loses nothing, and the row says so.

use roost_core::status::Status;
use roost_engine::view::Reach;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_while_the_relay_was_down_goes_out_when_it_is_back() {
    let mut world = World::new().await;
    world.stop_local().await;
    world.run();
    let id = world.post_in("patient", 1).await;
    world.wait_until(id, "refused", |_| matches!(reach(&world), Reach::NotReached { .. })).await;
    assert_eq!(world.status(id).await, Status::Pending, "nothing is concluded alone");
    world.start_local().await;
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["patient"]);
}

fn reach(world: &World) -> Reach {
    let engine = world.engine.clone();
    tokio::task::block_in_place(|| {
        tokio::runtime::Handle::current().block_on(engine.sync_state()).unwrap().relay
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_out_while_the_engine_was_off_is_known_at_its_next_start() {
    let mut world = World::new().await;
    let id = world.post_in("alone", 1).await;
    world.engine.sync().await.unwrap();
    // The relay posts without the engine.
    for _ in 0..400 {
        if world.texts().await == ["alone"] {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    world.crash().await;
    world.run();
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["alone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_s_post_is_noticed() {
    let mut world = World::new().await;
    world.run();
    // Another engine over the same store, as the command line is beside the window.
    let beside = world.beside();
    let id = beside.create(crate::world::new_post("from beside", 2)).await.unwrap().post.id;
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["from beside"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_loop_runs_for_one_store() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("one loop", 1).await;
    world.wait_for(id, Status::Posted).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let error = world.beside().run(stop.clone()).await.unwrap_err();
    assert!(error.to_string().contains("runs already"), "{error}");
    world.stop_engine().await;
    stop.cancel();
    world.beside().run(stop).await.unwrap();
}
