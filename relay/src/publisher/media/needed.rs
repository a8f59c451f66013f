//! What X has to have before a post may begin, and what it has.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use roost_core::post::{Content, MediaFile};
use rusqlite::Connection;

use crate::rows::media_upload::{self, MediaKey};

/// An id is used no more when it ends within this.
pub(super) const EXPIRY_MARGIN: Duration = Duration::from_secs(60);

/// A file that X is to have before a post may begin.
#[derive(Debug, Clone)]
pub(in crate::publisher) struct Needed {
    pub(super) key: MediaKey,
    pub(super) file: MediaFile,
}

/// Returns X's ids of the media of one part, in order, when X has those of all parts from it on; else
/// what X lacks, each once.
pub(in crate::publisher) fn ids(
    connection: &Connection,
    content: &Content,
    part: u32,
    account: &XUserId,
    now: UnixMillis,
) -> rusqlite::Result<Result<Vec<String>, Vec<Needed>>> {
    let first = usize::try_from(part).unwrap_or(usize::MAX);
    let (mut ids, mut lacking) = (Vec::new(), Vec::<Needed>::new());
    for (number, part) in content.parts.iter().enumerate().skip(first) {
        for media in &part.media {
            // One without a file never comes here: the post was refused.
            let (Some(key), Some(file)) = (MediaKey::of(account, media), media.file) else {
                continue;
            };
            let upload = media_upload::get(connection, &key)?;
            match upload.ready_at(now.plus(EXPIRY_MARGIN)) {
                Some(id) if number == first => ids.push(id.to_owned()),
                Some(_) => {}
                None if lacking.iter().any(|needed| needed.key == key) => {}
                None => lacking.push(Needed { key, file }),
            }
        }
    }
    Ok(if lacking.is_empty() { Ok(ids) } else { Err(lacking) })
}
