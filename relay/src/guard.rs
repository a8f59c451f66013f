//! No browser has business with a relay: requests that come from a page are refused, and on
//! loopback those that were sent to another name (DNS rebinding).

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use roost_crash_points::{self as crash, Moment};

use uuid::Uuid;

use crate::shared::Shared;

/// Names a request in its answer and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every answer carries: it is no page, is kept by nobody, and has no other type than it says.
const ANSWER_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
];

pub(crate) async fn guard(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let id = Uuid::now_v7().simple().to_string();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut answer = answer(&shared, request, next).await;
    answer.headers_mut().extend(ANSWER_HEADERS);
    // What a person reports of an answer is found in the log by it.
    if answer.status().is_server_error() {
        let status = answer.status().as_u16();
        tracing::warn!(request.id = id, %method, path, status, "a request could not be served");
    } else {
        let status = answer.status().as_u16();
        tracing::debug!(request.id = id, %method, path, status, "a request was answered");
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        answer.headers_mut().insert(REQUEST_ID, id);
    }
    answer
}

async fn answer(shared: &Arc<Shared>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if headers.contains_key(header::ORIGIN) || is_cross_site(headers) {
        return forbidden("a web page has no business with the relay");
    }
    let named = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let asked = request.uri().authority().map(|authority| authority.as_str());
    // A proxy before us may have looked at one of the two, and we at the other (RFC 9112, 3.2).
    if headers.get_all(header::HOST).iter().count() > 1
        || named.zip(asked).is_some_and(|(named, asked)| !named.eq_ignore_ascii_case(asked))
    {
        return (StatusCode::BAD_REQUEST, "the request names two hosts").into_response();
    }
    let host = named.or(asked);
    if shared.config.loopback && !host.is_some_and(|host| is_ours(shared, host)) {
        return forbidden("this relay answers on this computer only, and to its own name");
    }
    let route = request.extensions().get::<MatchedPath>().cloned();
    let answer = next.run(request).await;
    // Where an answer may be lost: whatever was asked is done, and nobody knows.
    crash::point(route.as_ref().map_or("", MatchedPath::as_str), Moment::Answer);
    answer
}

fn is_cross_site(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| !matches!(site.as_bytes(), b"none" | b"same-origin"))
}

fn is_ours(shared: &Shared, host: &str) -> bool {
    let name = host_name(host);
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
        || shared.config.public_urls.iter().any(|url| url.host_str() == Some(name))
}

/// The name without its port.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn forbidden(reason: &'static str) -> Response {
    (StatusCode::FORBIDDEN, reason).into_response()
}

#[cfg(test)]
mod tests {
    use super::host_name;

    #[test]
    fn a_port_is_no_part_of_the_name() {
        for (host, name) in [
            ("localhost:80", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]:8080", "[::1]"),
            ("[::1]", "[::1]"),
            ("relay.example", "relay.example"),
        ] {
            assert_eq!(host_name(host), name);
        }
    }
}
