//! A post with media is kept, and not sent: this relay sends no media yet. Desktops do not schedule
//! such a post; should one come all the same, nothing of it goes out without the rest.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::post::Part;

use crate::ledger::Event;
use crate::ledger_write::LedgerWrite;
use crate::rows::part;
use crate::rows::post::Post;
use crate::transitions::{apply, save, set_reason};

const MESSAGE: &str = "The post has media, which this relay can't send: nothing of it was sent. Update \
    the relay, or take them off.";

/// Refuses a post with media; returns whether it was one.
pub(super) fn refuse_if_unsupported(
    ledger: &mut LedgerWrite<'_>,
    post: &Post,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let content = part::content(ledger, post.id)?.unwrap_or_default();
    if !content.parts.iter().any(Part::has_media) {
        return Ok(false);
    }
    let mut post = post.clone();
    if apply(&mut post, Event::Refuse).is_ok() {
        set_reason(&mut post, Code::AttachmentUnsupported, MESSAGE);
        save(ledger, &mut post, now)?;
    }
    Ok(true)
}
