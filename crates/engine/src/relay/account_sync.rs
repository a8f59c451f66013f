//! An account as the relay tells of it: kept here, told to the person once, and followed by what the
//! person wants done with its posts.

use roost_core::failure::Code;
use roost_core::status::{Actor, Status};
use roost_store::{Account, AccountHealth, Post, Tx, WithdrawTo};

use crate::preferences::WHEN_DISCONNECTED;
use crate::{Cancelled, Result, WhenDisconnected, cancel, notify};

/// What hearing of an account changed here.
#[derive(Debug, Default)]
pub(crate) struct AccountEffects {
    /// The account's row.
    pub(crate) changed: bool,
    /// There is something to tell.
    pub(crate) notice: bool,
    /// Posts that are withdrawn with it.
    pub(crate) cancelled: Cancelled,
}

/// Returns why an account of this health can't post; none when it can.
pub(crate) const fn code(health: AccountHealth) -> Option<Code> {
    match health {
        AccountHealth::Connected => None,
        AccountHealth::Suspended => Some(Code::AccountSuspended),
        AccountHealth::Disconnected => Some(Code::SignInNeeded),
    }
}

/// Returns the relay's word for an account's health as the store keeps it.
pub(crate) const fn stored(told: roost_relay_api::AccountHealth) -> AccountHealth {
    match told {
        roost_relay_api::AccountHealth::Connected => AccountHealth::Connected,
        roost_relay_api::AccountHealth::Disconnected => AccountHealth::Disconnected,
        roost_relay_api::AccountHealth::Suspended => AccountHealth::Suspended,
    }
}

/// What says how an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The relay's word.
    Reported,
    /// The relay's silence: it does not know the account.
    Absent,
}

/// Takes in how an account is now. The change, the notice and the withdrawals stand in one
/// transaction: a disconnection is told and followed once, whenever this process ends.
pub(crate) fn apply_account(
    store: &mut Tx<'_>,
    account: &Account,
    source: Source,
) -> Result<AccountEffects> {
    let before = store.account(&account.x_user_id)?;
    if before.as_ref() == Some(account) {
        return Ok(AccountEffects::default());
    }
    store.save_account(account)?;
    let mut effects = AccountEffects { changed: true, ..AccountEffects::default() };
    let was = before.as_ref().map_or(AccountHealth::Connected, |account| account.health);
    // An account that the person took away needs no sign-in.
    if account.removed_at.is_some() {
        return Ok(effects);
    }
    if account.health == was {
        let had_words = before.as_ref().is_some_and(|account| account.message.is_some());
        if account.health == AccountHealth::Connected && !had_words {
            effects.notice = notify::doubt(store, account)?;
        }
        return Ok(effects);
    }
    // A relay that knows no account (another one, or one that lost its file) refused nothing.
    let cancels = account.health == AccountHealth::Disconnected
        && source == Source::Reported
        && store.setting(WHEN_DISCONNECTED)? == Some(WhenDisconnected::Cancel);
    if cancels {
        // The person said so beforehand, and may have each of them back.
        effects.cancelled = cancel::pending_of(store, &account.x_user_id)?;
    }
    effects.notice = notify::account(store, account, effects.cancelled.withdrawn().count())?;
    Ok(effects)
}

/// Withdraws the post whose call brought the disconnection to light: it was being sent while the others
/// were withdrawn.
pub(crate) fn follow_sign_out(store: &mut Tx<'_>, before: &Post, after: &Post) -> Result<bool> {
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
