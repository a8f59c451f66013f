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
pub(crate) enum Trouble {
    /// The person must sign in again; the account says so by now.
    #[error("the account's sign-in no longer works")]
    Disconnected,
    /// X refuses the app itself; the app is held by now.
    #[error("X refuses the app: {0}")]
    App(String),
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
    Passing(String),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// A grant in memory, as the database holds it.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) grant: SealedGrant,
    pub(crate) version: i64,
    pub(crate) expires_at: UnixMillis,
}

impl Held {
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
pub(crate) struct Seat {
    pub(super) held: Option<Held>,
    /// When a refresh last came to nothing, and why.
    pub(super) failed: Option<(UnixMillis, Trouble)>,
    /// When a refresh last succeeded.
    pub(super) refreshed_at: Option<UnixMillis>,
}

pub(crate) type Holder = tokio::sync::Mutex<Seat>;

/// X sees one attempt to refresh a grant in this time, at the most.
pub(super) const ATTEMPT_EVERY: Duration = Duration::from_secs(60);

/// The holders of all accounts.
#[derive(Debug, Default)]
pub(crate) struct Holders(Mutex<HashMap<XUserId, Arc<Holder>>>);

impl Holders {
    /// The account's holder. Whoever has its lock is the account's one refresher.
    pub(crate) fn of(&self, id: &XUserId) -> Arc<Holder> {
        let mut holders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(holders.entry(id.clone()).or_default())
    }
}

/// Reads the grant from the database.
pub(super) async fn load(shared: &Shared, id: &XUserId) -> Result<Held, Trouble> {
    let user = id.clone();
    let row = shared.read("grant", move |c| account::get(c, &user)).await?;
    let row = row
        .filter(|row| row.account.health != AccountHealth::Disconnected)
        .ok_or(Trouble::Disconnected)?;
    let sealed = row.grant_sealed.ok_or(Trouble::Disconnected)?;
    let grant = match SealedGrant::open(&sealed, &shared.vault, id) {
        Ok(grant) => grant,
        // Another key file: nothing but a new sign-in repairs that.
        Err(error) => {
            tracing::debug!(account.id = %id, %error, "a grant does not open");
            let (user, version, now) = (id.clone(), row.grant_version, shared.now());
            shared.write("grant-unopened", move |c| sign_out(c, &user, version, now)).await?;
            return Err(Trouble::Disconnected);
        }
    };
    Ok(Held { grant, version: row.grant_version, expires_at: row.expires_at })
}

/// An access token that is good for a while, refreshed first if need be.
pub(crate) async fn access(shared: &Shared, id: &XUserId) -> Result<Access, Trouble> {
    let holder = shared.tokens.of(id);
    let mut seat = holder.lock().await;
    let grant = seat.sit(shared, id).await?;
    let now = shared.now();
    let access = grant.access();
    if grant.expires_at > now.plus(shared.config.pace.token_margin) || shared.config.dry_run {
        return Ok(access);
    }
    let still_good = grant.expires_at > now;
    match seat.refresh(shared, id).await {
        // The old token lives a little longer; a later caller tries again.
        Err(Trouble::Passing(_) | Trouble::Refused { .. }) if still_good => Ok(access),
        result => result,
    }
}

impl Seat {
    /// The grant, from memory or from the database.
    pub(super) async fn sit(&mut self, shared: &Shared, id: &XUserId) -> Result<&Held, Trouble> {
        let held = match self.held.take() {
            Some(held) => held,
            None => load(shared, id).await?,
        };
        Ok(self.held.insert(held))
    }

    /// Whether a refresh came to nothing a moment ago.
    pub(super) fn was_tried_lately(&self, now: UnixMillis) -> bool {
        self.failed.as_ref().is_some_and(|(at, _)| *at <= now && now.since(*at) < ATTEMPT_EVERY)
    }

    /// Whether a refresh succeeded a moment ago.
    pub(super) fn was_renewed_lately(&self, now: UnixMillis) -> bool {
        self.refreshed_at.is_some_and(|at| at <= now && now.since(at) < ATTEMPT_EVERY)
    }

    /// Refreshes the grant, unless that was tried a moment ago.
    async fn refresh(&mut self, shared: &Shared, id: &XUserId) -> Result<Access, Trouble> {
        let now = shared.now();
        if let Some((_, trouble)) = self.failed.as_ref().filter(|_| self.was_tried_lately(now)) {
            return Err(trouble.clone());
        }
        let alive = self.held.as_ref().is_some_and(|held| held.expires_at > now);
        if alive && self.was_renewed_lately(now) {
            // X itself is out of order: spending more refresh tokens repairs nothing.
            let reason = "X does not accept a token that it gave a moment ago".to_owned();
            return Err(Trouble::Refused { code: Code::RefreshRefused, reason });
        }
        let Some(held) = self.held.take() else { return Err(Trouble::Disconnected) };
        match refresh(shared, id, held).await {
            Ok(held) => {
                (self.failed, self.refreshed_at) = (None, Some(shared.now()));
                Ok(self.held.insert(held).access())
            }
            Err(trouble) => {
                let again = match &trouble {
                    // The disk may be well again in a moment; X is asked in a minute all the same.
                    Trouble::Database(error) => Trouble::Passing(error.to_string()),
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
pub(crate) async fn renew(shared: &Shared, id: &XUserId, version: i64) -> Result<Access, Trouble> {
    let holder = shared.tokens.of(id);
    let mut seat = holder.lock().await;
    let grant = seat.sit(shared, id).await?;
    if grant.version != version {
        return Ok(grant.access());
    }
    seat.refresh(shared, id).await
}

/// Tries the sign-ins that are in doubt again, each once a minute, whether posts need them or not:
/// when X is in order again, the doubt is over.
pub(crate) async fn renew_doubted(shared: &Shared) {
    let now = shared.now();
    let before = now.minus(ATTEMPT_EVERY);
    let doubted = shared.read("doubted", move |c| account::doubted(c, before, now)).await;
    for id in doubted.unwrap_or_default() {
        if shared.stopping.is_cancelled() {
            return;
        }
        let holder = shared.tokens.of(&id);
        let mut seat = holder.lock().await;
        if seat.sit(shared, &id).await.is_ok() {
            // What came of it stands in the account's row, and wakes its posts.
            let _ = seat.refresh(shared, &id).await;
        }
    }
}

/// Tells X that the grant is over; best effort, because the person wants it gone here anyway.
pub(crate) async fn revoke(shared: &Shared, id: &XUserId) {
    if shared.config.dry_run {
        return;
    }
    let Ok(held) = load(shared, id).await else { return };
    let app = roost_x_api::oauth::App {
        client_id: held.grant.client_id.clone(),
        client_secret: held.grant.client_secret.clone().map(Secret::new),
    };
    let token = Secret::new(held.grant.refresh_token.clone());
    if let Err(failure) = shared.x.revoke(&app, &token).await {
        tracing::warn!(account.id = %id, %failure, "X could not be told that the grant is over");
    }
}
