//! Refresh tokens are worth one use: who races for it, and what a crash leaves of it.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::sync::Arc;

use roost_core::clock::Clock;
use roost_relay::{Error, OpenError, Relay};
use roost_relay_api::{AccountHealth, DeliveryState, Stage};
use roost_x_sandbox::NewAccount;

use crate::link::{come_to, stage_all};
use crate::world::{World, seconds};

/// An X that ends everything of a consent whose spent token is shown again.
async fn strict_world() -> World {
    World::with(
        |config| (config.pace.slots_per_account, config.pace.slots) = (50, 50),
        |x| x.revoke_family_on_replay = true,
    )
    .await
}

async fn health(world: &World) -> AccountHealth {
    world.client().accounts().await.expect("accounts")[0].health
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_posts_and_a_second_relay_at_a_token_s_end_make_one_refresh() {
    let world = strict_world().await;
    let items: Vec<Stage> =
        (0..50).map(|number| world.post(&format!("Post {number}"), seconds(3 * 3600))).collect();
    stage_all(&world, &items).await;
    let before = world.metric("refreshes_total").await;
    world.clock.set(items[0].due_at);
    let second = async {
        // Another relay on the same ledger would be another refresher.
        let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
        Relay::open(world.config.clone(), clock).map(drop)
    };
    let deliveries = futures::future::join_all(items.iter().map(|item| world.deliver(item)));
    let (_, second) = tokio::join!(deliveries, second);
    assert!(matches!(second, Err(Error::Database(OpenError::InUse(_)))), "{second:?}");
    come_to(&world, &items, &[DeliveryState::Posted], || {}).await;
    assert_eq!(world.metric("refreshes_total").await, before + 1);
    // The family lives: the next token comes from it.
    let later = world.staged("hours later", seconds(3 * 3600)).await;
    world.clock.set(later.due_at);
    world.deliver(&later).await;
    world.reaches(later.post_id, DeliveryState::Posted).await;
    assert_eq!(world.metric("refreshes_total").await, before + 2);
    assert_eq!(health(&world).await, AccountHealth::Connected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_x_s_answer_and_the_new_pair_on_disk_asks_for_a_sign_in_and_never_loops() {
    let mut world = strict_world().await;
    let item = world.staged("Hello", seconds(3 * 3600)).await;
    let disk = rusqlite::Connection::open(world.file("relay.sqlite")).expect("a file");
    disk.execute_batch(
        "CREATE TRIGGER full BEFORE UPDATE OF grant_sealed ON account
         BEGIN SELECT RAISE(FAIL, 'the disk is full'); END",
    )
    .expect("full");
    let before = world.metric("refreshes_total").await;
    world.clock.set(item.due_at);
    world.deliver(&item).await;
    // X gave the new pair; it can't be written down, and is not used before it is.
    world.counts("refreshes_total", before + 1).await;
    world.counts("write_failures_total", 1).await;
    assert!(world.creates().await.is_empty());
    world.stop_relay().await;
    disk.execute_batch("DROP TRIGGER full").expect("space again");
    drop(disk);
    world.start_relay().await;
    let waiting = world.comes_to(item.post_id, DeliveryState::Waiting, seconds(1)).await;
    assert_eq!(waiting.code.as_deref(), Some("sign_in_needed"));
    assert_eq!(health(&world).await, AccountHealth::Disconnected);
    for _ in 0..20 {
        world.clock.advance(seconds(60));
        world.settle().await;
    }
    assert_eq!(world.metric("refreshes_total").await, 1, "a refused grant is not tried again");
    assert!(world.creates().await.is_empty());
    let fresh = world.x.sandbox.grant(NewAccount::named("ada"), None).await.expect("a grant");
    let mut grant = world.grant.clone();
    (grant.access_token, grant.refresh_token) = (fresh.access_token, fresh.refresh_token);
    grant.expires_at = world.clock.now().plus(seconds(7200));
    world.client().connect(&world.account, &grant).await.expect("connected");
    world.reaches(item.post_id, DeliveryState::Posted).await;
    assert_eq!(world.creates().await.len(), 1);
}
