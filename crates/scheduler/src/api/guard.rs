//! Who may ask: not web pages, not names of strangers, nobody without the token.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

use super::query::Query;
use super::refusal::Refusal;
use crate::config::{Config, Hosts};
use crate::shared::Shared;

/// The one web page of others that a server for development answers.
const QSTASHS_CONSOLE: &str = "https://console.upstash.com";
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Refuses what a web page could send: by the name it asked for, and by what browsers add.
pub(super) fn check_source(config: &Config, headers: &HeaderMap, uri: &Uri) -> Result<(), Refusal> {
    let named = match &config.hosts {
        Hosts::Any => None,
        Hosts::Loopback => Some(&[][..]),
        Hosts::Named(names) => Some(names.as_slice()),
    };
    if let Some(names) = named {
        let asked = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let asked = asked.or(uri.authority().map(http::uri::Authority::as_str));
        let asked = without_port(asked.unwrap_or_default());
        let known = LOOPBACK.iter().copied().chain(names.iter().map(String::as_str));
        if !known.into_iter().any(|name| name.eq_ignore_ascii_case(asked)) {
            return Err(Refusal::new(StatusCode::FORBIDDEN, "this Host is not served here"));
        }
    }
    if config.cors {
        let strange = headers.get_all(header::ORIGIN).iter().any(|origin| !is_developers(origin));
        let words = "web pages of this origin are not served here";
        return if strange { Err(Refusal::new(StatusCode::FORBIDDEN, words)) } else { Ok(()) };
    }
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let foreign = site.is_some_and(|site| site != b"none" && site != b"same-origin");
    // This server's own page says so twice when it changes something; no other page can.
    let own = site == Some(b"same-origin") && is_own_origin(headers);
    if foreign || (headers.contains_key(header::ORIGIN) && !own) {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "web pages are not served here"));
    }
    Ok(())
}

/// Whether somebody opened the page in a browser.
pub(super) fn is_person_at_the_page(parts: &Parts) -> bool {
    let accept = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    parts.method == Method::GET
        && parts.uri.path() == "/"
        && accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Whether pages of that origin may use a server for development: those of this machine, and
/// QStash's console. Everybody knows the token, so it alone would let every page in.
fn is_developers(origin: &HeaderValue) -> bool {
    let Some(url) = origin.to_str().ok().and_then(|origin| url::Url::parse(origin).ok()) else {
        return false;
    };
    match url.host() {
        Some(url::Host::Domain(name)) => {
            name == "localhost" || url.origin().ascii_serialization() == QSTASHS_CONSOLE
        }
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether the one `Origin` is the very address that was asked for.
fn is_own_origin(headers: &HeaderMap) -> bool {
    let one = |name| {
        let mut values = headers.get_all(name).iter();
        values.next().filter(|_| values.next().is_none()).and_then(|value| value.to_str().ok())
    };
    let origin = one(header::ORIGIN).and_then(|origin| origin.split_once("://"));
    origin.is_some_and(|(_, origin)| one(header::HOST).is_some_and(|host| host == origin))
}

fn without_port(host: &str) -> &str {
    match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') => &host[..colon],
        _ => host,
    }
}

/// The tokens that a request carries: of `Authorization: Bearer ..` and of `?qstash_token=..`. The
/// header may be meant for somebody else: whoever is told a URL of ours with its token in it may
/// send credentials of its own.
fn given_tokens(headers: &HeaderMap, query: &str) -> Vec<String> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(|bearer| bearer.trim().to_owned());
    let of_query = Query::parse(query).first("qstash_token").map(str::to_owned);
    bearer.into_iter().chain(of_query).collect()
}

/// Whose token the request carries.
pub(super) fn asked<'a>(
    schedulers: &'a [Arc<Shared>],
    request: &Request,
) -> Option<&'a Arc<Shared>> {
    let query = request.uri().query().unwrap_or_default();
    let tokens = given_tokens(request.headers(), query);
    tokens.iter().find_map(|token| schedulers.iter().find(|shared| shared.token.is(token)))
}

/// Whether the token may do this. The read-only token may look, though not at
/// the signing keys: whoever knows them can forge deliveries.
pub(super) fn check_token(shared: &Shared, parts: &Parts, query: &str) -> Result<(), Refusal> {
    let given = given_tokens(&parts.headers, query);
    if given.iter().any(|given| shared.token.is(given)) {
        return Ok(());
    }
    let reads = |given| shared.read_only_token.as_ref().is_some_and(|token| token.is(given));
    if !given.iter().any(|given| reads(given)) {
        return Err(Refusal::new(
            StatusCode::UNAUTHORIZED,
            "unable to authenticate: invalid token",
        ));
    }
    if parts.method == Method::GET && !parts.uri.path().starts_with("/v2/keys") {
        return Ok(());
    }
    Err(Refusal::new(StatusCode::FORBIDDEN, "this token is read-only"))
}

/// Lets pages of the developer's origins read the answer; only for development.
pub(super) fn allow_origin(response: &mut Response, origin: Option<HeaderValue>) {
    let Some(origin) = origin.filter(is_developers) else { return };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    headers
        .insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*, authorization"));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_part_of_a_host() {
        for (host, name) in [
            ("localhost:8080", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]:8080", "[::1]"),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(without_port(host), name);
        }
    }
}
