//! The token endpoint: one request that trades the code for tokens.

use std::time::Duration;

use oauth2::basic::{
    BasicClient, BasicErrorResponse, BasicErrorResponseType, BasicRequestTokenError,
    BasicTokenResponse,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, TokenUrl,
};

use crate::app::App;
use crate::error::Error;
use crate::network::{SendError, send};

/// The code lives 30 seconds; an answer that takes as long is none.
const TIMEOUT: Duration = Duration::from_secs(30);

/// An OAuth 2 client that knows where to send people and where to trade codes.
pub(crate) type OauthClient =
    BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// Returns the OAuth 2 client of `app`, which proves itself in the one way that X accepts of its
/// kind.
pub(crate) fn oauth_client(
    app: &App,
    authorize: AuthUrl,
    token: TokenUrl,
    redirect: RedirectUrl,
) -> OauthClient {
    let client = BasicClient::new(ClientId::new(app.client_id().to_owned()))
        .set_auth_uri(authorize)
        .set_token_uri(token)
        .set_redirect_uri(redirect);
    match app.client_secret() {
        Some(secret) => client
            .set_client_secret(ClientSecret::new(secret.expose().to_owned()))
            .set_auth_type(AuthType::BasicAuth),
        None => client.set_auth_type(AuthType::RequestBody),
    }
}

/// Trades `code` for tokens.
pub(crate) async fn exchange(
    client: &OauthClient,
    app: &App,
    redirect_uri: &str,
    code: String,
    verifier: PkceCodeVerifier,
) -> Result<BasicTokenResponse, Error> {
    let send = |request| send(request, TIMEOUT);
    let request = client.exchange_code(AuthorizationCode::new(code)).set_pkce_verifier(verifier);
    request.request_async(&send).await.map_err(|error| read_error(error, app, redirect_uri))
}

fn read_error(error: BasicRequestTokenError<SendError>, app: &App, redirect_uri: &str) -> Error {
    match error {
        RequestTokenError::ServerResponse(refusal) => refused(&refusal, app, redirect_uri),
        RequestTokenError::Request(SendError::Network(reason)) => Error::Unreachable(reason),
        RequestTokenError::Request(error @ SendError::TooLong) => {
            Error::Unreadable(error.to_string())
        }
        // The body may hold tokens: only where it went wrong is told.
        RequestTokenError::Parse(error, _) => Error::Unreadable(format!("at {}", error.path())),
        RequestTokenError::Other(reason) => Error::Unreadable(reason),
    }
}

/// X names all that is wrong with a code `invalid_request`, and says in the description what.
fn refused(refusal: &BasicErrorResponse, app: &App, redirect_uri: &str) -> Error {
    let words = refusal.error_description().map_or("", String::as_str);
    let lower = words.to_ascii_lowercase();
    match refusal.error() {
        BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => {
            Error::ClientRefused { is_confidential: app.client_secret().is_some() }
        }
        _ if lower.contains("redirect uri") => {
            Error::RedirectMismatch { redirect_uri: redirect_uri.to_owned() }
        }
        BasicErrorResponseType::InvalidGrant => Error::CodeExpired,
        _ if lower.contains("authorization code was invalid") => Error::CodeExpired,
        error => {
            let name = error.as_ref();
            Error::Refused(if words.is_empty() { name.to_owned() } else { words.to_owned() })
        }
    }
}
