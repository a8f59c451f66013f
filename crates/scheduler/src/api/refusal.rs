//! Refusals, in QStash's shape: `{"error": ".."}`.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, StatusCode};
use serde_json::json;

use crate::error::Error;

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
    headers: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), headers: Vec::new() }
    }

    /// So many requests are being worked on that this one must come again.
    pub(super) fn busy() -> Self {
        let words = "too many requests are being worked on: try again in a second";
        let mut refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, words);
        refusal.headers.push(("retry-after", "1".to_owned()));
        refusal
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 400, or 412 when it is a limit that is exceeded.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        let message = message.into();
        let status = if message.starts_with("quota ") {
            StatusCode::PRECONDITION_FAILED
        } else {
            StatusCode::BAD_REQUEST
        };
        Self::new(status, message)
    }
}

impl Refusal {
    fn daily(error: &Error, limit: u32, resets_at: i64) -> Self {
        let mut refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, error.to_string());
        refusal.headers = vec![
            ("ratelimit-limit", limit.to_string()),
            ("ratelimit-remaining", "0".to_owned()),
            ("ratelimit-reset", resets_at.div_euclid(1000).to_string()),
        ];
        refusal
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match &error {
            Error::Quota(words) => return Self::invalid(words.clone()),
            Error::DailyLimit { limit, resets_at } => {
                return Self::daily(&error, *limit, *resets_at);
            }
            _ => {}
        }
        tracing::error!(%error, "a request could not be carried out");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = super::json(self.status, &json!({ "error": self.message }));
        for (name, value) in self.headers {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
