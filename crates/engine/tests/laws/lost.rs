//! A relay that lost its database is told everything again.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock as _, ManualClock, SystemClock};
use roost_core::status::Status;
use roost_engine::Edit;
use roost_relay_api::AccountHealth;

use crate::world::{World, wall_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_lost_its_database_gets_everything_again_and_nothing_goes_out_twice() {
    let mut world = World::new().await;
    let before = world.post_in("out before the loss", 1).await;
    let after = world.post_in("out after the loss", 6).await;
    let cancelled = world.post_in("cancelled before the loss", 6).await;
    world.run();
    world.wait_for(before, Status::Posted).await;
    world.wait_for(after, Status::Queued).await;
    world.engine.cancel(&[cancelled]).await.unwrap();
    world.wait_for(cancelled, Status::Cancelled).await;
    let revision = world.show(after).await.row.revision;
    world.stop_local().await;
    world.lose_relay();
    world.start_local().await;
    world.connect("demo").await;
    let posted = world.wait_for(after, Status::Posted).await;
    assert!(posted.row.revision > revision, "armed anew");
    assert_eq!(world.status(cancelled).await, Status::Cancelled);
    assert_eq!(world.texts().await, ["out before the loss", "out after the loss"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_out_while_the_desktop_was_off_is_not_sent_again_by_a_relay_that_lost_its_database()
 {
    let mut world = World::new().await;
    let mut lag =
        roost_x_sandbox::Fault::new(roost_x_sandbox::On::Timeline, roost_x_sandbox::FaultKind::Lag);
    lag.millis = Some(5_000);
    world.sandbox.sandbox.arm(lag).unwrap();
    let id = world.post_in("out while the desktop was off", 2).await;
    world.engine.sync().await.unwrap();
    // The desktop's loop does not run: nobody hears of it.
    while !world.ledger().await.iter().any(|entry| entry.accepted) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    world.stop_local().await;
    world.lose_relay();
    world.start_local().await;
    world.connect("demo").await;
    world.run();
    let posted = world.wait_for(id, Status::Posted).await;
    assert!(posted.row.tweet_id.is_some());
    assert_eq!(world.texts().await, ["out while the desktop was off"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_decades_ahead_hides_no_cancellation_from_a_relay_that_lost_its_database() {
    let mut world = World::new().await;
    let id = world.post_in("cancelled before the loss", 3_600).await;
    world.run();
    world.wait_for(id, Status::Queued).await;
    world.engine.cancel(&[id]).await.unwrap();
    world.wait_for(id, Status::Cancelled).await;
    world.stop_engine().await;
    world.stop_local().await;
    world.lose_relay();
    world.start_local().await;
    world.connect("demo").await;
    let decades = Duration::from_hours(40 * 365 * 24);
    let clock = Arc::new(ManualClock::at(SystemClock.now().plus(decades)));
    world.engine = world.beside_at(None, clock);
    drop(world.engine.sync().await);
    let sql = "SELECT state FROM post WHERE post_id = ?1";
    let known: Result<String, _> =
        world.relay_ledger().query_row(sql, [id.to_string()], |row| row.get(0));
    assert_eq!(known.as_deref(), Ok("withdrawn"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_a_lost_relay_forgot_is_shown_as_signed_out() {
    let mut world = World::new().await;
    let health = async |world: &World| world.engine.accounts().await.unwrap()[0].health;
    assert_eq!(health(&world).await, AccountHealth::Connected);
    world.stop_local().await;
    world.lose_relay();
    world.start_local().await;
    assert_eq!(health(&world).await, AccountHealth::Disconnected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_being_sent_when_the_relay_lost_its_database_is_looked_for_and_not_sent_again() {
    let mut world = World::new().await;
    // X takes the post and the answer is lost; X shows it a little later.
    let mut slow = roost_x_sandbox::Fault::new(
        roost_x_sandbox::On::Create,
        roost_x_sandbox::FaultKind::CutAfter,
    );
    slow.text = Some("under way".to_owned());
    world.sandbox.sandbox.arm(slow).unwrap();
    let id = world.post_in("under way", 1).await;
    world.run();
    world.wait_for(id, Status::Sending).await;
    world.stop_engine().await;
    world.stop_local().await;
    world.lose_relay();
    world.start_local().await;
    world.run();
    world.connect("demo").await;
    // The first look came before anybody was signed in; the next one is most of a minute later.
    for _ in 0..1_000 {
        if world.status(id).await == Status::Posted {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let posted = world.wait_for(id, Status::Posted).await;
    assert!(posted.row.tweet_id.is_some());
    assert_eq!(world.texts().await, ["under way"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_after_the_loss_of_a_relay_that_sent_it_is_never_called_unsent() {
    let mut world = World::new().await;
    let moved = world.post_in("moved too late", 2).await;
    let cancelled = world.post_in("cancelled too late", 2).await;
    let edited = world.post_in("edited too late", 2).await;
    world.engine.sync().await.unwrap();
    // The desktop's loop does not run: nobody hears of it.
    while world.ledger().await.iter().filter(|entry| entry.accepted).count() < 3 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    world.stop_local().await;
    world.lose_relay();
    let next_month = Some(wall_in(60 * 24 * 3600));
    let edit = Edit { wall_time: next_month, ..Edit::default() };
    world.engine.edit(moved, edit).await.unwrap();
    let edit = Edit {
        text: Some("other words".to_owned()),
        wall_time: Some(wall_in(600)),
        ..Edit::default()
    };
    world.engine.edit(edited, edit).await.unwrap();
    let asked = world.engine.cancel(&[cancelled]).await.unwrap();
    assert!(asked.cancelling.contains(&cancelled), "nobody can say cancelled yet: {asked:?}");
    world.start_local().await;
    world.connect("demo").await;
    world.run();
    for id in [moved, cancelled, edited] {
        let ended = world.wait_for(id, Status::Unknown).await;
        let said = ended.row.reason.and_then(|reason| reason.said).unwrap_or_default();
        assert!(said.contains("may be live"), "{said}");
    }
    assert_eq!(world.ledger().await.len(), 3, "nothing goes out twice");
}
