//! `/v1/manifest`: a desktop tells what it knows.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use roost_relay_api::{MANIFEST_PAGE_MAX, Manifest, ManifestAnswer};

use super::auth::Device;
use super::error::{ApiError, JsonBody};
use crate::shared::Shared;
use crate::transitions::manifest::{Applied, apply_manifest};

pub(super) async fn manifest(
    State(shared): State<Arc<Shared>>,
    device: Device,
    JsonBody(manifest): JsonBody<Manifest>,
) -> Result<Json<ManifestAnswer>, ApiError> {
    if manifest.posts.len() > MANIFEST_PAGE_MAX {
        return Err(ApiError::invalid(format!(
            "at most {MANIFEST_PAGE_MAX} posts on one page of a manifest"
        )));
    }
    let (now, pace, media) = (shared.now(), shared.config.pace.clone(), shared.media.clone());
    let applied = shared
        .write("manifest", move |c| apply_manifest(c, &device.0, &manifest, &media, &pace, now))
        .await?;
    shared.work.notify_one();
    match applied {
        Applied::Done(answer) => Ok(Json(answer)),
        Applied::OtherStore => Err(ApiError::other_store()),
        Applied::OtherEpoch => Err(ApiError::invalid(
            "the relay's database has another mark by now: read its status, then send the \
             manifest anew",
        )),
    }
}
