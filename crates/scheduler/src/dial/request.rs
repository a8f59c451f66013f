//! A message as the request that delivers it.

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, HOST, MaxSizeReached};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::Full;
use percent_encoding::percent_decode_str;
use url::{Position, Url};

use crate::store::Message;

/// Headers that belong to the connection that is made here.
const OF_THE_CONNECTION: [&str; 9] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers that are added to the publisher's, at most.
const OWN: usize = 12;

/// The request to `url`. `own`: headers that no message can set otherwise.
pub(super) fn of(
    message: &Message,
    url: &Url,
    own: Vec<(HeaderName, String)>,
) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut request = Request::new(Full::new(message.body.clone()));
    *request.method_mut() =
        Method::from_bytes(message.spec.call.method.as_bytes()).unwrap_or(Method::POST);
    *request.uri_mut() = Uri::try_from(&url[Position::BeforePath..Position::AfterQuery])?;
    // Some receivers want to be told that there is none.
    let expects_a_body = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH);
    let headers = request.headers_mut();
    *headers = given(message)?;
    for (name, value) in own {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.try_insert(name, value)?;
        }
    }
    headers.try_insert(
        HOST,
        HeaderValue::from_str(&url[Position::BeforeHost..Position::BeforePath])?,
    )?;
    if message.body.is_empty() && expects_a_body {
        headers.try_insert(CONTENT_LENGTH, HeaderValue::from_static("0"))?;
    }
    headers.try_entry(ACCEPT)?.or_insert(HeaderValue::from_static("*/*"));
    if let Some(basic) = basic(url) {
        headers.try_entry(AUTHORIZATION)?.or_insert(HeaderValue::try_from(basic)?);
    }
    Ok(request)
}

/// The message's headers, as far as they are the publisher's to say.
fn given(message: &Message) -> Result<HeaderMap, MaxSizeReached> {
    let given = &message.spec.call.headers;
    let mut headers = HeaderMap::try_with_capacity(given.len() + OWN)?;
    for (name, value) in given {
        if OF_THE_CONNECTION.iter().any(|ours| ours.eq_ignore_ascii_case(name)) {
            continue;
        }
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            headers.try_insert(name, value)?;
        }
    }
    Ok(headers)
}

/// What a URL with a user in it asks for.
fn basic(url: &Url) -> Option<String> {
    let (user, password) = (url.username(), url.password());
    if user.is_empty() && password.is_none() {
        return None;
    }
    let mut pair: Vec<u8> = percent_decode_str(user).collect();
    pair.push(b':');
    pair.extend(percent_decode_str(password.unwrap_or_default()));
    Some(format!("Basic {}", STANDARD.encode(pair)))
}
