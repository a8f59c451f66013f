//! The account's signing keys.

use std::fmt;

use reqwest::Method;
use serde::Deserialize;

use crate::client::Client;
use crate::client::http::Outgoing;
use crate::error::Error;

/// The pair that receivers check with; QStash signs with `current`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct SigningKeys {
    /// What QStash signs with now.
    pub current: String,
    /// What it will sign with after the next rotation.
    pub next: String,
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKeys(..)")
    }
}

impl Client {
    /// Returns the signing keys of this account and region.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn keys(&self) -> Result<SigningKeys, Error> {
        self.exchange("keys", Outgoing::new(Method::GET, "/v2/keys".into())).await?.json()
    }

    /// Rotates at once: `next` becomes `current`, and a fresh `next` is made. Receivers that know
    /// the pair of before go on working; after a second rotation they would not.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn rotate_keys(&self) -> Result<SigningKeys, Error> {
        let outgoing = Outgoing::new(Method::POST, "/v2/keys/rotate".into());
        self.exchange("rotate-keys", outgoing).await?.json()
    }
}
