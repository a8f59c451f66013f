//! The signing keys.

use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::Answered;
use crate::shared::Shared;

pub(super) fn get(shared: &Shared) -> Response {
    shown(shared.keys())
}

pub(super) async fn rotate(shared: &Arc<Shared>) -> Answered {
    Ok(shown(shared.clone().rotate_keys().await?))
}

fn shown((current, next): (String, String)) -> Response {
    super::json(StatusCode::OK, &json!({ "current": current, "next": next }))
}
