//! One sign-in, from the page to the grant.

use std::time::Duration;

use oauth2::basic::BasicTokenResponse;
use oauth2::{
    AuthUrl, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse as _, TokenUrl,
};
use roost_core::clock::{Clock, UnixMillis};
use roost_core::id::XUserId;
use roost_relay_api::Grant;
use roost_x_api::{Client, Me, Subscription};
use url::Url;

use crate::app::App;
use crate::error::Error;
use crate::exchange::{OauthClient, exchange, oauth_client};
use crate::loopback::{Loopback, REDIRECT_PORTS, redirect_uri};
use crate::redirect;

/// What a scheduler needs: to write, to read back, to upload, and to do so while the person sleeps.
pub const SCOPES: &[&str] = roost_x_api::oauth::SCOPES;

/// How long a person may take on X's page.
const PERSON_TIMEOUT: Duration = Duration::from_mins(10);
/// How long an access token lives where X does not say: its documented lifetime.
pub(crate) const ACCESS_TOKEN_SECONDS: u64 = 7200;

/// The account that is to be signed in again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedAccount {
    /// X's id of the user.
    pub id: XUserId,
    /// The handle, without `@`.
    pub username: String,
}

/// What a sign-in gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// X's id of the user who signed in.
    pub user: XUserId,
    /// What the relay is given; to be forgotten afterwards.
    pub grant: Grant,
}

/// A sign-in that was begun.
#[derive(Debug)]
pub struct SignIn {
    app: App,
    x: Client,
    oauth: OauthClient,
    page: Url,
    redirect_uri: String,
    state: CsrfToken,
    verifier: PkceCodeVerifier,
    loopback: Option<Loopback>,
}

impl SignIn {
    /// Begins a sign-in at the X (or sandbox) whose API is at `api_base`. With `listen`, a port of
    /// [`REDIRECT_PORTS`] is listened on; when all are taken, or without `listen`, the person
    /// pastes the address.
    ///
    /// # Errors
    /// When the client id is empty or `api_base` cannot be used.
    pub async fn begin(app: App, api_base: &Url, listen: bool) -> Result<Self, Error> {
        let ports: &[u16] = if listen { &REDIRECT_PORTS } else { &[] };
        Self::begin_on(app, api_base, ports).await
    }

    /// The same, listening on the first free one of `ports`; for tests, which run side by side.
    #[doc(hidden)]
    pub async fn begin_on(app: App, api_base: &Url, ports: &[u16]) -> Result<Self, Error> {
        if app.client_id().is_empty() {
            return Err(Error::NoClientId);
        }
        let bad_address = || Error::BadAddress(api_base.to_string());
        let x = Client::new(api_base.clone()).map_err(|_| bad_address())?;
        let token = api_base.join("/2/oauth2/token").map_err(|_| bad_address())?;
        let loopback = Loopback::bind(ports).await;
        let redirect_uri = loopback
            .as_ref()
            .map_or_else(|| redirect_uri(REDIRECT_PORTS[0]), Loopback::redirect_uri);
        let redirect = RedirectUrl::new(redirect_uri.clone()).map_err(|_| bad_address())?;
        let authorize = AuthUrl::from_url(x.authorize_page().clone());
        let oauth = oauth_client(&app, authorize, TokenUrl::from_url(token), redirect);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (page, state) = oauth
            .authorize_url(CsrfToken::new_random)
            .add_scopes(SCOPES.iter().map(|scope| Scope::new((*scope).to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        Ok(Self { app, x, oauth, page, redirect_uri, state, verifier, loopback })
    }

    /// Returns the page to open in the person's browser.
    #[must_use]
    pub const fn page(&self) -> &Url {
        &self.page
    }

    /// Returns the callback address, which must stand in the app's settings to the letter.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Returns whether the browser can come back by itself; otherwise the person pastes.
    #[must_use]
    pub const fn is_listening(&self) -> bool {
        self.loopback.is_some()
    }

    /// Waits up to ten minutes for the browser to come back; returns the address for
    /// [`Self::complete`]. May be dropped and called again, so that a host can wait for a pasted
    /// address at the same time. Waits in vain where nothing listens.
    ///
    /// # Errors
    /// [`Error::TimedOut`].
    pub async fn browser_returned(&self) -> Result<String, Error> {
        let accepted = async {
            match &self.loopback {
                Some(loopback) => loopback.accept().await,
                None => std::future::pending().await,
            }
        };
        let timed_out = || Error::TimedOut { redirect_uri: self.redirect_uri.clone() };
        let address = tokio::time::timeout(PERSON_TIMEOUT, accepted).await;
        address.map(String::from).map_err(|_| timed_out())
    }

    /// Trades the address that the browser ended on for a grant. When `expected` names an account
    /// and X signed in another one, the new tokens are revoked and both are named.
    ///
    /// # Errors
    /// See [`Error`]; nothing was connected then.
    pub async fn complete(
        self,
        address: &str,
        expected: Option<&ExpectedAccount>,
        clock: &dyn Clock,
    ) -> Result<SignedIn, Error> {
        let code = redirect::code(address, self.state.secret())?;
        let asked_at = clock.now();
        let (app, uri) = (&self.app, &self.redirect_uri);
        let tokens = exchange(&self.oauth, app, uri, code, self.verifier).await?;
        let access_token = tokens.access_token().secret();
        let me = self.x.me(access_token).await.map_err(Error::UnknownUser)?;
        let result = check_scopes(&tokens)
            .and_then(|()| check_account(&me, expected))
            .and_then(|()| grant(&self.app, &tokens, &me, asked_at));
        if result.is_err() {
            // They will not be used. Should X not hear it, they end by themselves in time.
            revoke(&self.x, &self.app, &tokens).await;
        }
        Ok(SignedIn { user: XUserId(me.id), grant: result? })
    }
}

/// X that names no scopes granted what was asked for.
fn check_scopes(tokens: &BasicTokenResponse) -> Result<(), Error> {
    let Some(granted) = tokens.scopes().filter(|scopes| !scopes.is_empty()) else { return Ok(()) };
    let is_missing = |scope: &&&str| !granted.iter().any(|granted| granted.as_str() == **scope);
    let missing: Vec<&str> = SCOPES.iter().filter(is_missing).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::MissingScopes { missing: missing.join(" ") })
}

fn check_account(me: &Me, expected: Option<&ExpectedAccount>) -> Result<(), Error> {
    match expected {
        Some(expected) if expected.id.0 != me.id => Err(Error::OtherAccount {
            expected: expected.username.clone(),
            actual: me.username.clone(),
        }),
        _ => Ok(()),
    }
}

/// Returns X's answer as the relay keeps it.
fn grant(
    app: &App,
    tokens: &BasicTokenResponse,
    me: &Me,
    asked_at: UnixMillis,
) -> Result<Grant, Error> {
    let refresh_token = tokens
        .refresh_token()
        .ok_or_else(|| Error::MissingScopes { missing: "offline.access".to_owned() })?;
    let lifetime = tokens.expires_in().unwrap_or(Duration::from_secs(ACCESS_TOKEN_SECONDS));
    let scopes: Vec<&str> = match tokens.scopes() {
        Some(scopes) => scopes.iter().map(|scope| scope.as_str()).collect(),
        None => SCOPES.to_vec(),
    };
    Ok(Grant {
        username: me.username.clone(),
        name: me.name.clone(),
        subscription_type: subscription_type(me.subscription).map(str::to_owned),
        client_id: app.client_id().to_owned(),
        client_secret: app.client_secret().map(|secret| secret.expose().to_owned()),
        access_token: tokens.access_token().secret().clone(),
        refresh_token: refresh_token.secret().clone(),
        expires_at: asked_at.plus(lifetime),
        scope: scopes.join(" "),
    })
}

/// Returns X's own word for what an account pays for.
const fn subscription_type(subscription: Subscription) -> Option<&'static str> {
    match subscription {
        Subscription::None => Some("None"),
        Subscription::Basic => Some("Basic"),
        Subscription::Premium => Some("Premium"),
        Subscription::PremiumPlus => Some("PremiumPlus"),
        Subscription::Unknown => None,
    }
}

async fn revoke(x: &Client, app: &App, tokens: &BasicTokenResponse) {
    let app = roost_x_api::oauth::App {
        client_id: app.client_id().to_owned(),
        client_secret: app.client_secret().cloned(),
    };
    let refresh = tokens.refresh_token().map(|token| token.secret().clone());
    let token = refresh.unwrap_or_else(|| tokens.access_token().secret().clone());
    let _ = x.revoke(&app, &roost_x_api::Secret::new(token)).await;
}
