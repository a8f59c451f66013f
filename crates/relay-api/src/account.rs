//! Accounts on the relay. Tokens go in and never come out.

use std::fmt;

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use roost_core::limits::Limits;
use serde::{Deserialize, Serialize};

/// Whether an account can post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum AccountHealth {
    /// Can post.
    Connected,
    /// X refused the grant: the person must sign in again. Posts wait.
    Disconnected,
    /// X suspended or locked the account. Posts wait.
    Suspended,
}

/// An account as the relay tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// X's id of the user: the account's identity.
    pub x_user_id: XUserId,
    /// The handle, without `@`.
    pub username: String,
    /// The shown name.
    pub name: String,
    /// X's `subscription_type`: `None`, `Basic`, `Premium`, `PremiumPlus`.
    pub subscription_type: Option<String>,
    /// Whether it can post.
    pub health: AccountHealth,
    /// Why not, in plain words.
    pub message: Option<String>,
    /// When the grant was last proven.
    pub proven_at: Option<UnixMillis>,
    /// The limits by which the relay sends for it; none in events, and from a relay that does not
    /// tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
}

/// What a sign-in with X gave. Goes to the relay once; the desktop forgets it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The handle, without `@`.
    pub username: String,
    /// The shown name.
    pub name: String,
    /// X's `subscription_type`.
    pub subscription_type: Option<String>,
    /// The OAuth 2 client.
    pub client_id: String,
    /// Its secret, for confidential clients.
    pub client_secret: Option<String>,
    /// The access token.
    pub access_token: String,
    /// The single-use refresh token.
    pub refresh_token: String,
    /// When the access token ends.
    pub expires_at: UnixMillis,
    /// The scopes granted, separated by spaces.
    pub scope: String,
}

impl fmt::Debug for Grant {
    /// Names the account and nothing secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Grant")
            .field("username", &self.username)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
