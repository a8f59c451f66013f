//! What the desktop speaks with: `/v1/`.

mod accounts;
mod alarms;
mod auth;
pub(crate) mod error;
mod events;
mod manifest;
mod media;
mod pair;
mod pause;
mod posts;
mod remove;
mod resolve;
mod scheduler;
mod self_test;
mod status;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post, put};
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::shared::Shared;

pub(crate) use auth::Device;
pub(crate) use error::ApiError;
pub(crate) use status::counts;

/// How long a client may send nothing in the middle of a body.
const BODY_PAUSE_MAX: Duration = Duration::from_secs(10);
/// The largest request: a batch of long threads fits.
const BODY_MAX_BYTES: usize = 16 * 1024 * 1024;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/v1/stage", post(posts::stage))
        .route("/v1/withdraw", post(posts::withdraw))
        .route("/v1/posts", post(posts::lookup))
        .route("/v1/texts", post(posts::texts))
        .route("/v1/posts/{id}/resolve", post(resolve::resolve))
        .route("/v1/posts/{id}/remove", post(remove::remove))
        .route("/v1/events", get(events::events))
        .route("/v1/manifest", post(manifest::manifest))
        .route("/v1/takeover", post(status::take_over))
        .route("/v1/pause", post(pause::pause))
        .route("/v1/try-now", post(status::try_now))
        .route("/v1/coverage", post(status::coverage))
        .route("/v1/pair", post(pair::pair))
        .route("/v1/media/{sha256}", get(media::get).put(media::put))
        .route("/v1/devices", get(pair::list))
        .route("/v1/devices/{name}", delete(pair::revoke))
        .route("/v1/scheduler", get(scheduler::state))
        .route("/v1/scheduler/keys", put(scheduler::take_keys))
        .route("/v1/scheduler/token", get(scheduler::token))
        .route("/v1/self-test", post(self_test::begin))
        .route("/v1/self-test/accounts", post(self_test::prove_accounts))
        .route("/v1/self-test/{probe}", get(self_test::result))
        .route("/v1/alarms", get(alarms::status))
        .route("/v1/alarms/test", post(alarms::send_test))
        .route("/v1/status", get(status::status))
        .route("/v1/accounts", get(accounts::list))
        .route("/v1/accounts/{id}", put(accounts::connect).delete(accounts::disconnect))
        .route("/v1/accounts/{id}/pause", post(pause::pause_account))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE_MAX))
}
