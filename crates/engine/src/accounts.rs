//! Accounts: known here by name, held by the relay with their grants.

use roost_core::id::{PostId, XUserId};
use roost_core::limits::Subscription;
use roost_core::status::Actor;
use roost_relay_api::{AccountHealth, Grant};
use roost_store::{Account, Edit, Filter, Label, List, Page, Tx};
use tokio::time::Instant;

use crate::relay::{account_sync, session};
use crate::state::EngineState;
use crate::view::AccountRow;
use crate::{Change, Error, Result, paused};

/// The accounts known here.
pub(crate) async fn list(engine: &EngineState) -> Result<Vec<AccountRow>> {
    engine
        .read(|store| {
            let paused = paused::get(store)?;
            let rows = store.accounts()?.into_iter().map(|account| {
                let counts = store.status_counts(Some(&account.x_user_id))?;
                let pending = store.count_cancellable(&account.x_user_id)?;
                let is_paused = paused.accounts.contains(&account.x_user_id);
                Ok(account_row(account, counts.in_list(List::Upcoming), pending, is_paused))
            });
            rows.collect()
        })
        .await
}

fn account_row(account: Account, open: u64, pending: u64, paused: bool) -> AccountRow {
    let subscription = Subscription::from_x(account.subscription_type.as_deref());
    AccountRow {
        text_limit: account.limits.unwrap_or_default().length_for(subscription),
        health: match account.health {
            roost_store::AccountHealth::Connected => AccountHealth::Connected,
            roost_store::AccountHealth::Disconnected => AccountHealth::Disconnected,
            roost_store::AccountHealth::Suspended => AccountHealth::Suspended,
        },
        x_user_id: account.x_user_id,
        username: account.username,
        name: account.name,
        message: account.message,
        subscription_type: account.subscription_type,
        proven_at: account.proven_at,
        open,
        pending,
        paused,
    }
}

/// The account with a handle, with or without `@`.
pub(crate) async fn named(engine: &EngineState, handle: &str) -> Result<XUserId> {
    let wanted = handle.to_owned();
    let (found, connected) = engine
        .read(move |store| Ok((store.account_by_username(&wanted)?, store.accounts()?)))
        .await?;
    found.map(|account| account.x_user_id).ok_or_else(|| Error::UnknownAccount {
        name: handle.to_owned(),
        connected: crate::compose::handles(&connected),
    })
}

/// Gives a sign-in to the relay, which proves it; here only the account's name is kept.
pub(crate) async fn connect(
    engine: &EngineState,
    user: XUserId,
    grant: Grant,
) -> Result<AccountRow> {
    let services = engine.services()?;
    session::ensure_registered(engine, &services).await?;
    let asked = Instant::now();
    let answer = services.relay.connect(&user, &grant).await;
    let told = engine.relay_answered(asked, answer)?;
    let account = account_sync::stored(&told, None);
    let saved = account.clone();
    engine
        .write("accounts.connect", move |store| {
            store.save_account(&saved)?;
            store.add_step(Label::SignIn, Some(saved.x_user_id.0.clone()), None);
            adopt(store)
        })
        .await?;
    engine.publish(Change::Accounts);
    engine.publish(Change::Everything);
    engine.wake.notify_one();
    let paused = engine.read(paused::get).await?;
    let is_paused = paused.accounts.contains(&account.x_user_id);
    Ok(account_row(account, 0, 0, is_paused))
}

/// Posts written before any account was connected belong to the first one.
fn adopt(store: &mut Tx<'_>) -> Result<()> {
    let accounts = store.accounts()?;
    let [only] = accounts.as_slice() else { return Ok(()) };
    for list in [List::Upcoming, List::Drafts] {
        for id in without_account(store, list)? {
            let edit = Edit { account: Some(Some(only.x_user_id.clone())), ..Edit::default() };
            store.edit_post(id, &edit, Actor::Person)?;
        }
    }
    Ok(())
}

fn without_account(store: &Tx<'_>, list: List) -> Result<Vec<PostId>> {
    let filter = Filter { list: Some(list), ..Filter::default() };
    let mut page = Page { limit: 1000, ..Page::default() };
    let mut ids = Vec::new();
    loop {
        let found = store.posts(&filter, &page)?;
        let orphans = found.posts.iter().filter(|post| post.account.is_none());
        ids.extend(orphans.map(|post| post.id));
        let Some(next) = found.next else { return Ok(ids) };
        page.after = Some(next);
    }
}

/// Takes an account's sign-in from the relay; its posts keep naming it. It is out of the lists first,
/// so that the relay's word of it is no news to anybody; and back in them when that fails.
pub(crate) async fn disconnect(engine: &EngineState, user: XUserId) -> Result<()> {
    let services = engine.services()?;
    let removed = user.clone();
    let known = engine
        .write("accounts.disconnect", move |store| {
            let known = store.account(&removed)?;
            store.remove_account(&removed)?;
            store.add_step(Label::Disconnect, Some(removed.0.clone()), None);
            Ok(known)
        })
        .await?;
    let asked = Instant::now();
    let answer = services.relay.disconnect(&user).await;
    let done = engine.relay_answered(asked, answer);
    if let (Err(_), Some(known)) = (&done, known) {
        engine.write("accounts.kept", move |store| Ok(store.save_account(&known)?)).await?;
    }
    engine.publish(Change::Accounts);
    done
}
