//! Nothing goes out after it was withdrawn, and only the relay's word proves that it was.

use std::time::Duration;

use roost_core::status::Status;
use roost_engine::Edit;
use roost_engine::view::WaitingFor;
use roost_relay_api::{DeliveryState, Lookup};
use roost_store::OutboxKind;
use roost_x_sandbox::{Fault, On};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_post_never_goes_out() {
    let mut world = World::new().await;
    world.run();
    let cancelled = world.post_in("never", 4).await;
    let control = world.post_in("always", 5).await;
    world.wait_for(cancelled, Status::Queued).await;
    world.engine.cancel(&[cancelled]).await.unwrap();
    world.wait_for(cancelled, Status::Cancelled).await;
    world.wait_for(control, Status::Posted).await;
    assert_eq!(world.texts().await, ["always"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_is_said_only_after_the_relay_acknowledged() {
    let mut world = World::new().await;
    let id = world.post_in("not yet cancelled", 3600).await;
    world.engine.sync().await.unwrap();
    assert_eq!(world.status(id).await, Status::Queued);
    world.stop_local().await;
    let asked = world.engine.cancel(&[id]).await.unwrap();
    assert_eq!(asked.cancelling, [id]);
    assert!(world.engine.sync().await.is_err(), "the relay is down");
    let row = world.show(id).await.row;
    assert_eq!((row.status, row.waiting_for), (Status::Queued, Some(WaitingFor::Cancel)));
    world.start_local().await;
    let row = world.show(id).await.row;
    assert_eq!((row.status, row.waiting_for), (Status::Cancelled, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cancelled_while_nothing_ran_does_not_go_out_at_the_next_start() {
    let mut world = World::new().await;
    let id = world.post_in("cancelled while all was off", 2).await;
    let control = world.post_in("not cancelled", 2).await;
    world.engine.sync().await.unwrap();
    world.stop_local().await;
    world.engine.cancel(&[id]).await.unwrap();
    // Its time passes before anything runs again.
    let due = world.show(id).await.row.scheduled_at.unwrap();
    world
        .wait_until(id, "due", |_| {
            use roost_core::clock::Clock;
            roost_core::clock::SystemClock.now() > due
        })
        .await;
    world.start_local().await;
    world.run();
    world.wait_for(control, Status::Posted).await;
    assert_eq!(world.status(id).await, Status::Cancelled);
    assert_eq!(world.texts().await, ["not cancelled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posted_post_is_too_late_to_cancel_or_edit() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("out", 1).await;
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.engine.cancel(&[id]).await.unwrap().too_late, [id]);
    let edit = Edit { text: Some("changed".to_owned()), ..Edit::default() };
    let error = world.engine.edit(id, edit).await.unwrap_err();
    assert_eq!(error.code().as_str(), "too_late");
    assert_eq!(world.show(id).await.row.text, "out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_that_the_relay_s_word_overtook_is_over_and_the_post_can_be_sent_again() {
    let mut world = World::new().await;
    let mut fault = Fault::named(On::Create, "invalid_url");
    fault.count = Some(1);
    world.sandbox.sandbox.arm(fault).unwrap();
    let id = world.post_in("refused, cancelled, sent again", 2).await;
    world.engine.sync().await.unwrap();
    assert_eq!(world.status(id).await, Status::Queued);
    let relay = world.relay();
    let end = tokio::time::Instant::now() + Duration::from_secs(40);
    loop {
        let known = relay.lookup(&Lookup { post_ids: vec![id] }).await.unwrap().deliveries;
        if known.iter().any(|delivery| delivery.state == DeliveryState::Refused) {
            break;
        }
        assert!(tokio::time::Instant::now() < end, "{known:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The person cancels what they still see as queued; then the relay's word is heard.
    assert_eq!(world.engine.cancel(&[id]).await.unwrap().cancelling, [id]);
    world.engine.refresh_status().await.unwrap();
    assert_eq!(world.status(id).await, Status::Failed);
    let open = || {
        let open = world.store().read(|store| store.outbox_of(id)).unwrap();
        open.iter().filter(|it| it.kind == OutboxKind::Withdraw).count()
    };
    assert_eq!(open(), 0, "there is nothing left to withdraw");
    world.engine.retry(id).await.unwrap();
    world.engine.sync().await.unwrap();
    assert_eq!(open(), 0);
    world.run();
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.timeline().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_post_that_was_handed_over_is_withdrawn_first() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("deleted", 3600).await;
    world.wait_for(id, Status::Queued).await;
    assert_eq!(world.engine.delete(&[id]).await.unwrap().cancelling, [id]);
    for _ in 0..400 {
        if world.engine.post(id).await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_post_can_be_armed_again() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("second thoughts", 3).await;
    world.wait_for(id, Status::Queued).await;
    world.engine.cancel(&[id]).await.unwrap();
    world.wait_for(id, Status::Cancelled).await;
    world.engine.retry(id).await.unwrap();
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["second thoughts"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_holds_everything_until_it_ends() {
    let mut world = World::new().await;
    world.run();
    assert!(world.engine.pause(true).await.unwrap().paused);
    let id = world.post_in("patience", 1).await;
    world.wait_for(id, Status::Held).await;
    assert_eq!(world.texts().await, Vec::<String>::new());
    assert!(!world.engine.pause(false).await.unwrap().paused);
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["patience"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_left_behind_do_not_go_out_when_the_relay_refuses_the_new_ones() {
    let mut world = World::new().await;
    let id = world.post_in("left behind", 5).await;
    let control = world.post_in("control", 6).await;
    world.engine.sync().await.unwrap();
    // An account that only this store knows: the relay refuses the change.
    let mut ghost = world.store().read(|store| store.accounts()).unwrap().remove(0);
    ghost.x_user_id = roost_core::id::XUserId("404".to_owned());
    ghost.username = "ghost".to_owned();
    world.store().write("test", |store| store.save_account(&ghost)).unwrap();
    let edit = Edit { account: Some("404".to_owned()), ..Edit::default() };
    world.engine.edit(id, edit).await.unwrap();
    world.run();
    world.wait_for(control, Status::Posted).await;
    assert_eq!(world.texts().await, ["control"]);
    let row = world.show(id).await.row;
    assert_eq!(row.status, Status::Pending, "it waits for the account");
    assert_eq!(row.reason.unwrap().code.as_str(), "sign_in_needed");
}
