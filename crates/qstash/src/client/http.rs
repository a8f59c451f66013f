//! The one function through which every exchange with QStash passes.

use std::time::{Duration, UNIX_EPOCH};

use reqwest::header::{AUTHORIZATION, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};

use roost_crash_points::{self as crash, Moment};

use super::Client;
use super::transport::Broken;
use crate::error::{Error, Limits};

/// How long one exchange may take, answer included.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest answer that is read; a longer one is refused, not stored.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;
/// How many characters of QStash's own words go into an error.
const WORDS_LIMIT: usize = 500;

/// Returns the header that opens the account.
///
/// # Errors
/// [`Error::Invalid`] when the token can't be a header.
pub(crate) fn bearer(token: &str) -> Result<HeaderValue, Error> {
    let mut bearer = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| Error::Invalid("the QStash token holds characters no token has".into()))?;
    bearer.set_sensitive(true);
    Ok(bearer)
}

/// A request before it is sent.
pub(crate) struct Outgoing {
    pub(crate) method: reqwest::Method,
    /// Path and query after the base, beginning with `/`.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Outgoing {
    pub(crate) const fn new(method: reqwest::Method, target: String) -> Self {
        Self { method, target, headers: Vec::new(), body: Vec::new() }
    }
}

/// A 2xx answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Error::Unreadable { status: self.status, reason: error.to_string() })
    }
}

impl Client {
    /// Sends one request and reads the answer. Every exchange of this crate passes here; `point`
    /// names it for whoever watches or cuts the exchanges.
    pub(crate) async fn exchange(
        &self,
        point: &'static str,
        outgoing: Outgoing,
    ) -> Result<Answer, Error> {
        let url = url::Url::parse(&format!("{}{}", self.base, outgoing.target))
            .map_err(|error| Error::Invalid(format!("{point}: {error}")))?;
        let mut request = reqwest::Request::new(outgoing.method, url);
        *request.timeout_mut() = Some(EXCHANGE_TIMEOUT);
        request.headers_mut().insert(AUTHORIZATION, self.bearer.clone());
        for (name, value) in outgoing.headers {
            let invalid = |reason: String| Error::Invalid(format!("{point}: {name}: {reason}"));
            let value = HeaderValue::from_str(&value).map_err(|e| invalid(e.to_string()))?;
            let name = HeaderName::from_bytes(name.as_bytes());
            request.headers_mut().append(name.map_err(|e| invalid(e.to_string()))?, value);
        }
        *request.body_mut() = Some(outgoing.body.into());
        crash::point(point, Moment::Ask);
        let answer = self.transport.exchange(request, ANSWER_LIMIT).await;
        crash::point(point, Moment::Answered);
        let answer = answer.map_err(|broken| self.broken(broken))?;
        let status = answer.status.as_u16();
        if answer.status.is_success() {
            return Ok(Answer { status, body: answer.body });
        }
        Err(Error::refusal(status, self.words(&answer.body), limits(&answer.headers)))
    }

    fn broken(&self, broken: Broken) -> Error {
        match broken {
            Broken::NotReached(reason) => Error::NotReached(self.plain(&reason)),
            Broken::Invalid(reason) => Error::Invalid(self.plain(&reason)),
            Broken::NoAnswer(reason) => Error::NoAnswer(self.plain(&reason)),
            Broken::Endless(status) => Error::Unreadable {
                status: status.as_u16(),
                reason: format!("it is longer than {ANSWER_LIMIT} bytes"),
            },
        }
    }

    /// QStash's own words: `{"error": ".."}`, or plain text.
    fn words(&self, body: &[u8]) -> String {
        #[derive(serde::Deserialize)]
        struct Words {
            error: String,
        }
        let text = serde_json::from_slice::<Words>(body)
            .map_or_else(|_| String::from_utf8_lossy(body).into_owned(), |words| words.error);
        self.plain(text.trim())
    }

    /// Without our token, should it be echoed, and not without end.
    pub(crate) fn plain(&self, text: &str) -> String {
        text.replace(&self.token, "[token]").chars().take(WORDS_LIMIT).collect()
    }
}

/// What the headers say about limits. Points in time are measured from the answer's own `Date`,
/// so that a wrong clock here does no harm.
fn limits(headers: &HeaderMap) -> Limits {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let date = text(DATE.as_str()).and_then(|date| httpdate::parse_http_date(date).ok());
    let until = |unix: u64| {
        let then = UNIX_EPOCH.checked_add(Duration::from_secs(unix))?;
        Some(then.duration_since(date?).unwrap_or_default())
    };
    let reset = |name: &str| text(name)?.trim().parse::<u64>().ok().and_then(until);
    let retry_after = text(RETRY_AFTER.as_str()).and_then(|value| {
        value
            .trim()
            .parse()
            .map(Duration::from_secs)
            .ok()
            .or_else(|| httpdate::parse_http_date(value).ok()?.duration_since(date?).ok())
    });
    let daily = headers.contains_key("ratelimit-limit");
    let reset = if daily { reset("ratelimit-reset") } else { reset("burst-ratelimit-reset") };
    Limits { daily, retry_after: retry_after.or(reset) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_limit_is_measured_by_the_answers_own_date() {
        let mut headers = HeaderMap::new();
        headers.insert("date", "Tue, 01 Dec 2026 00:00:00 GMT".parse().unwrap());
        headers.insert("ratelimit-limit", "1000".parse().unwrap());
        headers.insert("ratelimit-reset", "1796083290".parse().unwrap());
        let read = limits(&headers);
        assert!(read.daily);
        assert_eq!(read.retry_after, Some(Duration::from_secs(90)));
    }
}
