//! What is shown of a file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roost_core::post::MediaDigest;
use roost_media::Library;
use roost_store::MediaUse;

use super::library_digest;
use crate::api::MediaItem;

/// Returns whether a file's bytes are in the library.
pub(super) fn is_here(library: &Library, digest: MediaDigest) -> bool {
    library.file(library_digest(digest)).is_ok_and(|file| file.is_some())
}

/// Returns what is shown of a file.
pub(super) fn item(media: MediaUse, is_here: bool) -> MediaItem {
    let MediaUse { media, posts, undescribed } = media;
    MediaItem {
        id: media.id,
        file: media.file(),
        width: media.width,
        height: media.height,
        duration_ms: media.duration_ms,
        placeholder_base64: media.placeholder.map(|bytes| STANDARD.encode(bytes)),
        added_at: media.added_at,
        file_name: media.file_name,
        posts,
        undescribed,
        is_here,
    }
}
