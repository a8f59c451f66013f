//! An account that X signs out: told once, its posts wait or are cancelled as the person wants.

use std::time::Duration;

use roost_core::status::Status;
use roost_engine::view::{AccountRow, Notice};
use roost_engine::{Cancelled, Engine, Preferences, WhenDisconnected};
use roost_relay_api::AccountHealth;

use crate::world::World;

async fn notices(engine: &Engine) -> Vec<Notice> {
    let taken = engine.take_notices().await.unwrap();
    taken.into_iter().filter(|notice| notice.kind == "account").collect()
}

/// Waits until the person is told that the account can't post.
async fn told(world: &World) -> Vec<Notice> {
    for _ in 0..800 {
        let found = notices(&world.engine).await;
        if !found.is_empty() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nobody was told");
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_of_a_disconnected_account_wait_the_person_is_told_once_and_all_go_on_after_the_sign_in()
 {
    let mut world = World::new().await;
    world.run();
    let first = world.post_in("first", 3).await;
    let second = world.post_in("second", 4).await;
    let third = world.post_in("third", 3600).await;
    for id in [first, second, third] {
        world.wait_for(id, Status::Queued).await;
    }
    world.sandbox.sandbox.disconnect("demo").await.unwrap();
    for id in [first, second] {
        // A call that met the end of the grant in its middle waits for X's word first.
        world
            .wait_until(id, "held until the sign-in", |post| {
                let reason = post.row.reason.as_ref();
                post.row.status == Status::Held
                    && reason.is_some_and(|reason| reason.code.as_str() == "sign_in_needed")
            })
            .await;
    }
    assert_eq!(world.status(third).await, Status::Queued, "nothing is destroyed");
    let told = told(&world).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].body.contains("the posts wait"), "{told:?}");
    // Neither another post, nor another start, tells it again.
    world.crash().await;
    world.run();
    let fourth = world.post_in("fourth", 1).await;
    world.wait_for(fourth, Status::Held).await;
    assert_eq!(notices(&world.engine).await, []);
    world.connect("demo").await;
    for id in [first, second, fourth] {
        world.wait_for(id, Status::Posted).await;
    }
    let mut texts = world.texts().await;
    texts.sort();
    texts.dedup();
    assert_eq!(texts, ["first", "fourth", "second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setting_cancels_all_pending_posts_and_each_can_be_scheduled_again() {
    let mut world = World::new().await;
    let before = world.engine.preferences().await.unwrap();
    let when_disconnected = WhenDisconnected::Cancel;
    world.engine.set_preferences(Preferences { when_disconnected, ..before }).await.unwrap();
    world.run();
    let due = world.post_in("due", 3).await;
    let queued = world.post_in("queued", 3600).await;
    let far = world.post_in("beyond the horizon", 60 * 24 * 3600).await;
    for id in [due, queued] {
        world.wait_for(id, Status::Queued).await;
    }
    world.sandbox.sandbox.disconnect("demo").await.unwrap();
    for id in [due, queued, far] {
        world.wait_for(id, Status::Cancelled).await;
    }
    let told = told(&world).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].body.contains("cancelled, as your settings say"), "{told:?}");
    world.connect("demo").await;
    world.engine.retry(due).await.unwrap();
    world.wait_for(due, Status::Posted).await;
    world.engine.retry(queued).await.unwrap();
    world.wait_for(queued, Status::Queued).await;
    assert_eq!(world.texts().await.iter().filter(|text| *text != "due").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_out_account_s_posts_can_all_be_cancelled_and_each_scheduled_again() {
    let mut world = World::new().await;
    world.run();
    let held = world.post_in("held", 3).await;
    let queued = world.post_in("queued", 3600).await;
    let far = world.post_in("beyond the horizon", 60 * 24 * 3600).await;
    for id in [held, queued] {
        world.wait_for(id, Status::Queued).await;
    }
    world.sandbox.sandbox.disconnect("demo").await.unwrap();
    world
        .wait_until(held, "held until the sign-in", |post| {
            let reason = post.row.reason.as_ref();
            post.row.status == Status::Held
                && reason.is_some_and(|reason| reason.code.as_str() == "sign_in_needed")
        })
        .await;
    world.connect("another").await;
    let account = |accounts: Vec<AccountRow>| {
        accounts.into_iter().find(|account| account.username == "demo").unwrap()
    };
    let signed_out = account(world.engine.accounts().await.unwrap());
    assert_eq!((signed_out.health, signed_out.pending), (AccountHealth::Disconnected, 3));
    let cancelled = world.engine.cancel_account(signed_out.x_user_id.clone()).await.unwrap();
    assert_eq!((cancelled.withdrawn().count(), cancelled.too_late), (3, vec![]));
    for id in [held, queued, far] {
        world.wait_for(id, Status::Cancelled).await;
    }
    assert_eq!(account(world.engine.accounts().await.unwrap()).pending, 0);
    // Nothing more is there to cancel, and nothing of it goes out by itself.
    let again = world.engine.cancel_account(signed_out.x_user_id).await.unwrap();
    assert_eq!(again, Cancelled::default());
    world.connect("demo").await;
    world.engine.retry(held).await.unwrap();
    world.wait_for(held, Status::Posted).await;
    for id in [queued, far] {
        assert_eq!(world.status(id).await, Status::Cancelled);
    }
    world.engine.retry(queued).await.unwrap();
    world.wait_for(queued, Status::Queued).await;
    assert_eq!(world.texts().await.iter().filter(|text| *text != "held").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_the_person_takes_away_is_no_news_and_cancels_nothing() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("stays", 3600).await;
    world.wait_for(id, Status::Queued).await;
    let account = world.engine.accounts().await.unwrap().remove(0);
    world.engine.disconnect(account.x_user_id).await.unwrap();
    // The relay's word of it has come when a later one has.
    world.connect("another").await;
    let other = world.post_in("another", 1).await;
    world.wait_until(other, "handed over", |post| post.row.status != Status::Pending).await;
    assert_eq!(notices(&world.engine).await, []);
    assert_eq!(world.status(id).await, Status::Queued);
    assert!(world.engine.accounts().await.unwrap().iter().all(|it| it.username != "demo"));
}
