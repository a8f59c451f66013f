//! Accounts as the relay reports them: kept here, told to the person once, and followed by what the
//! person wants done with their posts.

use roost_core::failure::Code;
use roost_core::status::{Actor, Status};
use roost_relay_api::AccountHealth as ReportedHealth;
use roost_store::{Account, AccountHealth, Post, Tx, WithdrawTo};
use tokio::time::Instant;

use crate::preferences::WHEN_DISCONNECTED;
use crate::relay::effects::Effects;
use crate::state::{EngineState, Services};
use crate::{Result, WhenDisconnected, cancel, notify, outgrown};

/// Returns why an account of this health can't post; none when it can.
pub(crate) const fn code(health: AccountHealth) -> Option<Code> {
    match health {
        AccountHealth::Connected => None,
        AccountHealth::Suspended => Some(Code::AccountSuspended),
        AccountHealth::Disconnected => Some(Code::SignInNeeded),
    }
}

/// Returns an account's health as the store keeps it.
pub(crate) const fn stored_health(reported: ReportedHealth) -> AccountHealth {
    match reported {
        ReportedHealth::Connected => AccountHealth::Connected,
        ReportedHealth::Disconnected => AccountHealth::Disconnected,
        ReportedHealth::Suspended => AccountHealth::Suspended,
    }
}

/// Returns an account as the store keeps it.
pub(crate) fn stored(reported: &roost_relay_api::Account, known: Option<&Account>) -> Account {
    Account {
        x_user_id: reported.x_user_id.clone(),
        username: reported.username.clone(),
        name: reported.name.clone(),
        subscription_type: reported.subscription_type.clone(),
        health: stored_health(reported.health),
        message: reported.message.clone(),
        proven_at: reported.proven_at,
        removed_at: known.and_then(|known| known.removed_at),
        // Events carry no limits.
        limits: reported.limits.clone().or_else(|| known.and_then(|known| known.limits.clone())),
    }
}

/// What says how an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The relay reported it.
    Reported,
    /// The relay does not know the account.
    Absent,
}

/// Reads the accounts anew from the relay. Those that it does not have can't post.
///
/// # Errors
/// When the relay can't be reached, or the store can't be used.
pub(crate) async fn refresh(engine: &EngineState, services: &Services) -> Result<()> {
    let asked = Instant::now();
    let reported = engine.relay_answered(asked, services.relay.accounts().await)?;
    let mut effects = Effects::begin(engine).await?;
    let effects = engine
        .write("accounts.refresh", move |store| {
            effects.accounts = true;
            apply_all(store, &reported, &mut effects)?;
            Ok(effects)
        })
        .await?;
    effects.publish(engine);
    Ok(())
}

fn apply_all(
    store: &mut Tx<'_>,
    reported: &[roost_relay_api::Account],
    effects: &mut Effects,
) -> Result<()> {
    for known in store.accounts()? {
        if !reported.iter().any(|account| account.x_user_id == known.x_user_id) {
            let gone = Account { health: AccountHealth::Disconnected, ..known };
            apply_account(store, &gone, Source::Absent, effects)?;
        }
    }
    reported.iter().try_for_each(|account| apply_reported(store, account, effects))
}

/// Takes in an account that the relay reported.
///
/// # Errors
/// When the store can't be used.
pub(super) fn apply_reported(
    store: &mut Tx<'_>,
    reported: &roost_relay_api::Account,
    effects: &mut Effects,
) -> Result<()> {
    // An account that the person removed here does not come back by an event.
    let known = store.account(&reported.x_user_id)?;
    apply_account(store, &stored(reported, known.as_ref()), Source::Reported, effects)
}

/// Takes in how an account is now. The change, the notice and the withdrawals stand in one
/// transaction: a disconnection is told and followed once, whenever this process ends.
fn apply_account(
    store: &mut Tx<'_>,
    account: &Account,
    source: Source,
    effects: &mut Effects,
) -> Result<()> {
    let before = store.account(&account.x_user_id)?;
    if before.as_ref() == Some(account) {
        return Ok(());
    }
    store.save_account(account)?;
    effects.accounts = true;
    effects.notices |= outgrown::judge(store, before.as_ref(), account)?;
    // An account that the person took away needs no sign-in.
    if account.removed_at.is_some() {
        return Ok(());
    }
    let was = before.as_ref().map_or(AccountHealth::Connected, |account| account.health);
    if account.health == was {
        let had_words = before.as_ref().is_some_and(|account| account.message.is_some());
        if account.health == AccountHealth::Connected && !had_words {
            effects.notices |= notify::doubt(store, account)?;
        }
        return Ok(());
    }
    // A relay that knows no account (another one, or one that lost its file) refused nothing.
    let cancels = account.health == AccountHealth::Disconnected
        && source == Source::Reported
        && store.setting(WHEN_DISCONNECTED)? == Some(WhenDisconnected::Cancel);
    let cancelled = match cancels {
        // The person said so beforehand, and may have each of them back.
        true => cancel::pending_of(store, &account.x_user_id)?.withdrawn().count(),
        false => 0,
    };
    effects.notices |= notify::account(store, account, cancelled)?;
    effects.withdrawn |= cancelled > 0;
    Ok(())
}

/// Withdraws the post whose call brought the disconnection to light: it was being sent while the others
/// were withdrawn. Returns whether it is one.
///
/// # Errors
/// When the store can't be used.
pub(super) fn follow_sign_out(store: &mut Tx<'_>, before: &Post, after: &Post) -> Result<bool> {
    let signed_out = after.error_code.as_deref() == Some(Code::SignInNeeded.as_str());
    let taken_back = before.status == Status::Sending && after.status == Status::Held;
    let cancels = signed_out
        && taken_back
        && after.withdraw_to.is_none()
        && store.setting(WHEN_DISCONNECTED)? == Some(WhenDisconnected::Cancel);
    if cancels {
        store.withdraw_post(after.id, WithdrawTo::Cancelled, Actor::Person)?;
    }
    Ok(cancels)
}
