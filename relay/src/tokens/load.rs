//! Reading an account's grant, where memory does not have it.

use roost_core::id::XUserId;
use roost_relay_api::AccountHealth;

use super::token_cache::{CachedGrant, TokenError, TokenSlot};
use super::unseal::sign_out;
use super::vault::SealedGrant;
use crate::rows::account;
use crate::shared::Shared;

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
