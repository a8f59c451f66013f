//! Proving grants ahead of time, so that a refusal is told by day and not at night.

use std::sync::Arc;

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use roost_relay_api::{Account, AccountHealth};
use roost_x_api::{Failure, FailureKind, Me};
use rusqlite::params;

use super::hold::{Trouble, access, renew};
use super::subscription_word;
use crate::change::tell_account;
use crate::rows::account;
use crate::rows::post::{self, Wake};
use crate::shared::Shared;

/// A proof that did not come about is tried again after this long, at the earliest.
const TRY_AGAIN_MS: i64 = 60_000;

/// The accounts whose grant is to be proven now: never proven, not for a day, or not since a
/// post came within reach.
pub(crate) async fn prove_due(shared: &Arc<Shared>) {
    if shared.config.dry_run {
        return;
    }
    let (now, pace) = (shared.now(), &shared.config.pace);
    let (daily, ahead) = (now.minus(pace.prove_every), now.plus(pace.prove_before_due));
    let recent = now.minus(pace.prove_before_due);
    let due = shared
        .read("prove-due", move |c| {
            c.prepare_cached(
                "SELECT x_user_id FROM account a
                  WHERE health = 'connected' AND grant_sealed IS NOT NULL
                    AND ifnull(tried_at, 0) <= ?1
                    AND (proven_at IS NULL OR proven_at < ?2
                         OR (proven_at < ?3 AND EXISTS (
                             SELECT 1 FROM post p WHERE p.account = a.x_user_id
                                AND p.state IN ('staged', 'claimed', 'waiting')
                                AND p.due_at <= ?4)))",
            )?
            .query_map(params![now.0 - TRY_AGAIN_MS, daily.0, recent.0, ahead.0], |row| {
                row.get(0).map(XUserId)
            })?
            .collect::<rusqlite::Result<Vec<_>>>()
        })
        .await;
    for id in due.unwrap_or_default() {
        if shared.stopping.is_cancelled() {
            return;
        }
        prove(shared, &id).await;
    }
}

/// Asks X whose grant this is, with a refresh when the token is not accepted.
pub(crate) async fn prove(shared: &Arc<Shared>, id: &XUserId) {
    let outcome = ask(shared, id).await;
    let now = shared.now();
    let user = id.clone();
    let written = match outcome {
        Ok(me) => shared.write("account-proven", move |c| proven(c, &user, me, now)).await,
        Err(reason) => {
            tracing::warn!(account.id = %id, reason, "the grant could not be proven");
            shared.write("account-tried", move |c| account::tried(c, &user, now)).await
        }
    };
    if written.is_ok() {
        shared.work.notify_one();
    }
}

async fn ask(shared: &Shared, id: &XUserId) -> Result<Me, String> {
    let say = |trouble: Trouble| trouble.to_string();
    let token = access(shared, id).await.map_err(say)?;
    let refused = |failure: &Failure| failure.kind == FailureKind::Unauthorized;
    match shared.x.me(token.token.expose()).await {
        Err(failure) if refused(&failure) => {
            let token = renew(shared, id, token.version).await.map_err(say)?;
            shared.x.me(token.token.expose()).await.map_err(|failure| failure.to_string())
        }
        result => result.map_err(|failure| failure.to_string()),
    }
}

fn proven(
    connection: &rusqlite::Connection,
    id: &XUserId,
    me: Me,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let Some(row) = account::get(connection, id)? else { return Ok(()) };
    if me.id != id.0 {
        let message = format!(
            "This sign-in belongs to @{}, another account. Sign in again with the right one.",
            me.username
        );
        let health = AccountHealth::Disconnected;
        account::set_health(connection, id, row.grant_version, health, Some(&message), now)?;
        return tell_account(connection, id, now);
    }
    let was = row.account.clone();
    let account = Account {
        username: me.username,
        name: me.name,
        subscription_type: subscription_word(me.subscription)
            .map(str::to_owned)
            .or(row.account.subscription_type),
        ..row.account
    };
    account::proven(connection, &account, now)?;
    post::wake(connection, Wake::Endless, Some(id), now)?;
    // Proving happens every day; the feed tells what changed.
    if was.proven_at.is_none() || was != account {
        tell_account(connection, id, now)?;
    }
    Ok(())
}
