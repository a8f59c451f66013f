//! The steps of a refresh. A refresh token works once, so the new pair is on disk before it is used.

use std::time::Duration;

use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_x_api::oauth::{App, Tokens};
use roost_x_api::{Class, Failure, Secret};

use super::load::read_grant;
use super::token_cache::{CachedGrant, TokenError};
use super::vault::SealedGrant;
use crate::database::DatabaseError;
use crate::incidents::Subject;
use crate::rows::account;
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
