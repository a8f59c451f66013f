//! Refreshing: a refresh token works once, so the new pair is on disk before it is used.

use std::time::Duration;

use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_relay_api::AccountHealth;
use roost_x_api::oauth::{App, Tokens};
use roost_x_api::{Class, Failure, Secret};

use super::refusal_check::is_refusal_final;
use super::token_cache::{CachedGrant, TokenError, read_grant};
use super::vault::SealedGrant;
use crate::database::DatabaseError;
use crate::failure_policy::{Disposition, Scope, row};
use crate::incidents::Subject;
use crate::rows::account;
use crate::rows::app::{self, Hold};
use crate::rows::post::{self, Wake};
use crate::shared::Shared;
use crate::transitions::emit_account;

/// How often storing a new pair is tried again while the disk is full.
const STORE_RETRY_DELAY: Duration = Duration::from_secs(1);

/// What a sign-in that X renews settles.
const SETTLED_BY_RENEWAL: &[Code] =
    &[Code::SignInDoubtful, Code::RefreshRefused, Code::XUnreachable];
/// What of it posts wait for.
const AWAITING_RENEWAL: &[Code] = &[Code::SignInDoubtful, Code::RefreshRefused];

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

/// Asks X; once more after an unknown outcome, because X may not have spent the token.
pub(super) async fn request_refresh(
    shared: &Shared,
    grant: &SealedGrant,
) -> Result<Tokens, Failure> {
    let app = App {
        client_id: grant.client_id.clone(),
        client_secret: grant.client_secret.clone().map(Secret::new),
    };
    let token = Secret::new(grant.refresh_token.clone());
    shared.metrics.refreshes.add(1);
    match shared.x.refresh(&app, &token).await {
        Err(failure) if failure.class() == Class::Unknown => {
            tracing::warn!(%failure, "a refresh has no known outcome; trying once more");
            shared.x.refresh(&app, &token).await
        }
        result => result,
    }
}

/// Stores the new pair, however long the disk takes: without it the account is lost.
pub(super) async fn store_new_pair(
    shared: &Shared,
    id: &XUserId,
    old: &CachedGrant,
    tokens: &Tokens,
) -> Result<CachedGrant, TokenError> {
    let refresh_token = tokens.refresh_token.as_ref().map(|token| token.expose().to_owned());
    let grant = SealedGrant {
        client_id: old.grant.client_id.clone(),
        client_secret: old.grant.client_secret.clone(),
        access_token: tokens.access_token.expose().to_owned(),
        refresh_token: refresh_token.unwrap_or_else(|| old.grant.refresh_token.clone()),
        scope: old.grant.scope.clone(),
    };
    let now = shared.now();
    let life = Duration::from_secs(u64::try_from(tokens.expires_in).unwrap_or(0));
    let expires_at = now.plus(life);
    let sealed =
        grant.seal(&shared.vault, id).map_err(|error| TokenError::Transient(error.to_string()))?;
    loop {
        let (user, sealed, version) = (id.clone(), sealed.clone(), old.version);
        let stored = shared
            .write("grant-rotate", move |c| {
                let was = account::get(c, &user)?;
                let rotated = account::rotate(c, &user, version, &sealed, expires_at, now)?;
                if rotated {
                    account::release_from(c, AWAITING_RENEWAL, Some(&user))?;
                    post::wake(c, Wake::For(AWAITING_RENEWAL), Some(&user), now)?;
                }
                if rotated && was.is_some_and(|row| row.doubted_since.is_some()) {
                    emit_account(c, &user, now)?;
                }
                Ok(rotated)
            })
            .await;
        match stored {
            Ok(true) => break,
            // A new sign-in came in between: it is the newer grant.
            Ok(false) => return read_grant(shared, id).await,
            Err(error) if shared.stopping.is_cancelled() => return Err(error.into()),
            Err(_) => tokio::time::sleep(STORE_RETRY_DELAY).await,
        }
    }
    tracing::info!(account.id = %id, "the grant is refreshed");
    shared.incidents.end(&Subject::Account(id.clone()), SETTLED_BY_RENEWAL);
    shared.incidents.end_all(&Subject::AppSignIns(old.grant.client_id.clone()));
    shared.work.notify_one();
    Ok(CachedGrant { grant, version: old.version + 1, expires_at })
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

/// What it is called that a sign-in is not renewed for now: an X that answers is not unreachable.
pub(super) const fn unrenewed_code(failure: &Failure) -> Code {
    if failure.status.is_some() { Code::RefreshRefused } else { Code::XUnreachable }
}

/// Writes down that X refuses the sign-in while it may be X that is out of order, and tells at once
/// what would heal it should it be the sign-in. Returns why there is no token.
pub(super) async fn record_doubt(
    shared: &Shared,
    id: &XUserId,
    version: i64,
) -> Result<TokenError, DatabaseError> {
    let code = Code::SignInDoubtful;
    let message = format!("{} {}", code.text(), code.remedy());
    let (user, words, now) = (id.clone(), message.clone(), shared.now());
    shared
        .write("account-doubt", move |c| {
            if account::doubt(c, &user, version, &words, now)? {
                emit_account(c, &user, now)?;
            }
            Ok(())
        })
        .await?;
    shared.incidents.begin(Subject::Account(id.clone()), code);
    Ok(TokenError::Refused { code, reason: message })
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
