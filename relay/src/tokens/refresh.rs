//! Refreshing a grant, and what a refusal of X means for it.

use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_relay_api::AccountHealth;
use roost_x_api::Failure;

use super::load::read_grant;
use super::refresh_steps::{record_doubt, request_refresh, store_new_pair, unrenewed_code};
use super::refusal_check::is_refusal_final;
use super::token_cache::{CachedGrant, TokenError};
use crate::failure_policy::{Disposition, Scope, row};
use crate::incidents::Subject;
use crate::rows::account;
use crate::rows::app::{self, Hold};
use crate::shared::Shared;
use crate::transitions::emit_account;

/// Trades the refresh token. The caller holds the account's lock.
pub(super) async fn refresh(
    shared: &Shared,
    id: &XUserId,
    cached: CachedGrant,
) -> Result<CachedGrant, TokenError> {
    match request_refresh(shared, &cached.grant).await {
        Ok(tokens) => store_new_pair(shared, id, &cached, &tokens).await,
        Err(failure) => handle_refusal(shared, id, &cached, &failure).await,
    }
}

/// What a refresh that failed means: the table's word.
async fn handle_refusal(
    shared: &Shared,
    id: &XUserId,
    cached: &CachedGrant,
    failure: &Failure,
) -> Result<CachedGrant, TokenError> {
    let refused_at = shared.now();
    match row(&failure.kind).disposition {
        Disposition::Disconnected => {
            // Whoever was faster has the good one: the store knows.
            let stored = read_grant(shared, id).await?;
            if stored.version != cached.version {
                return Ok(stored);
            }
            if is_refusal_final(shared, id, cached, refused_at).await? {
                disconnect(shared, id, cached.version, &failure.to_string()).await?;
                return Err(TokenError::Disconnected);
            }
            Err(record_doubt(shared, id, cached.version).await?)
        }
        Disposition::Waits { code, holds: Scope::App, .. } => {
            hold_app(shared, &cached.grant.client_id, code, failure).await?;
            Err(TokenError::AppRefused(failure.to_string()))
        }
        _ => {
            tracing::debug!(account.id = %id, %failure, "the grant could not be refreshed");
            let (code, reason) = (unrenewed_code(failure), failure.to_string());
            shared.incidents.begin(Subject::Account(id.clone()), code);
            Err(match code {
                Code::XUnreachable => TokenError::Transient(reason),
                code => TokenError::Refused { code, reason },
            })
        }
    }
}

/// The grant is worth nothing any more: only the person can repair that, and is told now.
async fn disconnect(
    shared: &Shared,
    id: &XUserId,
    version: i64,
    reason: &str,
) -> Result<(), TokenError> {
    shared.metrics.grants_refused.add(1);
    tracing::debug!(account.id = %id, reason, "the grant is no good");
    let (user, now) = (id.clone(), shared.now());
    let message = format!("{} {}", Code::SignInNeeded.text(), Code::SignInNeeded.remedy());
    shared
        .write("account-disconnect", move |c| {
            let health = AccountHealth::Disconnected;
            if account::set_health(c, &user, version, health, Some(&message), now)? {
                account::refused(c, &user, now)?;
                emit_account(c, &user, now)?;
            }
            Ok(())
        })
        .await?;
    shared.incidents.begin(Subject::Account(id.clone()), Code::SignInNeeded);
    Ok(())
}

async fn hold_app(
    shared: &Shared,
    client_id: &str,
    code: Code,
    failure: &Failure,
) -> Result<(), TokenError> {
    shared.incidents.begin(Subject::AppSignIns(client_id.to_owned()), code);
    let hold = Hold {
        until: shared.now().plus(shared.config.pace.credits_probe),
        code: code.as_str().to_owned(),
        message: failure.to_string(),
    };
    let client_id = client_id.to_owned();
    shared.write("app-hold", move |c| app::hold(c, &client_id, &hold)).await?;
    Ok(())
}
