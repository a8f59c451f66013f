//! Turns a sign-in at X's sandbox into the grant that a relay is given.

use roost_core::clock::UnixMillis;
use roost_relay_api::Grant;

/// Returns the grant of a sandbox's sign-in, with an access token that ends at `expires_at`.
pub(crate) fn grant_of(signed_in: &roost_x_sandbox::Grant, expires_at: UnixMillis) -> Grant {
    Grant {
        username: signed_in.username.clone(),
        name: signed_in.name.clone(),
        subscription_type: Some(signed_in.subscription_type.clone()),
        client_id: signed_in.client_id.clone(),
        client_secret: signed_in.client_secret.clone(),
        access_token: signed_in.access_token.clone(),
        refresh_token: signed_in.refresh_token.clone(),
        expires_at,
        scope: signed_in.scope.clone(),
    }
}
