//! Posts that nobody works on although the ledger has them being sent.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::PostId;

use crate::ledger::Event;
use crate::ledger_write::LedgerWrite;
use crate::rows::intent::{self, Outcome};
use crate::rows::post;
use crate::transitions::{apply, save, set_reason};

/// Whatever is being sent and in nobody's hand has no known outcome. No exception. Gives how many
/// there were.
///
/// A task takes a post in hand before it writes `sending` and lets go of it after it wrote the
/// result; so a row that says `sending` in this transaction and is in no hand was left behind.
pub(crate) fn settle_interrupted(
    ledger: &mut LedgerWrite<'_>,
    is_in_hand: impl Fn(PostId) -> bool,
    message: &str,
    now: UnixMillis,
) -> rusqlite::Result<usize> {
    let mut left_behind = post::select(ledger, "state = 'sending'", [])?;
    left_behind.retain(|post| !is_in_hand(post.id));
    let count = left_behind.len();
    for mut post in left_behind {
        intent::end(ledger, post.id, post.live, Outcome::Unknown, Some(message), now)?;
        if apply(&mut post, Event::Restart).is_ok() {
            post.looks = 0;
            post.next_at = Some(now);
            set_reason(&mut post, Code::OutcomeUnknown, message);
            save(ledger, &mut post, now)?;
        }
    }
    Ok(count)
}
