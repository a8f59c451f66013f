//! Pausing and resuming: what was pressed last stands.

use roost_relay_api::{DeliveryState, OrderedPause, Pause, PauseOrder};

use crate::world::{World, seconds};

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

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_paused_sends_nothing_while_others_post_and_goes_on_when_resumed() {
    let world = World::new().await;
    let other = world.also("bob").await;
    world
        .client()
        .pause_account(&world.account, Pause { paused: true }.into())
        .await
        .expect("paused");
    assert_eq!(world.status().await.paused_accounts, std::slice::from_ref(&world.account));
    assert!(!world.status().await.paused, "everything else goes on");
    let ours = world.staged("Ours", seconds(0)).await;
    let theirs = world.stage_for(&other, "Theirs", seconds(0)).await;
    for item in [&ours, &theirs] {
        world.deliver(item).await;
    }
    world.reaches(theirs.post_id, DeliveryState::Posted).await;
    let waiting = world.reaches(ours.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("account_paused"));
    // The end of a pause of everything is not the end of this one.
    world.client().pause(Pause { paused: true }).await.expect("paused");
    world.client().pause(Pause { paused: false }).await.expect("resumed");
    // Nor is a new sign-in.
    world.client().connect(&world.account, &world.grant).await.expect("connected");
    world.clock.advance(seconds(300));
    world.settle().await;
    assert_eq!(world.creates().await.len(), 1, "theirs alone");
    world.client().pause_account(&world.account, Pause { paused: false }.into()).await.expect("on");
    world.reaches(ours.post_id, DeliveryState::Posted).await;
    assert!(world.status().await.paused_accounts.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resume_of_an_account_that_arrives_after_a_newer_pause_changes_nothing() {
    let world = World::new().await;
    let said = |paused, number| OrderedPause {
        pause: Pause { paused },
        order: Some(PauseOrder { store_id: world.store, number }),
    };
    let (client, account) = (world.client(), &world.account);
    client.pause_account(account, said(true, 8)).await.expect("paused");
    let told = client.pause_account(account, said(false, 7)).await.expect("an answer");
    assert_eq!(told.paused_accounts, std::slice::from_ref(account), "and it is told so");
    // What was said of everything has its own order.
    assert!(client.pause_in_order(said(true, 5)).await.expect("paused").paused);
    let told = client.pause_account(account, said(false, 9)).await.expect("resumed");
    assert!(told.paused_accounts.is_empty() && told.paused);
}
