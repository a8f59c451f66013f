//! What parts say of their files is what the library knows of them.

use roost_core::failure::{Code, Problem};
use roost_core::limits::Subscription;
use roost_core::post::{Content, MediaCategory, MediaRef};
use roost_store::{Error as StoreError, Media, Read};

/// Milliseconds of the longest video of an account without X Premium.
const VIDEO_MS_MAX: u64 = 140_000;

/// Returns the content with what the library knows of its files. One that the library does not have
/// is left without: such a part can't be scheduled.
///
/// # Errors
/// When SQLite cannot read.
pub(crate) fn with_files(store: &Read<'_>, mut content: Content) -> Result<Content, StoreError> {
    for media in content.parts.iter_mut().flat_map(|part| &mut part.media) {
        let known = known(store, media)?;
        if let Some(known) = &known {
            media.media_id = known.id;
        }
        media.file = known.and_then(|known| known.file());
    }
    Ok(content)
}

fn known(store: &Read<'_>, media: &MediaRef) -> Result<Option<Media>, StoreError> {
    match (store.media(media.media_id)?, media.file) {
        (Some(known), _) => Ok(Some(known)),
        // Another store gave it another id.
        (None, Some(file)) => store.media_of_digest(file.sha256),
        (None, None) => Ok(None),
    }
}

/// Returns what an account may not post of the files of a content: a long video needs X Premium.
///
/// # Errors
/// When SQLite cannot read.
pub(crate) fn for_account(
    store: &Read<'_>,
    content: &Content,
    subscription: Subscription,
) -> Result<Vec<Problem>, StoreError> {
    if subscription != Subscription::None {
        return Ok(Vec::new());
    }
    let mut problems = Vec::new();
    for (index, part) in content.parts.iter().enumerate() {
        let is_video = |media: &&MediaRef| {
            media.file.is_some_and(|file| file.category == MediaCategory::Video)
        };
        for media in part.media.iter().filter(is_video) {
            let known = store.media(media.media_id)?;
            let Some(ms) = known.and_then(|known| known.duration_ms) else { continue };
            if ms > VIDEO_MS_MAX {
                let seconds = ms.div_ceil(1_000);
                let message = format!(
                    "The video lasts {seconds} s; X takes 140 s from an account without X Premium."
                );
                let field = match content.parts.len() {
                    1 => "content".to_owned(),
                    _ => format!("thread[{}]", index + 1),
                };
                problems.push(Problem::new(Code::InvalidMedia, message).in_field(field));
            }
        }
    }
    Ok(problems)
}
