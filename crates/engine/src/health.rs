//! An account as the relay tells of it: kept here, told to the person once, and followed by what the
//! person wants done with its posts.

use roost_core::failure::Code;
use roost_core::id::{PostId, XUserId};
use roost_core::status::{Actor, Status};
use roost_store::{
    Account, AccountHealth, Error as StoreError, Filter, Page, Post, Tx, WithdrawTo,
};

use crate::preferences::WHEN_DISCONNECTED;
use crate::{Result, WhenDisconnected, notify};

/// What hearing of an account changed here.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// The account's row.
    pub(crate) changed: bool,
    /// There is something to tell.
    pub(crate) notice: bool,
    /// Posts that are withdrawn with it.
    pub(crate) cancelled: Vec<PostId>,
}

/// What says how an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The relay's word.
    Told,
    /// The relay's silence: it does not know the account.
    Unheard,
}

/// Takes in how an account is now. The change, the notice and the withdrawals stand in one
/// transaction: a disconnection is told and followed once, whenever this process ends.
pub(crate) fn hear(store: &mut Tx<'_>, account: &Account, source: Source) -> Result<Heard> {
    let before = store.account(&account.x_user_id)?;
    if before.as_ref() == Some(account) {
        return Ok(Heard::default());
    }
    store.save_account(account)?;
    let mut heard = Heard { changed: true, ..Heard::default() };
    let was = before.as_ref().map_or(AccountHealth::Connected, |account| account.health);
    // An account that the person took away needs no sign-in.
    if account.health == was || account.removed_at.is_some() {
        return Ok(heard);
    }
    // A relay that knows no account (another one, or one that lost its file) refused nothing.
    let cancels = account.health == AccountHealth::Disconnected
        && source == Source::Told
        && store.setting(WHEN_DISCONNECTED)? == Some(WhenDisconnected::Cancel);
    if cancels {
        heard.cancelled = cancel_pending(store, &account.x_user_id)?;
    }
    heard.notice = notify::account(store, account, heard.cancelled.len())?;
    Ok(heard)
}

/// Withdraws the post whose call brought the disconnection to light: it was being sent while the others
/// were withdrawn.
pub(crate) fn follow(store: &mut Tx<'_>, before: &Post, after: &Post) -> Result<bool> {
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

/// Withdraws whatever of an account is still to go out. The person said so beforehand, and may
/// have each of them back.
fn cancel_pending(store: &mut Tx<'_>, user: &XUserId) -> Result<Vec<PostId>> {
    let statuses = vec![Status::Pending, Status::Queued, Status::Held];
    let filter = Filter { statuses, account: Some(user.clone()), ..Filter::default() };
    let mut page = Page { limit: 1000, ..Page::default() };
    let mut ids = Vec::new();
    loop {
        let found = store.posts(&filter, &page)?;
        ids.extend(found.posts.iter().map(|post| post.id));
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    let mut cancelled = Vec::with_capacity(ids.len());
    for id in ids {
        match store.withdraw_post(id, WithdrawTo::Cancelled, Actor::Person) {
            Ok(_) => cancelled.push(id),
            // It is being sent, or was.
            Err(StoreError::Refused { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(cancelled)
}
