//! What is written of each new post of an import, made ready on a thread of its own: hashing, pricing and
//! the JSON of events go on beside SQLite's work.

use std::borrow::Borrow;
use std::sync::mpsc::sync_channel;
use std::thread;

use roost_core::clock::UnixMillis;
use roost_core::cost::Prices;
use roost_core::id::ImportId;
use roost_core::post::Part;
use roost_core::status::Actor;

use crate::error::Error;
use crate::post::{NewPost, Post};

/// Posts that are written together.
const CHUNK: usize = 512;
/// Chunks that are ready before they are written, at the most.
const CHUNKS_AHEAD: usize = 4;

/// A post with all that is written of it.
pub(super) struct Prepared {
    pub(super) post: Post,
    /// What its event says.
    pub(super) event: String,
    pub(super) tags: Vec<String>,
    /// What it says beyond its first text: text and the rest of each part; none for a text alone.
    pub(super) parts: Vec<(Option<String>, Option<String>)>,
}

/// What all posts of an import have in common.
#[derive(Clone, Copy)]
pub(super) struct Common {
    pub(super) import: ImportId,
    pub(super) now: UnixMillis,
    pub(super) prices: Prices,
    pub(super) by: Actor,
}

fn prepare(new: &NewPost, common: Common) -> Result<Prepared, Error> {
    let post = new.as_made(common.now, Some(common.import), &common.prices, common.by)?;
    let (_, event) = new.event(&post).stored()?;
    let beyond = new.content.parts.iter().map(Part::stored_beyond);
    let is_text_alone =
        matches!(new.content.parts.as_slice(), [] | [_]) && beyond.clone().all(|it| it.is_none());
    let parts = if is_text_alone {
        Vec::new()
    } else {
        let texts = new.content.parts.iter().enumerate();
        // The first part's text is the post's, kept once.
        let texts = texts.map(|(place, part)| (place > 0).then(|| part.text.clone()));
        texts.zip(beyond).collect()
    };
    Ok(Prepared { post, event: event.unwrap_or_default(), tags: new.tags.clone(), parts })
}

fn chunk<I>(posts: &mut I, common: Common) -> Result<Vec<Prepared>, Error>
where
    I: Iterator<Item: Borrow<NewPost>>,
{
    posts.take(CHUNK).map(|new| prepare(new.borrow(), common)).collect()
}

/// Makes posts ready and gives them to `write`, in their order.
///
/// # Errors
/// When a post breaks a rule, or what `write` returns.
pub(super) fn each_chunk<I>(
    mut posts: I,
    common: Common,
    mut write: impl FnMut(Vec<Prepared>) -> Result<(), Error>,
) -> Result<(), Error>
where
    I: Iterator<Item: Borrow<NewPost>> + Send,
{
    let first = chunk(&mut posts, common)?;
    if first.len() < CHUNK {
        return write(first);
    }
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(CHUNKS_AHEAD);
        scope.spawn(move || {
            loop {
                let chunk = chunk(&mut posts, common);
                let is_last = chunk.as_ref().map_or(true, |chunk| chunk.len() < CHUNK);
                // The writer is gone when it met an error.
                if sender.send(chunk).is_err() || is_last {
                    return;
                }
            }
        });
        write(first)?;
        receiver.into_iter().try_for_each(|chunk| write(chunk?))
    })
}
