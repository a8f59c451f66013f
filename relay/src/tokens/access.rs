//! Access tokens for the calls to X: refreshed before they end, renewed when X does not accept one.

use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_x_api::Secret;

use super::load::read_grant;
use super::refresh::refresh;
use super::token_cache::{Access, REFRESH_INTERVAL_MIN, TokenError, TokenSlot};
use crate::rows::account;
use crate::shared::Shared;

/// An access token that is good for a while, refreshed first if need be.
pub(crate) async fn access(shared: &Shared, id: &XUserId) -> Result<Access, TokenError> {
    let locked = shared.tokens.slot(id);
    let mut slot = locked.lock().await;
    let grant = slot.load(shared, id).await?;
    let now = shared.now();
    let access = grant.access();
    if grant.expires_at > now.plus(shared.config.pace.token_margin) || shared.config.dry_run {
        return Ok(access);
    }
    let still_good = grant.expires_at > now;
    match slot.refresh(shared, id).await {
        // The old token lives a little longer; a later caller tries again.
        Err(TokenError::Transient(_) | TokenError::Refused { .. }) if still_good => Ok(access),
        result => result,
    }
}

impl TokenSlot {
    /// Refreshes the grant, unless that was tried a moment ago.
    async fn refresh(&mut self, shared: &Shared, id: &XUserId) -> Result<Access, TokenError> {
        let now = shared.now();
        if let Some((_, trouble)) =
            self.failed.as_ref().filter(|_| self.refresh_failed_recently(now))
        {
            return Err(trouble.clone());
        }
        let alive = self.cached.as_ref().is_some_and(|cached| cached.expires_at > now);
        if alive && self.was_renewed_recently(now) {
            // X itself is out of order: spending more refresh tokens repairs nothing.
            let reason = "X does not accept a token that it gave a moment ago".to_owned();
            return Err(TokenError::Refused { code: Code::RefreshRefused, reason });
        }
        let Some(cached) = self.cached.take() else { return Err(TokenError::Disconnected) };
        match refresh(shared, id, cached).await {
            Ok(cached) => {
                (self.failed, self.refreshed_at) = (None, Some(shared.now()));
                Ok(self.cached.insert(cached).access())
            }
            Err(trouble) => {
                let again = match &trouble {
                    // The disk may be well again in a moment; X is asked in a minute all the same.
                    TokenError::Database(error) => TokenError::Transient(error.to_string()),
                    other => other.clone(),
                };
                self.failed = Some((shared.now(), again));
                Err(trouble)
            }
        }
    }
}

/// A fresh token after X did not accept the one of `version`. When somebody else refreshed
/// meanwhile, theirs is it.
pub(crate) async fn renew(
    shared: &Shared,
    id: &XUserId,
    version: i64,
) -> Result<Access, TokenError> {
    let locked = shared.tokens.slot(id);
    let mut slot = locked.lock().await;
    let grant = slot.load(shared, id).await?;
    if grant.version != version {
        return Ok(grant.access());
    }
    slot.refresh(shared, id).await
}

/// Tries the sign-ins that are in doubt again, each once a minute, whether posts need them or not:
/// when X is in order again, the doubt is over.
pub(crate) async fn retry_doubted(shared: &Shared) {
    let now = shared.now();
    let before = now.minus(REFRESH_INTERVAL_MIN);
    let doubted = shared.read("doubted", move |c| account::doubted(c, before, now)).await;
    for id in doubted.unwrap_or_default() {
        if shared.stopping.is_cancelled() {
            return;
        }
        let locked = shared.tokens.slot(&id);
        let mut slot = locked.lock().await;
        if slot.load(shared, &id).await.is_ok() {
            // What came of it stands in the account's row, and wakes its posts.
            let _ = slot.refresh(shared, &id).await;
        }
    }
}

/// Tells X that the grant is over; best effort, because the person wants it gone here anyway.
pub(crate) async fn revoke(shared: &Shared, id: &XUserId) {
    if shared.config.dry_run {
        return;
    }
    let Ok(cached) = read_grant(shared, id).await else { return };
    let app = roost_x_api::oauth::App {
        client_id: cached.grant.client_id.clone(),
        client_secret: cached.grant.client_secret.clone().map(Secret::new),
    };
    let token = Secret::new(cached.grant.refresh_token.clone());
    if let Err(failure) = shared.x.revoke(&app, &token).await {
        tracing::warn!(account.id = %id, %failure, "X could not be told that the grant is over");
    }
}
