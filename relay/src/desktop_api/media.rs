//! Files of media: asked about, and taken in chunk by chunk.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, HttpBody as _};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use bytes::Bytes;
use futures::StreamExt as _;
use roost_core::failure::Code;
use roost_core::post::MediaDigest;
use roost_media::{Arrival, Digest, NotAppended};
use roost_relay_api::{CHUNK_BYTES_MAX, MediaUpload, RefusalCode};
use serde::Deserialize;

use super::auth::Device;
use super::error::ApiError;
use crate::media_store::NotTaken;
use crate::rows::media_file;
use crate::rows::post::{self, Wake};
use crate::shared::Shared;

/// How long one chunk may take to come. A client with a slower line sends smaller ones.
const CHUNK_TIME_MAX: Duration = Duration::from_secs(120);

/// Where a chunk stands.
#[derive(Deserialize)]
pub(super) struct ChunkQuery {
    offset: u64,
    bytes: u64,
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    _device: Device,
    Path(sha256): Path<String>,
) -> Result<Json<MediaUpload>, ApiError> {
    let digest = digest(&sha256)?;
    let arrival = shared.media.arrival(digest).await.map_err(|error| refusal(error, digest, 0))?;
    answer(&shared, digest, 0, arrival).await
}

pub(super) async fn put(
    State(shared): State<Arc<Shared>>,
    _device: Device,
    Path(sha256): Path<String>,
    query: Result<Query<ChunkQuery>, QueryRejection>,
    request: Request,
) -> Result<Json<MediaUpload>, ApiError> {
    let digest = digest(&sha256)?;
    let Query(query) = query.map_err(|error| ApiError::invalid(error.body_text()))?;
    let arrival = {
        // Held until the chunk is on the disk.
        let _room = shared.media.room_for_chunk().await;
        let chunk = read_chunk(request.into_body()).await?;
        shared.media.append(digest, query.offset, query.bytes, chunk).await
    };
    let arrival = arrival.map_err(|error| refusal(error, digest, query.bytes))?;
    answer(&shared, digest, query.bytes, arrival).await
}

fn digest(text: &str) -> Result<Digest, ApiError> {
    let digest = text.parse::<MediaDigest>();
    digest.map(|digest| Digest(digest.0)).map_err(|error| ApiError::invalid(error.to_string()))
}

/// Reads a body of up to [`CHUNK_BYTES_MAX`] bytes, within [`CHUNK_TIME_MAX`].
async fn read_chunk(body: Body) -> Result<Bytes, ApiError> {
    let reading = async {
        let length = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
        let mut frames = body.into_data_stream();
        let mut chunk = Vec::with_capacity(length.unwrap_or_default().min(CHUNK_BYTES_MAX));
        while let Some(frame) = frames.next().await {
            let frame = frame.map_err(|error| {
                ApiError::invalid(format!("the chunk can't be read: {error}"))
                    .with_status(StatusCode::REQUEST_TIMEOUT)
            })?;
            if chunk.len() + frame.len() > CHUNK_BYTES_MAX {
                let message = format!("a chunk has {CHUNK_BYTES_MAX} bytes at the most");
                return Err(ApiError::new(RefusalCode::TooLarge, message));
            }
            chunk.extend_from_slice(&frame);
        }
        Ok(Bytes::from(chunk))
    };
    tokio::time::timeout(CHUNK_TIME_MAX, reading).await.unwrap_or_else(|_| {
        Err(ApiError::invalid("the chunk did not come in time: send smaller ones")
            .with_status(StatusCode::REQUEST_TIMEOUT))
    })
}

/// Says how far a file has arrived. One that is whole is noted, and what waits for it goes on.
async fn answer(
    shared: &Shared,
    digest: Digest,
    bytes: u64,
    arrival: Arrival,
) -> Result<Json<MediaUpload>, ApiError> {
    let sha256 = digest.to_string();
    let upload = match arrival {
        Arrival::Partial { received_bytes } => {
            MediaUpload { sha256, bytes, received_bytes, is_complete: false }
        }
        Arrival::Whole(kept) => {
            let (now, noted) = (shared.now(), sha256.clone());
            shared
                .write("media-kept", move |c| {
                    media_file::touch(c, &noted, now)?;
                    post::wake(c, Wake::For(&[Code::MediaMissing]), None, now)
                })
                .await?;
            shared.work.notify_one();
            MediaUpload { sha256, bytes: kept.bytes, received_bytes: kept.bytes, is_complete: true }
        }
    };
    Ok(Json(upload))
}

fn refusal(error: NotTaken, digest: Digest, bytes: u64) -> ApiError {
    match error {
        NotTaken::Not(NotAppended::WrongOffset { received_bytes }) => {
            let message = format!("the relay has {received_bytes} bytes of this file: go on there");
            let sha256 = digest.to_string();
            let upload = MediaUpload { sha256, bytes, received_bytes, is_complete: false };
            ApiError::new(RefusalCode::WrongOffset, message).with_upload(upload)
        }
        NotTaken::Not(NotAppended::WrongDigest) => ApiError::new(
            RefusalCode::WrongDigest,
            "the file is whole and is not the one of this digest; it was thrown away",
        ),
        NotTaken::Not(NotAppended::TooLarge { bytes_max }) => {
            let most = bytes_max / 1_000_000;
            let message = format!("the relay keeps {most} MB of one file at the most");
            ApiError::new(RefusalCode::TooLarge, message)
        }
        NotTaken::Not(NotAppended::BeyondEnd) => {
            ApiError::invalid("the chunk does not lie within the file, or that has no byte")
        }
        NotTaken::Full(message) => ApiError::new(RefusalCode::StorageFull, message),
        NotTaken::Not(NotAppended::Io(error)) => {
            tracing::error!(%error, "a file of media could not be written");
            ApiError::new(RefusalCode::Unavailable, format!("the chunk can't be kept: {error}"))
        }
        NotTaken::Stopped => ApiError::new(RefusalCode::Unavailable, "the relay ends"),
    }
}
