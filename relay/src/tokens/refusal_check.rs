//! Whether X is out of order or one account's sign-in is worth nothing: the other accounts know.
//!
//! X has answered "not accepted" to everybody for hours before. A refused grant ends an account's
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

use super::refresh_steps::{record_doubt, request_refresh, store_new_pair, unrenewed_code};
use super::token_cache::{CachedGrant, REFRESH_INTERVAL_MIN, TokenError, TokenSlot};
use crate::incidents::Subject;
use crate::rows::account::{self, AccountRow};
use crate::shared::Shared;

/// Accounts that are asked, at the most.
const PEERS_MAX: usize = 3;
/// Refusals of several accounts within this time are an outage first.
const SAME_OUTAGE_WINDOW: Duration = Duration::from_secs(10 * 60);

/// What is known of an app's other accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PeerCheck {
    /// X renews the sign-in of one of them.
    Renewed,
    /// There is none that could say.
    NoPeers,
    /// X renews none of those that were asked, or nobody could be asked at this moment.
    Inconclusive,
}

/// Whether X's refusal of a grant ends the sign-in.
pub(super) async fn is_refusal_final(
    shared: &Shared,
    id: &XUserId,
    cached: &CachedGrant,
    refused_at: UnixMillis,
) -> Result<bool, TokenError> {
    let client_id = &cached.grant.client_id;
    let others = ask_peers(shared, id, client_id, refused_at).await?;
    let now = shared.now();
    let (user, client_id) = (id.clone(), client_id.clone());
    let (since, several) = shared
        .read("refusals", move |c| {
            let since = account::get(c, &user)?.and_then(|row| row.doubted_since);
            Ok((
                since,
                account::is_other_refused(c, &user, &client_id, now.minus(SAME_OUTAGE_WINDOW))?,
            ))
        })
        .await?;
    let lasted = since.map_or(Duration::ZERO, |since| now.since(since));
    Ok(match others {
        PeerCheck::NoPeers if !several => true,
        PeerCheck::Renewed => !several || lasted >= REFRESH_INTERVAL_MIN,
        PeerCheck::NoPeers | PeerCheck::Inconclusive => {
            since.is_some() && lasted >= shared.config.pace.doubt
        }
    })
}

/// Asks X about other accounts of the same app.
async fn ask_peers(
    shared: &Shared,
    id: &XUserId,
    client_id: &str,
    refused_at: UnixMillis,
) -> Result<PeerCheck, TokenError> {
    let rows = shared.read("witnesses", account::list).await?;
    let is_usable_peer = |row: &AccountRow| {
        row.account.x_user_id != *id
            && row.client_id == client_id
            && row.account.health == AccountHealth::Connected
            && row.account.proven_at.is_some()
            && row.grant_sealed.is_some()
    };
    let mut peers: Vec<AccountRow> = rows.into_iter().filter(is_usable_peer).collect();
    if peers.is_empty() {
        return Ok(PeerCheck::NoPeers);
    }
    // Those that X did not refuse; of them the one whose turn to be renewed comes first.
    peers.sort_by_key(|row| (row.doubted_since.is_some(), row.expires_at));
    for peer in peers.into_iter().take(PEERS_MAX) {
        let other = peer.account.x_user_id;
        let locked = shared.tokens.slot(&other);
        // Whoever holds it may be asking about this account: neither waits for the other.
        let Ok(mut slot) = locked.try_lock() else { continue };
        if slot.is_renewed(shared, &other, refused_at).await? {
            return Ok(PeerCheck::Renewed);
        }
    }
    Ok(PeerCheck::Inconclusive)
}

impl TokenSlot {
    /// Whether X renews this account's sign-in, asked unless X renewed it since it refused the other
    /// one: a renewal from before an outage is no word about the outage.
    async fn is_renewed(
        &mut self,
        shared: &Shared,
        id: &XUserId,
        refused_at: UnixMillis,
    ) -> Result<bool, TokenError> {
        let now = shared.now();
        if self.was_renewed_recently(now) && self.refreshed_at.is_some_and(|at| at >= refused_at) {
            return Ok(true);
        }
        if self.refresh_failed_recently(now) || self.load(shared, id).await.is_err() {
            return Ok(false);
        }
        let Some(cached) = self.cached.take() else { return Ok(false) };
        match request_refresh(shared, &cached.grant).await {
            Ok(tokens) => {
                self.cached = Some(store_new_pair(shared, id, &cached, &tokens).await?);
                (self.failed, self.refreshed_at) = (None, Some(shared.now()));
                Ok(true)
            }
            Err(failure) => {
                let trouble = if failure.kind == FailureKind::GrantRefused {
                    record_doubt(shared, id, cached.version).await?
                } else {
                    let code = unrenewed_code(&failure);
                    shared.incidents.begin(Subject::Account(id.clone()), code);
                    TokenError::Refused { code, reason: failure.to_string() }
                };
                let kept =
                    failure.class() == Class::Definite && failure.kind != FailureKind::GrantRefused;
                // A token that may be spent is read from the store again.
                self.cached = kept.then_some(cached);
                self.failed = Some((now, trouble));
                Ok(false)
            }
        }
    }
}
