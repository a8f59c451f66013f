//! The token endpoint: one request that trades the code for tokens.

use std::time::Duration;

use http::{Request, Response};
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

/// The code lives 30 seconds; an answer that takes as long is none.
const TIMEOUT: Duration = Duration::from_secs(30);
/// An answer beyond this is not X's.
const ANSWER_MAX_BYTES: usize = 64 * 1024;

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
    let http = http_client()?;
    let send = |request| send(http.clone(), request);
    let request = client.exchange_code(AuthorizationCode::new(code)).set_pkce_verifier(verifier);
    request.request_async(&send).await.map_err(|error| read_error(error, app, redirect_uri))
}

/// Why no answer of X's came.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error("{0}")]
    Network(String),
    #[error("the answer has no end")]
    TooLong,
}

fn http_client() -> Result<reqwest::Client, Error> {
    reqwest::Client::builder()
        .timeout(TIMEOUT)
        // A token endpoint that redirects would be sent the code and the secret anew.
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("Roost/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| Error::Unreachable(error.to_string()))
}

async fn send(
    http: reqwest::Client,
    request: Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, SendError> {
    let network = |error: reqwest::Error| SendError::Network(plain(&error));
    let mut answer = http.execute(request.try_into().map_err(network)?).await.map_err(network)?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(network)? {
        if body.len() + chunk.len() > ANSWER_MAX_BYTES {
            return Err(SendError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = Response::new(body);
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    Ok(response)
}

/// Returns the innermost reason: the outer ones repeat the address.
fn plain(error: &reqwest::Error) -> String {
    let mut reason: &dyn std::error::Error = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    if error.is_timeout() { "it did not answer in time".to_owned() } else { reason.to_string() }
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
