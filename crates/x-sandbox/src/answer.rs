//! An answer before it becomes HTTP: it may still be replaced, garbled or cut by a fault.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use crate::cut::Cut;
use crate::database::Error;
use crate::rates::Window;

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// Cut the connection after so many bytes of the whole answer.
    pub(crate) cut_after: Option<usize>,
}

impl Answer {
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json; charset=utf-8".into())],
            body: body.to_string().into(),
            cut_after: None,
        }
    }

    pub(crate) fn ok(body: &Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    pub(crate) fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    /// Tells the rate windows as X does.
    pub(crate) fn windows(mut self, windows: &[Window]) -> Self {
        for window in windows {
            let name = window.header;
            self = self
                .header(&format!("{name}-limit"), window.limit)
                .header(&format!("{name}-remaining"), window.remaining)
                .header(&format!("{name}-reset"), window.reset);
        }
        self
    }

    /// An answer of which nothing arrives.
    pub(crate) fn nothing() -> Self {
        let mut answer = Self::json(StatusCode::INTERNAL_SERVER_ERROR, &Value::Null);
        answer.cut_after = Some(0);
        answer
    }

    /// The sandbox itself is broken: this is no imitation.
    pub(crate) fn broken(error: &Error) -> Self {
        tracing::error!(%error, "the sandbox could not serve a request");
        let detail = format!("The sandbox is out of order: {error}");
        Self::json(
            StatusCode::SERVICE_UNAVAILABLE,
            &serde_json::json!({ "title": "Sandbox failure", "detail": detail, "status": 503 }),
        )
    }
}

impl From<Result<Answer, Error>> for Answer {
    fn from(result: Result<Answer, Error>) -> Self {
        result.unwrap_or_else(|error| Self::broken(&error))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                if name == CONTENT_TYPE {
                    response.headers_mut().insert(name, value);
                } else {
                    response.headers_mut().append(name, value);
                }
            }
        }
        if let Some(bytes) = self.cut_after {
            // Should the answer be shorter than the cut, the next one must not suffer from it.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            response.extensions_mut().insert(Cut { after_bytes: bytes });
        }
        response
    }
}
