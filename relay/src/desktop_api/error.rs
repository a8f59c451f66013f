//! How the relay says no, and how it reads what it was sent.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use bytes::Bytes;
use roost_core::id::TweetId;
use roost_relay_api::{MediaUpload, Refusal, RefusalCode};
use serde::de::DeserializeOwned;

use crate::database::DatabaseError;
use crate::redact::redact_parse_error;

/// A refusal on its way out, with another status than its code's if there is a better one.
#[derive(Debug)]
pub(crate) struct ApiError(pub(super) Refusal, Option<StatusCode>);

impl ApiError {
    pub(crate) fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self(Refusal { code, message: message.into(), gone: Vec::new(), upload: None }, None)
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(RefusalCode::Invalid, message)
    }

    /// The same of a post of which these parts are deleted on X, counted from 0.
    pub(super) fn with_gone(mut self, gone: Vec<(u32, TweetId)>) -> Self {
        let part = |(part, tweet): &(u32, TweetId)| format!("part {} ({tweet})", part + 1);
        let parts: Vec<String> = gone.iter().map(part).collect();
        self.0.message.push_str(&format!("; deleted on X already: {}", parts.join(", ")));
        self.0.gone = gone.into_iter().map(|(_, tweet)| tweet).collect();
        self
    }

    /// The same with another status than its code's.
    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self(self.0, Some(status))
    }

    /// The same with how far a file has arrived.
    pub(super) fn with_upload(mut self, upload: MediaUpload) -> Self {
        self.0.upload = Some(upload);
        self
    }

    pub(super) fn other_store() -> Self {
        Self::new(
            RefusalCode::OtherStore,
            "another computer feeds this relay from a copy of the same store: take over there or \
             here, or stay read-only",
        )
    }
}

impl From<DatabaseError> for ApiError {
    fn from(error: DatabaseError) -> Self {
        Self::new(RefusalCode::Unavailable, error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.1.unwrap_or(match self.0.code {
            RefusalCode::Unauthorized => StatusCode::UNAUTHORIZED,
            RefusalCode::Invalid => StatusCode::BAD_REQUEST,
            RefusalCode::NotFound => StatusCode::NOT_FOUND,
            RefusalCode::CursorGone => StatusCode::GONE,
            RefusalCode::OtherStore
            | RefusalCode::TooLate
            | RefusalCode::OtherAccount
            | RefusalCode::WrongOffset => StatusCode::CONFLICT,
            RefusalCode::WrongDigest => StatusCode::UNPROCESSABLE_ENTITY,
            RefusalCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            RefusalCode::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            RefusalCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            RefusalCode::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
        });
        let mut response = (status, Json(self.0)).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        } else if status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }
}

/// A JSON body; what is wrong with it is told in a refusal.
pub(super) struct JsonBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, state).await.map_err(|error| {
            let ApiError(refusal, _) =
                ApiError::invalid(format!("the request can't be read: {error}"));
            // A body that is too large keeps its own status.
            ApiError(refusal, Some(error.status()))
        })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let why = error.to_string();
            // A mistake in the form repeats nothing of the text; one in its meaning does.
            let why = if error.is_data() { redact_parse_error(&why) } else { &why };
            ApiError::invalid(format!("the request is not what was expected: {why}"))
        })
    }
}
