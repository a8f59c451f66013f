//! An account of the X sandbox, which makes one without asking anybody.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{Method, Request};
use roost_core::clock::Clock;
use roost_core::id::XUserId;
use roost_relay_api::Grant;
use serde::Deserialize;
use url::Url;

use crate::network::send;
use crate::session::{ACCESS_TOKEN_SECONDS, SCOPES, SignedIn};

/// How long the sandbox may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Why a sandbox gave no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SandboxError(String);

/// An account that the sandbox made, with its tokens.
#[derive(Deserialize)]
struct Made {
    id: String,
    username: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    subscription_type: Option<String>,
    client_id: String,
    #[serde(default)]
    client_secret: Option<String>,
    access_token: String,
    refresh_token: String,
    #[serde(default)]
    expires_in: Option<u64>,
    #[serde(default)]
    scope: Option<String>,
}

/// Asks the X sandbox at `base` for an account `username`, which is called `name` where that is
/// given. Returns the account and the grant for the relay.
///
/// # Errors
/// When the sandbox does not answer in time, or not with an account.
pub async fn sandbox_account(
    base: &Url,
    username: &str,
    name: Option<&str>,
    clock: &dyn Clock,
) -> Result<SignedIn, SandboxError> {
    let address = base.join("/_sandbox/accounts").map_err(in_words)?;
    let body = match name {
        Some(name) => serde_json::json!({ "username": username, "name": name }),
        None => serde_json::json!({ "username": username }),
    };
    let request = Request::builder()
        .method(Method::POST)
        .uri(address.as_str())
        .header(CONTENT_TYPE, "application/json")
        .body(body.to_string().into_bytes())
        .map_err(in_words)?;
    let answer = send(request, TIMEOUT).await.map_err(in_words)?;
    let status = answer.status();
    if !status.is_success() {
        return Err(SandboxError(format!("it answered {status}")));
    }
    let made: Made = serde_json::from_slice(answer.body())
        .map_err(|_| SandboxError("its answer can't be read".to_owned()))?;
    Ok(made.signed_in(clock))
}

impl Made {
    fn signed_in(self, clock: &dyn Clock) -> SignedIn {
        let lifetime = Duration::from_secs(self.expires_in.unwrap_or(ACCESS_TOKEN_SECONDS));
        let grant = Grant {
            username: self.username,
            name: self.name,
            subscription_type: self.subscription_type,
            client_id: self.client_id,
            client_secret: self.client_secret,
            access_token: self.access_token,
            refresh_token: self.refresh_token,
            expires_at: clock.now().plus(lifetime),
            scope: self.scope.unwrap_or_else(|| SCOPES.join(" ")),
        };
        SignedIn { user: XUserId(self.id), grant }
    }
}

fn in_words(error: impl std::fmt::Display) -> SandboxError {
    SandboxError(error.to_string())
}
