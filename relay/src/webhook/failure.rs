//! The scheduler gave a delivery up. That is a hint: the backstop posts what is due, and nothing
//! that is decided or under way changes.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roost_relay_api::Trigger;
use serde::Deserialize;
use serde_json::json;

use super::verify::{never, signed};
use crate::rows::given_up;
use crate::shared::Shared;

/// What of a callback matters here; QStash's own pages differ on the rest.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Callback {
    #[serde(default)]
    source_body: Option<String>,
    #[serde(default)]
    status: Option<i64>,
}

pub(super) async fn callback(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let body = match signed(&shared, request, &shared.failure_urls).await {
        Ok(signed) => signed.body,
        Err(answer) => return answer,
    };
    shared.metrics.failure_callbacks.add(1);
    let callback: Callback = match serde_json::from_slice(&body) {
        Ok(callback) => callback,
        Err(error) => {
            shared.metrics.poison.add(1);
            return never(&error.to_string());
        }
    };
    let trigger = callback
        .source_body
        .and_then(|body| STANDARD.decode(body).ok())
        .and_then(|body| serde_json::from_slice::<Trigger>(&body).ok());
    match trigger {
        Some(trigger) => {
            tracing::warn!(
                post.id = %trigger.post_id,
                post.revision = trigger.revision.0,
                status = callback.status,
                "the scheduler gave the delivery up; the relay's own clock takes care of it"
            );
            let now = shared.now();
            // A hint for alarms: the answer does not wait for whether it could be kept.
            let _ =
                shared.write("given-up", move |c| given_up::note(c, trigger.post_id, now)).await;
        }
        None => tracing::warn!(status = callback.status, "the scheduler gave a delivery up"),
    }
    shared.work.notify_one();
    (StatusCode::OK, Json(json!({ "noted": true }))).into_response()
}
