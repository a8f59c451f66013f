//! Whether X is out of order or one account's sign-in is worth nothing: the other accounts know.
//!
//! X has answered «not accepted» to everybody for hours before. A refused grant ends an account's
//! sign-in, which only the person repairs, so a refusal is believed only beside another account of
//! the same app whose sign-in X renews at this moment: that X accepts its living token says nothing
//! of the part that renews, and that X renewed one before it refused this one says nothing of now.
//! When X refused several within minutes, it has to refuse this one again later. Without another
//! account to ask, or when it lasted (`doubt`), it is believed as well.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use roost_relay_api::AccountHealth;
use roost_x_api::{Class, FailureKind};

use super::refresh::{ask, doubt, keep, not_renewed};
use super::token_cache::{ATTEMPT_EVERY, Held, Seat, Trouble};
use crate::incidents::Subject;
use crate::rows::account::{self, AccountRow};
use crate::shared::Shared;

/// Accounts that are asked, at the most.
const WITNESSES: usize = 3;
/// Refusals of several accounts within this time are an outage first.
const TOGETHER: Duration = Duration::from_secs(10 * 60);

/// What is known of an app's other accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    /// X renews the sign-in of one of them.
    Renewed,
    /// There is none that could say.
    None,
    /// X renews none of those that were asked, or nobody could be asked at this moment.
    Doubtful,
}

/// Whether X's refusal of a grant ends the sign-in.
pub(super) async fn is_believed(
    shared: &Shared,
    id: &XUserId,
    held: &Held,
    refused_at: UnixMillis,
) -> Result<bool, Trouble> {
    let client_id = &held.grant.client_id;
    let others = others(shared, id, client_id, refused_at).await?;
    let now = shared.now();
    let (user, client_id) = (id.clone(), client_id.clone());
    let (since, several) = shared
        .read("refusals", move |c| {
            let since = account::get(c, &user)?.and_then(|row| row.doubted_since);
            Ok((since, account::is_other_refused(c, &user, &client_id, now.minus(TOGETHER))?))
        })
        .await?;
    let lasted = since.map_or(Duration::ZERO, |since| now.since(since));
    Ok(match others {
        Others::None if !several => true,
        Others::Renewed => !several || lasted >= ATTEMPT_EVERY,
        Others::None | Others::Doubtful => since.is_some() && lasted >= shared.config.pace.doubt,
    })
}

/// Asks X about other accounts of the same app.
async fn others(
    shared: &Shared,
    id: &XUserId,
    client_id: &str,
    refused_at: UnixMillis,
) -> Result<Others, Trouble> {
    let rows = shared.read("witnesses", account::list).await?;
    let could_say = |row: &AccountRow| {
        row.account.x_user_id != *id
            && row.client_id == client_id
            && row.account.health == AccountHealth::Connected
            && row.account.proven_at.is_some()
            && row.grant_sealed.is_some()
    };
    let mut witnesses: Vec<AccountRow> = rows.into_iter().filter(could_say).collect();
    if witnesses.is_empty() {
        return Ok(Others::None);
    }
    // Those that X did not refuse; of them the one whose turn to be renewed comes first.
    witnesses.sort_by_key(|row| (row.doubted_since.is_some(), row.expires_at));
    for witness in witnesses.into_iter().take(WITNESSES) {
        let other = witness.account.x_user_id;
        let holder = shared.tokens.of(&other);
        // Whoever holds it may be asking about this account: neither waits for the other.
        let Ok(mut seat) = holder.try_lock() else { continue };
        if seat.is_renewed(shared, &other, refused_at).await? {
            return Ok(Others::Renewed);
        }
    }
    Ok(Others::Doubtful)
}

impl Seat {
    /// Whether X renews this account's sign-in, asked unless X renewed it since it refused the other
    /// one: a renewal from before an outage is no word about the outage.
    async fn is_renewed(
        &mut self,
        shared: &Shared,
        id: &XUserId,
        refused_at: UnixMillis,
    ) -> Result<bool, Trouble> {
        let now = shared.now();
        if self.was_renewed_lately(now) && self.refreshed_at.is_some_and(|at| at >= refused_at) {
            return Ok(true);
        }
        if self.was_tried_lately(now) || self.sit(shared, id).await.is_err() {
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
                let trouble = if failure.kind == FailureKind::GrantRefused {
                    doubt(shared, id, held.version).await?
                } else {
                    let code = not_renewed(&failure);
                    shared.incidents.begin(Subject::Account(id.clone()), code);
                    Trouble::Refused { code, reason: failure.to_string() }
                };
                let kept =
                    failure.class() == Class::Definite && failure.kind != FailureKind::GrantRefused;
                // A token that may be spent is read from the store again.
                self.held = kept.then_some(held);
                self.failed = Some((now, trouble));
                Ok(false)
            }
        }
    }
}
