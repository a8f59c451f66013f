//! Proving grants ahead of time, so that a refusal is told by day and not at night.

use std::sync::Arc;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_relay_api::{Account, AccountHealth};
use roost_x_api::{Failure, FailureKind, Me};
use rusqlite::params;

use super::access::{access, renew};
use super::subscription_word;
use super::token_cache::TokenError;
use crate::incidents::Subject;
use crate::ledger_write::LedgerWrite;
use crate::rows::account;
use crate::rows::post::{self, Wake};
use crate::shared::Shared;
use crate::transitions::emit_account;

/// A proof that did not come about is tried again after this long, at the earliest.
const PROOF_RETRY_MS: i64 = 60_000;

/// The accounts whose grant is to be proven now: never proven, not for a day, or not since a
/// post came within reach. What was proven or tried in the future was so by a clock that was wrong.
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
                    AND (ifnull(tried_at, 0) <= ?1 OR tried_at > ?5)
                    AND (proven_at IS NULL OR proven_at < ?2 OR proven_at > ?5
                         OR (proven_at < ?3 AND EXISTS (
                             SELECT 1 FROM post p WHERE p.account = a.x_user_id
                                AND p.state IN ('staged', 'claimed', 'waiting')
                                AND p.due_at <= ?4)))",
            )?
            .query_map(params![now.0 - PROOF_RETRY_MS, daily.0, recent.0, ahead.0, now.0], |row| {
                row.get(0).map(XUserId)
            })?
            .collect::<rusqlite::Result<Vec<_>>>()
        })
        .await;
    for id in due.unwrap_or_default() {
        if shared.stopping.is_cancelled() {
            return;
        }
        // Why not is in the account's row, or the next try comes soon.
        let _ = prove(shared, &id).await;
    }
}

/// Asks X whose grant this is, with a refresh when the token is not accepted.
///
/// # Errors
/// Why X does not take it, or could not be asked.
pub(crate) async fn prove(shared: &Arc<Shared>, id: &XUserId) -> Result<(), String> {
    let outcome = ask(shared, id).await;
    let now = shared.now();
    let user = id.clone();
    let said = match &outcome {
        Ok((me, _)) if me.id != id.0 => Err(other_account(&me.username)),
        Ok(_) => Ok(()),
        Err(reason) => Err(reason.clone()),
    };
    let written = match outcome {
        Ok((me, version)) => {
            shared
                .incidents
                .end(&Subject::Account(id.clone()), &[Code::XUnavailable, Code::XUnreachable]);
            if me.id != id.0 {
                shared.incidents.begin(Subject::Account(id.clone()), Code::SignInNeeded);
            }
            shared.write("account-proven", move |c| proven(c, &user, version, me, now)).await
        }
        Err(reason) => {
            tracing::debug!(account.id = %id, reason, "the grant could not be proven");
            shared.write("account-tried", move |c| account::tried(c, &user, now)).await
        }
    };
    if written.is_ok() {
        shared.work.notify_one();
    }
    said
}

fn other_account(username: &str) -> String {
    format!(
        "This sign-in belongs to @{username}, another account. Sign in again with the right one."
    )
}

/// Whose the grant is, and which version of it X spoke of.
async fn ask(shared: &Shared, id: &XUserId) -> Result<(Me, i64), String> {
    let say = |trouble: TokenError| trouble.to_string();
    let token = access(shared, id).await.map_err(say)?;
    let refused = |failure: &Failure| failure.kind == FailureKind::Unauthorized;
    match shared.x.me(token.token.expose()).await {
        Err(failure) if refused(&failure) => {
            let token = renew(shared, id, token.version).await.map_err(say)?;
            shared.x.me(token.token.expose()).await.map(|me| (me, token.version))
        }
        result => result.map(|me| (me, token.version)),
    }
    .map_err(|failure| {
        let answered = failure.status.is_some();
        let code = if answered { Code::XUnavailable } else { Code::XUnreachable };
        shared.incidents.begin(Subject::Account(id.clone()), code);
        failure.to_string()
    })
}

fn proven(
    ledger: &mut LedgerWrite<'_>,
    id: &XUserId,
    version: i64,
    me: Me,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let row = account::get(ledger, id)?;
    // Another grant came meanwhile: nothing was said of that one.
    let Some(row) = row.filter(|row| row.grant_version == version) else { return Ok(()) };
    if me.id != id.0 {
        let message = other_account(&me.username);
        let health = AccountHealth::Disconnected;
        account::set_health(ledger, id, row.grant_version, health, Some(&message), now)?;
        return emit_account(ledger, id, now);
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
    account::proven(ledger, &account, now)?;
    post::wake(ledger, Wake::Endless, Some(id), now)?;
    // Proving happens every day; the feed tells what changed.
    if was.proven_at.is_none() || was != account {
        emit_account(ledger, id, now)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::test_ledger;

    #[test]
    fn what_x_says_of_an_old_grant_proves_nothing_of_the_new_one() {
        let me = |id: &str| Me {
            id: id.to_owned(),
            name: "Ada".to_owned(),
            username: "ada".to_owned(),
            verified: None,
            verified_type: None,
            subscription: roost_x_api::Subscription::None,
            profile_image_url: None,
            limits: roost_x_api::RateHeaders::default(),
        };
        let user = XUserId("1".to_owned());
        let now = UnixMillis(150);
        for (version, id, proven_at, health) in [
            (4, "1", None, AccountHealth::Connected),
            (4, "2", None, AccountHealth::Connected),
            (5, "1", Some(now), AccountHealth::Connected),
            (5, "2", None, AccountHealth::Disconnected),
        ] {
            let ledger = test_ledger::ledger();
            ledger
                .execute_batch("UPDATE account SET grant_version = 5, proven_at = NULL")
                .expect("changed");
            proven(&mut LedgerWrite::new(&ledger), &user, version, me(id), now).expect("written");
            let account = account::get(&ledger, &user).expect("read").expect("known").account;
            assert_eq!((account.proven_at, account.health), (proven_at, health), "{version} {id}");
        }
    }
}
