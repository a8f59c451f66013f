//! The library: what is there, how often it is used, and the room that it takes.

use roost_core::post::MediaDigest;
use roost_store::MediaUse;

use super::item::{is_here, item};
use crate::Result;
use crate::api::{ListMedia, MediaLibrary, MediaRoom};
use crate::state::EngineState;

/// Files of a page when the request does not say how many.
const PAGE: u32 = 60;
/// Files of the largest page.
const PAGE_MAX: u32 = 500;

/// Returns a page of the library, the file taken in last first.
///
/// # Errors
/// When the store or the library can't be read.
pub(crate) async fn list(engine: &EngineState, wanted: ListMedia) -> Result<MediaLibrary> {
    let limit = if wanted.limit == 0 { PAGE } else { wanted.limit.min(PAGE_MAX) };
    let offset = wanted.offset;
    let (uses, total) = engine
        .read(move |store| Ok((store.list_media(limit, offset)?, store.media_total()?)))
        .await?;
    let library = engine.media_library().await?;
    let items = engine
        .blocking(move || {
            let of = |media: MediaUse| {
                let is_here = is_here(&library, MediaDigest(media.media.sha256));
                item(media, is_here)
            };
            Ok(uses.into_iter().map(of).collect())
        })
        .await?;
    let relay = engine.health().relay_status.as_ref().and_then(|status| status.media);
    Ok(MediaLibrary {
        items,
        files: total.files,
        bytes: total.bytes,
        relay: relay.map(|relay| MediaRoom {
            files: relay.files,
            bytes: relay.bytes,
            bytes_max: relay.bytes_max,
        }),
    })
}
