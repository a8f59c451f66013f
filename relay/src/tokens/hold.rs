//! One holder per account: the grant in memory, and the right to refresh it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use roost_relay_api::AccountHealth;
use roost_x_api::Secret;

use super::refresh::{disconnect, refresh};
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
    #[error("X does not accept the account's sign-in any more")]
    Disconnected,
    /// X refuses the app itself; the app is held by now.
    #[error("X refuses the app: {0}")]
    App(String),
    /// It passes.
    #[error("the sign-in could not be refreshed: {0}")]
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
    fn access(&self) -> Access {
        Access {
            token: Secret::new(self.grant.access_token.clone()),
            version: self.version,
            client_id: self.grant.client_id.clone(),
        }
    }
}

pub(crate) type Holder = tokio::sync::Mutex<Option<Held>>;

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
            disconnect(shared, id, row.grant_version, &error.to_string()).await?;
            return Err(Trouble::Disconnected);
        }
    };
    Ok(Held { grant, version: row.grant_version, expires_at: row.expires_at })
}

/// An access token that is good for a while, refreshed first if need be.
pub(crate) async fn access(shared: &Shared, id: &XUserId) -> Result<Access, Trouble> {
    let holder = shared.tokens.of(id);
    let mut held = holder.lock().await;
    let grant = match held.take() {
        Some(grant) => grant,
        None => load(shared, id).await?,
    };
    let now = shared.now();
    if grant.expires_at > now.plus(shared.config.pace.token_margin) || shared.config.dry_run {
        return Ok(held.insert(grant).access());
    }
    let (still_good, old) = (grant.expires_at > now, grant.access());
    match refresh(shared, id, grant).await {
        Ok(grant) => Ok(held.insert(grant).access()),
        // The old token lives a little longer; the next caller tries again.
        Err(Trouble::Passing(_)) if still_good => Ok(old),
        Err(trouble) => Err(trouble),
    }
}

/// A fresh token after X did not accept the one of `version`. When somebody else refreshed
/// meanwhile, theirs is it.
pub(crate) async fn renew(shared: &Shared, id: &XUserId, version: i64) -> Result<Access, Trouble> {
    let holder = shared.tokens.of(id);
    let mut held = holder.lock().await;
    let grant = match held.take() {
        Some(grant) => grant,
        None => load(shared, id).await?,
    };
    if grant.version != version {
        return Ok(held.insert(grant).access());
    }
    let grant = refresh(shared, id, grant).await?;
    Ok(held.insert(grant).access())
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
