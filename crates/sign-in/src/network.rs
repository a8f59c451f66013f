//! The one place where this crate exchanges bytes with the network.
#![expect(
    clippy::disallowed_methods,
    reason = "a sign-in's requests are sent here and nowhere else"
)]

use std::time::Duration;

use http::{Request, Response};

/// An answer beyond this is not X's, nor the sandbox's.
const ANSWER_MAX_BYTES: usize = 64 * 1024;

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error("{0}")]
    Network(String),
    #[error("the answer has no end")]
    TooLong,
}

/// Sends one request, follows no redirect, and returns the whole answer, whatever its status.
pub(crate) async fn send(
    request: Request<Vec<u8>>,
    timeout: Duration,
) -> Result<Response<Vec<u8>>, SendError> {
    let network = |error: reqwest::Error| SendError::Network(plain(&error));
    let http = client(timeout).map_err(network)?;
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

fn client(timeout: Duration) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .timeout(timeout)
        // A token endpoint that redirects would be sent the code and the secret anew.
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("Roost/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Returns the innermost reason: the outer ones repeat the address.
fn plain(error: &reqwest::Error) -> String {
    let mut reason: &dyn std::error::Error = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    if error.is_timeout() { "it did not answer in time".to_owned() } else { reason.to_string() }
}
