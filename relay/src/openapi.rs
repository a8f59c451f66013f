//! The document that describes every route, for whoever writes another client.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use roost_relay_api::RefusalCode;

use crate::desktop_api::ApiError;
use crate::health::may_look;
use crate::shared::Shared;

/// OpenAPI 3.1. Written by hand; the laws hold the relay's own answers to it.
const DOCUMENT: &str = include_str!("../openapi.json");

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/v1/openapi.json", get(document))
}

async fn document(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    if !may_look(&shared, &request.into_parts().0).await {
        return ApiError::new(RefusalCode::Unauthorized, "a device key is needed").into_response();
    }
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}
