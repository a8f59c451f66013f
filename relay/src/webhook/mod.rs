//! What the scheduler speaks with: deliveries and failure callbacks, each signed.

mod failure;
mod post_tweet;
mod verify;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use roost_relay_api::{FAILURE_PATH, POST_TWEET_PATH};

use crate::shared::Shared;

pub(crate) use post_tweet::{Taken, take_up};

/// A trigger has a hundred bytes; a callback carries a whole answer of ours and its headers.
const TRIGGER_MAX: usize = 64 * 1024;
const CALLBACK_MAX: usize = 2 * 1024 * 1024;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route(POST_TWEET_PATH, post(post_tweet::deliver).layer(DefaultBodyLimit::max(TRIGGER_MAX)))
        .route(FAILURE_PATH, post(failure::callback).layer(DefaultBodyLimit::max(CALLBACK_MAX)))
}
