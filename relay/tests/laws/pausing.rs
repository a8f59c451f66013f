//! Pausing and resuming: what was pressed last stands.

use roost_relay_api::{OrderedPause, Pause, PauseOrder};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_resume_that_arrives_after_a_newer_pause_changes_nothing() {
    let world = World::new().await;
    let said = |paused, number| OrderedPause {
        pause: Pause { paused },
        order: Some(PauseOrder { store_id: world.store, number }),
    };
    let client = world.client();
    // A resume was pressed in the window, a pause on the command line after it; it overtook.
    assert!(client.pause_in_order(said(true, 8)).await.expect("paused").paused);
    let told = client.pause_in_order(said(false, 7)).await.expect("an answer");
    assert!(told.paused, "and whoever sent it is told so");
    assert!(world.status().await.paused);
    assert!(!client.pause_in_order(said(false, 9)).await.expect("resumed").paused);
}
