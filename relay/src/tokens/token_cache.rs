//! One holder per account: the grant in memory, and the right to refresh it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_x_api::Secret;

use super::vault::SealedGrant;
use crate::database::DatabaseError;

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

impl TokenSlot {
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
}
