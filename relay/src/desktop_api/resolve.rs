//! `/v1/posts/{id}/resolve`: a person decides about a post that could not be settled.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use roost_core::id::{PostId, TweetId};
use roost_relay_api::{Decision, Delivery, RefusalCode, Resolve};

use super::auth::Device;
use super::error::{ApiError, JsonBody};
use crate::shared::Shared;
use crate::transitions::resolve::{self, Resolution};

pub(super) async fn resolve(
    State(shared): State<Arc<Shared>>,
    _device: Device,
    Path(id): Path<String>,
    JsonBody(decision): JsonBody<Decision>,
) -> Result<Json<Delivery>, ApiError> {
    let id: PostId = id.parse().map_err(|_| ApiError::invalid("the post's id is no UUID"))?;
    if let Resolve::WentOut { tweet_id } = &decision.resolve
        && !is_tweet_id(tweet_id)
    {
        return Err(ApiError::invalid("a post's id on X is a number of up to 19 digits"));
    }
    let (now, pace) = (shared.now(), shared.config.pace.clone());
    let resolution =
        shared.write("resolve", move |c| resolve::resolve(c, id, &decision, &pace, now)).await?;
    shared.work.notify_one();
    match resolution {
        Resolution::Done(delivery) => Ok(Json(*delivery)),
        Resolution::NoSuchPost => {
            Err(ApiError::new(RefusalCode::NotFound, "the relay never heard of this post"))
        }
        Resolution::TooLate(state) => Err(ApiError::new(
            RefusalCode::TooLate,
            format!("the post needs no decision any more: it is {}", state.as_str()),
        )),
        Resolution::MovedOn => Err(ApiError::new(
            RefusalCode::TooLate,
            "the post has moved on since this was decided: look at it again",
        )),
        Resolution::NoText => Err(ApiError::new(
            RefusalCode::TooLate,
            "the relay no longer has the post's text; it is closed here, so arm it anew",
        )),
        Resolution::NoTextOfTheRest => Err(ApiError::new(RefusalCode::TooLate, resolve::NO_REST)),
        Resolution::TweetTaken => {
            Err(ApiError::invalid("that id on X belongs to another post already"))
        }
    }
}

fn is_tweet_id(id: &TweetId) -> bool {
    (1..=19).contains(&id.0.len()) && id.0.bytes().all(|byte| byte.is_ascii_digit())
}
