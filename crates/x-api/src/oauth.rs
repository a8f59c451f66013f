//! OAuth 2: authorization code with PKCE, refresh, revocation. For public and confidential apps.
//!
//! Refresh tokens are single-use: one holder refreshes, and stores the new pair before it uses it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;

use crate::classify::Operation;
use crate::client::{Call, Client};
use crate::failure::Failure;
use crate::secret::Secret;

/// What a scheduler needs: to write, to read back, to upload, and to do so while the person sleeps.
pub const SCOPES: &[&str] =
    &["tweet.read", "tweet.write", "users.read", "media.write", "offline.access"];

/// An app registered at X.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its client id.
    pub client_id: String,
    /// Its client secret: present for confidential apps (Web App, Bot), absent for public ones
    /// (Native App, SPA). It decides how the app proves itself; X refuses the wrong way.
    pub client_secret: Option<Secret>,
}

/// The proof key of one sign-in (RFC 7636).
#[derive(Clone, PartialEq, Eq)]
pub struct Pkce {
    verifier: Secret,
}

impl Pkce {
    /// Returns a proof key from 32 random bytes, which must be the caller's best.
    #[must_use]
    pub fn from_random(random: [u8; 32]) -> Self {
        Self { verifier: Secret::new(URL_SAFE_NO_PAD.encode(random)) }
    }

    /// Returns a proof key that was stored.
    #[must_use]
    pub const fn from_verifier(verifier: Secret) -> Self {
        Self { verifier }
    }

    /// Returns the secret half, sent with the code.
    #[must_use]
    pub const fn verifier(&self) -> &Secret {
        &self.verifier
    }

    /// Returns the public half, sent with the person: S256.
    #[must_use]
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose().as_bytes()))
    }
}

impl fmt::Debug for Pkce {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pkce(…)")
    }
}

/// What a person is sent to X with.
#[derive(Debug, Clone, Copy)]
pub struct Authorize<'a> {
    /// The app.
    pub app: &'a App,
    /// Where X sends the person back: registered at X, character by character.
    pub redirect_uri: &'a str,
    /// What the app asks for.
    pub scopes: &'a [&'a str],
    /// A random text that must come back unchanged; up to 500 characters.
    pub state: &'a str,
    /// The proof key.
    pub pkce: &'a Pkce,
}

/// A pair of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The access token.
    pub access_token: Secret,
    /// The next refresh token: the old one is dead. Absent without `offline.access`, and when X
    /// keeps the old one.
    pub refresh_token: Option<Secret>,
    /// For how many seconds the access token lives.
    pub expires_in: i64,
    /// What was granted.
    pub scopes: Vec<String>,
}

#[derive(Deserialize)]
struct WireTokens {
    access_token: Option<String>,
    refresh_token: Option<String>,
    expires_in: Option<i64>,
    scope: Option<String>,
}

#[derive(Deserialize)]
struct WireRevoked {
    revoked: Option<bool>,
}

impl Client {
    /// Returns the address to open in the person's browser.
    #[must_use]
    pub fn authorize_url(&self, authorize: &Authorize<'_>) -> Url {
        let mut url = self.authorize_page().clone();
        // Spaces as %20, which every reader of addresses understands.
        let mut query = String::new();
        let challenge = authorize.pkce.challenge();
        let scope = authorize.scopes.join(" ");
        let pairs = [
            ("response_type", "code"),
            ("client_id", &authorize.app.client_id),
            ("redirect_uri", authorize.redirect_uri),
            ("scope", &scope),
            ("state", authorize.state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in pairs {
            if !query.is_empty() {
                query.push('&');
            }
            let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            query.push_str(name);
            query.push('=');
            query.push_str(&encoded.replace('+', "%20"));
        }
        url.set_query(Some(&query));
        url
    }

    /// Returns the tokens for the code, which lives 30 seconds.
    ///
    /// # Errors
    /// `CodeRefused`, `RedirectMismatch`, `VerifierMismatch`, `ClientRefused`… or as every call.
    pub async fn exchange_code(
        &self,
        app: &App,
        code: &str,
        redirect_uri: &str,
        pkce: &Pkce,
    ) -> Result<Tokens, Failure> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", pkce.verifier().expose()),
        ];
        let call = self.token_call("x.oauth.exchange_code", "token", app, &form);
        tokens(call.secret(code).secret(pkce.verifier().expose())).await
    }

    /// Returns the next pair of tokens for a refresh token, which serves once.
    ///
    /// # Errors
    /// `GrantRefused` when the token is spent or revoked. After an unknown outcome X may have
    /// spent it: one more try tells.
    pub async fn refresh(&self, app: &App, refresh_token: &Secret) -> Result<Tokens, Failure> {
        let token = refresh_token.expose();
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        tokens(self.token_call("x.oauth.refresh", "token", app, &form).secret(token)).await
    }

    /// Withdraws a token. Returns `false` when X says that it did not.
    ///
    /// # Errors
    /// As every call; revoking twice is harmless.
    pub async fn revoke(&self, app: &App, token: &Secret) -> Result<bool, Failure> {
        let form = [("token", token.expose())];
        let call = self.token_call("x.oauth.revoke", "revoke", app, &form);
        let received = call.secret(token.expose()).send().await?;
        Ok(received.read::<WireRevoked>()?.revoked.unwrap_or(received.status().is_success()))
    }

    fn token_call(
        &self,
        point: &'static str,
        route: &str,
        app: &App,
        form: &[(&str, &str)],
    ) -> Call<'_> {
        let call = self.call(point, Operation::Token, Method::POST, &["2", "oauth2", route]);
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let call = match &app.client_secret {
            Some(secret) => {
                let pair = format!("{}:{}", escape(&app.client_id), escape(secret.expose()));
                call.authorization(format!("Basic {}", STANDARD.encode(pair)))
                    .secret(secret.expose())
            }
            None => {
                body.append_pair("client_id", &app.client_id);
                call
            }
        };
        call.body("application/x-www-form-urlencoded", body.finish().into_bytes())
    }
}

/// RFC 6749 §2.3.1: id and secret are form-encoded before they are joined by a colon.
fn escape(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn tokens(call: Call<'_>) -> Result<Tokens, Failure> {
    let received = call.send().await?;
    let wire: WireTokens = received.read()?;
    let Some(access_token) = wire.access_token.filter(|token| !token.is_empty()) else {
        return Err(received.malformed());
    };
    Ok(Tokens {
        access_token: Secret::new(access_token),
        refresh_token: wire.refresh_token.filter(|token| !token.is_empty()).map(Secret::new),
        // X's documented lifetime, when it leaves it out.
        expires_in: wire.expires_in.unwrap_or(7200),
        scopes: wire.scope.unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_rfc_7636() {
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        let pkce = Pkce::from_verifier(verifier);
        assert_eq!(pkce.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert_eq!(format!("{pkce:?}"), "Pkce(…)");
    }
}
