//! `GET /`: a page that shows what the scheduler does. It needs the token like everything else
//! (`/?qstash_token=..`), brings all its own parts, and calls nobody but this server.

use axum::response::{IntoResponse, Response};
use http::header;

use crate::secret;

const PAGE: &str = include_str!("page.html");

pub(super) fn page() -> Response {
    let nonce = secret::nonce();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, PAGE.replace("{nonce}", &nonce)).into_response()
}
