//! What the scheduler speaks with: deliveries and failure callbacks, each signed.

mod failure;
mod post_tweet;
mod verify;

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use roost_relay_api::{FAILURE_PATH, POST_TWEET_PATH};

use crate::shared::Shared;

/// A trigger has a hundred bytes. A larger one is poison; whether it is ours to put aside, only
/// its signature tells, so it is read as far as any scheduler's smallest plan takes it.
const TRIGGER_MAX_BYTES: usize = 64 * 1024;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route(POST_TWEET_PATH, post(post_tweet::deliver))
        .route(FAILURE_PATH, post(failure::callback))
}
