//! Files that a post names and that are not here.

use roost_core::post::Content;
use roost_media::Digest;

use crate::media_store::MediaStore;

/// Returns the digests of the files that a content names and that are not here whole, each once.
pub(super) fn missing_media(media: &MediaStore, content: &Content) -> Vec<String> {
    let mut missing = Vec::new();
    for file in content.parts.iter().flat_map(|part| &part.media).filter_map(|it| it.file) {
        let sha256 = file.sha256.to_string();
        if !media.has(Digest(file.sha256.0), file.bytes) && !missing.contains(&sha256) {
            missing.push(sha256);
        }
    }
    missing
}
