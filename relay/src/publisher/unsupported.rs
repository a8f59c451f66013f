//! A file that the person has not taken in can't be sent, and nothing of a post goes out without the
//! rest. Desktops do not schedule such a post; one that comes all the same is refused.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::post::{Content, Part};

use crate::ledger::Event;
use crate::ledger_write::LedgerWrite;
use crate::rows::post::Post;
use crate::transitions::{apply, save, set_reason};

const MESSAGE: &str = "The post names an image or video of which there is no file: nothing of it was \
    sent. Take the file in again, or take it off.";

/// Refuses a post with a file that can't be sent; returns whether it was one.
pub(super) fn refuse_if_unsupported(
    ledger: &mut LedgerWrite<'_>,
    post: &Post,
    content: &Content,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    if !content.parts.iter().any(Part::has_unsendable) {
        return Ok(false);
    }
    let mut post = post.clone();
    if apply(&mut post, Event::Refuse).is_ok() {
        set_reason(&mut post, Code::MediaFileMissing, MESSAGE);
        save(ledger, &mut post, now)?;
    }
    Ok(true)
}
