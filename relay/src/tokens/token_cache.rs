//! One holder per account: the grant in memory, and the right to refresh it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_relay_api::AccountHealth;
use roost_x_api::Secret;

use super::refresh::refresh;
use super::unseal::sign_out;
use super::vault::SealedGrant;
use crate::database::DatabaseError;
use crate::rows::account;
use crate::shared::Shared;

/// An access token to call X with.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) token: Secret,
    /// The grant's version: what a 401 is said of.
    pub(crate) version: i64,
    pub(crate) client_id: String,
}

/// Why there is no access token.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum TokenError {
    /// The person must sign in again; the account says so by now.
    #[error("the account's sign-in no longer works")]
    Disconnected,
    /// X refuses the app itself; the app is held by now.
    #[error("X refuses the app: {0}")]
    AppRefused(String),
    /// X answered, and did not renew the sign-in; it is tried again.
    #[error("{reason}")]
    Refused {
        /// How a person is told.
        code: Code,
        /// In words.
        reason: String,
    },
    /// It passes.
    #[error("{0}")]
    Transient(String),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// A grant in memory, as the database holds it.
#[derive(Debug)]
pub(crate) struct CachedGrant {
    pub(crate) grant: SealedGrant,
    pub(crate) version: i64,
    pub(crate) expires_at: UnixMillis,
}

impl CachedGrant {
    pub(super) fn access(&self) -> Access {
        Access {
            token: Secret::new(self.grant.access_token.clone()),
            version: self.version,
            client_id: self.grant.client_id.clone(),
        }
    }
}

/// What is known of an account's grant.
#[derive(Debug, Default)]
pub(crate) struct TokenSlot {
    pub(super) cached: Option<CachedGrant>,
    /// When a refresh last came to nothing, and why.
    pub(super) failed: Option<(UnixMillis, TokenError)>,
    /// When a refresh last succeeded.
    pub(super) refreshed_at: Option<UnixMillis>,
}

pub(crate) type LockedSlot = tokio::sync::Mutex<TokenSlot>;

/// X sees one attempt to refresh a grant in this time, at the most.
pub(super) const REFRESH_INTERVAL_MIN: Duration = Duration::from_secs(60);

/// The holders of all accounts.
#[derive(Debug, Default)]
pub(crate) struct TokenCache(Mutex<HashMap<XUserId, Arc<LockedSlot>>>);

impl TokenCache {
    /// The account's holder. Whoever has its lock is the account's one refresher.
    pub(crate) fn slot(&self, id: &XUserId) -> Arc<LockedSlot> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(id.clone()).or_default())
    }
}

/// Reads the grant from the database.
pub(super) async fn read_grant(shared: &Shared, id: &XUserId) -> Result<CachedGrant, TokenError> {
    let user = id.clone();
    let row = shared.read("grant", move |c| account::get(c, &user)).await?;
    let row = row
        .filter(|row| row.account.health != AccountHealth::Disconnected)
        .ok_or(TokenError::Disconnected)?;
    let sealed = row.grant_sealed.ok_or(TokenError::Disconnected)?;
    let grant = match SealedGrant::open(&sealed, &shared.vault, id) {
        Ok(grant) => grant,
        // Another key file: nothing but a new sign-in repairs that.
        Err(error) => {
            tracing::debug!(account.id = %id, %error, "a grant does not open");
            let (user, version, now) = (id.clone(), row.grant_version, shared.now());
            shared.write("grant-unopened", move |c| sign_out(c, &user, version, now)).await?;
            return Err(TokenError::Disconnected);
        }
    };
    Ok(CachedGrant { grant, version: row.grant_version, expires_at: row.expires_at })
}

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
    /// The grant, from memory or from the database.
    pub(super) async fn load(
        &mut self,
        shared: &Shared,
        id: &XUserId,
    ) -> Result<&CachedGrant, TokenError> {
        let cached = match self.cached.take() {
            Some(cached) => cached,
            None => read_grant(shared, id).await?,
        };
        Ok(self.cached.insert(cached))
    }

    /// Whether a refresh came to nothing a moment ago.
    pub(super) fn refresh_failed_recently(&self, now: UnixMillis) -> bool {
        self.failed
            .as_ref()
            .is_some_and(|(at, _)| *at <= now && now.since(*at) < REFRESH_INTERVAL_MIN)
    }

    /// Whether a refresh succeeded a moment ago.
    pub(super) fn was_renewed_recently(&self, now: UnixMillis) -> bool {
        self.refreshed_at.is_some_and(|at| at <= now && now.since(at) < REFRESH_INTERVAL_MIN)
    }

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
