//! Posts: staged, withdrawn, and looked up.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use roost_relay_api::{
    BATCH_MAX, Lookup, LookupAnswer, PostTexts, StageAnswer, StageBatch, TextsAnswer, TextsOf,
    WithdrawAnswer, WithdrawBatch,
};

use super::auth::Device;
use super::error::{ApiError, JsonBody};
use crate::rows::tie::Tie;
use crate::rows::{part, post, relay};
use crate::shared::Shared;
use crate::transitions::{stage_batch, withdraw_batch};

pub(super) async fn stage(
    State(shared): State<Arc<Shared>>,
    device: Device,
    JsonBody(batch): JsonBody<StageBatch>,
) -> Result<Json<StageAnswer>, ApiError> {
    if batch.items.len() > BATCH_MAX {
        return Err(ApiError::invalid(format!("at most {BATCH_MAX} posts in one batch")));
    }
    let (now, pace, media) = (shared.now(), shared.config.pace.clone(), shared.media.clone());
    let has_media =
        batch.items.iter().flat_map(|item| &item.content.parts).any(|part| !part.media.is_empty());
    let answer = shared
        .write("stage", move |c| stage_batch(c, &batch, &device.0, &media, &pace, now))
        .await?;
    shared.work.notify_one();
    if has_media {
        shared.media_uploads.note_staged();
    }
    answer.map(Json).ok_or_else(ApiError::other_store)
}

pub(super) async fn withdraw(
    State(shared): State<Arc<Shared>>,
    device: Device,
    JsonBody(batch): JsonBody<WithdrawBatch>,
) -> Result<Json<WithdrawAnswer>, ApiError> {
    if batch.items.len() > BATCH_MAX {
        return Err(ApiError::invalid(format!("at most {BATCH_MAX} withdrawals in one batch")));
    }
    let (now, margin) = (shared.now(), shared.config.pace.doubt_margin);
    let answer = shared
        .write("withdraw", move |c| withdraw_batch(c, &batch, &device.0, margin, now))
        .await?;
    answer.map(Json).ok_or_else(ApiError::other_store)
}

pub(super) async fn lookup(
    State(shared): State<Arc<Shared>>,
    _device: Device,
    JsonBody(lookup): JsonBody<Lookup>,
) -> Result<Json<LookupAnswer>, ApiError> {
    if lookup.post_ids.len() > BATCH_MAX {
        return Err(ApiError::invalid(format!("at most {BATCH_MAX} posts in one lookup")));
    }
    let answer = shared
        .read("lookup", move |c| {
            let mut deliveries = Vec::with_capacity(lookup.post_ids.len());
            for id in lookup.post_ids {
                if let Some(post) = post::get(c, id)? {
                    deliveries.push(post.delivery(c)?);
                }
            }
            Ok(LookupAnswer { epoch: relay::row(c)?.epoch, deliveries })
        })
        .await?;
    Ok(Json(answer))
}

/// What is staged of posts, for a store that was put back from a backup: it has forgotten what was
/// changed since.
pub(super) async fn texts(
    State(shared): State<Arc<Shared>>,
    _device: Device,
    JsonBody(asked): JsonBody<TextsOf>,
) -> Result<Json<TextsAnswer>, ApiError> {
    if asked.post_ids.len() > BATCH_MAX {
        return Err(ApiError::invalid(format!("at most {BATCH_MAX} posts in one request")));
    }
    let answer = shared
        .read("texts", move |c| {
            let ids = match asked.after {
                Some(after) => post::of_store(c, asked.store_id, after, BATCH_MAX)?,
                None => asked.post_ids,
            };
            let is_full = asked.after.is_some() && ids.len() == BATCH_MAX;
            let last = ids.last().copied().filter(|_| is_full);
            let mut posts = Vec::with_capacity(ids.len());
            for id in ids {
                let Some(post) = post::get(c, id)? else { continue };
                let Some(content) = part::content(c, id)? else { continue };
                if post.store == Some(asked.store_id) && !content.parts.is_empty() {
                    let follow_up = post.follow_up.as_ref().map(Tie::follow_up);
                    let revision = post.revision;
                    posts.push(PostTexts { post_id: id, revision, content, follow_up });
                }
            }
            Ok(TextsAnswer { posts, last })
        })
        .await?;
    Ok(Json(answer))
}
