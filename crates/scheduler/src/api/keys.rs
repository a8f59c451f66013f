//! The signing keys.

use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::Answered;
use crate::scheduler::Core;

pub(super) fn get(core: &Core) -> Response {
    shown(core.keys())
}

pub(super) async fn rotate(core: &Arc<Core>) -> Answered {
    Ok(shown(core.clone().rotate_keys().await?))
}

fn shown((current, next): (String, String)) -> Response {
    super::json(StatusCode::OK, &json!({ "current": current, "next": next }))
}
