//! Whether X is out of order or one account's grant is worth nothing: the other accounts know.
//!
//! X has answered «not accepted» to everybody for hours before. A refused grant ends an account's
//! sign-in, which only the person repairs, so it is believed when X accepts another account of the
//! same app, when there is none to ask, or when it lasted (`doubt`).

use roost_core::id::XUserId;
use roost_relay_api::AccountHealth;
use roost_x_api::{Class, FailureKind};

use super::hold::{Seat, Trouble};
use super::refresh::{ask, keep};
use crate::rows::account::{self, AccountRow};
use crate::shared::Shared;

/// Accounts that are asked, at the most.
const WITNESSES: usize = 3;

/// What is known of an app's other accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// X accepts one of them.
    Accepted,
    /// There is none that could say.
    None,
    /// X accepts none of those that were asked, or nobody could be asked at this moment.
    Doubtful,
}

/// Asks X about other accounts of the same app.
pub(super) async fn others(
    shared: &Shared,
    id: &XUserId,
    client_id: &str,
) -> Result<Others, Trouble> {
    let rows = shared.read("witnesses", account::list).await?;
    let could_say = |row: &AccountRow| {
        row.account.x_user_id != *id
            && row.client_id == client_id
            && row.account.health == AccountHealth::Connected
            && row.account.proven_at.is_some()
            && row.grant_sealed.is_some()
    };
    let witnesses: Vec<AccountRow> = rows.into_iter().filter(could_say).take(WITNESSES).collect();
    if witnesses.is_empty() {
        return Ok(Others::None);
    }
    for witness in witnesses {
        let other = witness.account.x_user_id;
        let holder = shared.tokens.of(&other);
        // Whoever holds it may be asking about this account: neither waits for the other.
        let Ok(mut seat) = holder.try_lock() else { continue };
        if seat.is_accepted(shared, &other).await? {
            return Ok(Others::Accepted);
        }
    }
    Ok(Others::Doubtful)
}

impl Seat {
    /// Whether X accepts this account's token, refreshed when it has ended.
    async fn is_accepted(&mut self, shared: &Shared, id: &XUserId) -> Result<bool, Trouble> {
        let now = shared.now();
        let (token, grant_alive) = {
            let Ok(held) = self.sit(shared, id).await else { return Ok(false) };
            (held.access().token, held.expires_at > now)
        };
        if grant_alive {
            return Ok(shared.x.me(token.expose()).await.is_ok());
        }
        if self.was_tried_lately(now) {
            return Ok(false);
        }
        let Some(held) = self.held.take() else { return Ok(false) };
        match ask(shared, &held.grant).await {
            Ok(tokens) => {
                self.held = Some(keep(shared, id, &held, &tokens).await?);
                (self.failed, self.refreshed_at) = (None, Some(shared.now()));
                Ok(true)
            }
            Err(failure) => {
                let kept =
                    failure.class() == Class::Definite && failure.kind != FailureKind::GrantRefused;
                // A token that may be spent is read from the store again.
                self.held = kept.then_some(held);
                self.failed = Some((now, Trouble::Passing(failure.to_string())));
                Ok(false)
            }
        }
    }
}
