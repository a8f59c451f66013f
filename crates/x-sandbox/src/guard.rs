//! Only this computer, and no strange web page on it.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode};

/// Refuses names that are not this computer's (a page could point its own at us), foreign origins,
/// and requests that a browser calls cross-site; people may be sent to the consent page, though.
pub(crate) async fn loopback_only(request: Request, next: Next) -> Response {
    let host = text(request.headers(), "host").map(str::to_owned);
    let Some(host) = host.filter(|host| is_loopback(host)) else {
        let words = "The sandbox answers to 127.0.0.1, localhost and [::1] only.";
        return (StatusCode::FORBIDDEN, words).into_response();
    };
    let headers = request.headers();
    let foreign_origin = text(headers, "origin")
        .is_some_and(|origin| origin.strip_prefix("http://").is_none_or(|origin| origin != host));
    let is_visit = request.method() == Method::GET
        && text(headers, "sec-fetch-mode") == Some("navigate")
        && matches!(request.uri().path(), "/" | "/i/oauth2/authorize");
    let cross_site = text(headers, "sec-fetch-site") == Some("cross-site") && !is_visit;
    if foreign_origin || cross_site {
        let words = "The sandbox does not answer to other web pages.";
        return (StatusCode::FORBIDDEN, words).into_response();
    }
    next.run(request).await
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => return rest == "::1]" || rest.starts_with("::1]:"),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1"
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_computer_s_names_are_accepted() {
        for host in ["127.0.0.1", "127.0.0.1:80", "LocalHost:1", "[::1]", "[::1]:8080"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "example.com", "127.0.0.1.example.com", "localhost.example", "[::2]"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
