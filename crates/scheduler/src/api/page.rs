//! `GET /`: a page that shows what the scheduler does. It needs the token like everything else
//! (`/?qstash_token=..`), brings all its own parts, and calls nobody but this server.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use crate::secret;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// What a person sees instead who came without the token.
const LOCKED: &str = "<!doctype html><html lang=en><meta charset=utf-8>\
    <meta name=color-scheme content=\"light dark\"><title>qstash-local</title>\
    <h1>This page needs its token</h1><p>qstash-local printed its whole address when it started: \
    <code>/?qstash_token=\u{2026}</code></html>";

/// The refusal of the page, in words for a person.
pub(super) fn locked() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (StatusCode::UNAUTHORIZED, headers, LOCKED).into_response()
}

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
    let page = PAGE.replace("{nonce}", &nonce).replace("{style}", STYLE);
    (headers, page.replace("{script}", SCRIPT)).into_response()
}
