//! An account's Premium that ends judges the waiting posts anew.

use roost_core::failure::Code;
use roost_core::status::Status;
use roost_engine::Edit;
use roost_engine::view::BlockerKind;
use roost_x_sandbox::NewAccount;

use crate::world::{PATIENCE, World};

/// Connects an account with Premium, and waits until the relay has proven it.
async fn connect_with_premium(world: &World) {
    let premium = Some("Premium".to_owned());
    world
        .connect_account(NewAccount { subscription_type: premium, ..NewAccount::named("demo") })
        .await;
    let end = tokio::time::Instant::now() + PATIENCE;
    while world.engine.refresh_accounts().await.unwrap()[0].proven_at.is_none() {
        assert!(tokio::time::Instant::now() < end, "not proven in time");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// What the relay hears at its next proof, once the Premium ended.
async fn end_premium(world: &World) {
    let ledger = world.relay_ledger();
    ledger.execute("UPDATE account SET subscription_type = 'None'", ()).unwrap();
    world.engine.refresh_accounts().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_that_outgrew_an_account_whose_premium_ended_are_told_hours_before() {
    let world = World::without_account().await;
    connect_with_premium(&world).await;
    let long = world.post_in(&"a long text ".repeat(40), 5 * 3600).await;
    let short = world.post_in("a short text", 5 * 3600 + 600).await;
    world.engine.sync().await.unwrap();
    assert_eq!(world.status(long).await, Status::Queued);
    let blockers = world.engine.sync_state().await.unwrap().blockers;
    assert!(blockers.iter().all(|it| it.kind != BlockerKind::NoLongerFits), "{blockers:?}");

    end_premium(&world).await;
    let row = world.show(long).await.row;
    assert_eq!(row.reason.map(|reason| reason.code), Some(Code::NoLongerFits));
    assert!(world.show(short).await.row.reason.is_none());
    let blockers = world.engine.sync_state().await.unwrap().blockers;
    let told = blockers.iter().find(|it| it.kind == BlockerKind::NoLongerFits).unwrap();
    assert_eq!((told.posts, told.first_due, told.needs_person), (1, row.scheduled_at, true));
    let notices = world.engine.notices(true, 10).await.unwrap();
    let of_it = notices.iter().filter(|it| it.title == "Posts no longer fit @demo");
    assert_eq!(of_it.count(), 1, "{notices:?}");
    // Told once, however often the accounts are read.
    world.engine.refresh_accounts().await.unwrap();
    assert_eq!(world.engine.notices(true, 10).await.unwrap().len(), notices.len());

    // Shortened, it fits.
    let edit = Edit { text: Some("shortened".to_owned()), ..Edit::default() };
    world.engine.edit(long, edit).await.unwrap();
    let blockers = world.engine.sync_state().await.unwrap().blockers;
    assert!(blockers.iter().all(|it| it.kind != BlockerKind::NoLongerFits), "{blockers:?}");
    assert!(world.show(long).await.row.reason.is_none());
}
