//! What followed here from the relay's answers: gathered in the transaction, published after it.

use std::collections::HashSet;

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;

use crate::state::EngineState;
use crate::view::{ChangeKind, ChangeSource};
use crate::{Change, Result, horizon};

/// What the relay's answers changed here.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// Posts of a rehearsal that are sent again when X does not have them.
    pub(super) interrupted: HashSet<PostId>,
    /// Those of them for which that is written down now.
    pub(super) sent_again: Vec<PostId>,
    /// Posts of which further parts are on X, and nothing else is new: no event says so.
    pub(super) parts: Vec<PostId>,
    pub(super) accounts: bool,
    pub(super) notices: bool,
    /// X took a post.
    pub(super) got_through: bool,
    /// Posts are to be withdrawn on the relay, or handed over again.
    pub(super) withdrawn: bool,
    /// The first instant beyond the horizon.
    pub(super) horizon_end: UnixMillis,
}

impl Effects {
    /// Returns none yet, with what the transaction that gathers them has to know.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(super) async fn begin(engine: &EngineState) -> Result<Self> {
        let interrupted = engine.interrupted().clone();
        let horizon_end = horizon::end(engine).await?;
        Ok(Self { interrupted, horizon_end, ..Self::default() })
    }

    /// Tells listeners, and wakes the loop where something is to be sent. Call it once the
    /// transaction is committed.
    pub(super) fn publish(self, engine: &EngineState) {
        if !self.sent_again.is_empty() {
            // Once: what a further kill interrupts is noted anew.
            engine.interrupted().retain(|post| !self.sent_again.contains(post));
        }
        if self.withdrawn || !self.sent_again.is_empty() {
            engine.wake.notify_one();
        }
        engine.publish_posts(self.parts, ChangeKind::Parts, ChangeSource::Relay);
        if self.accounts {
            engine.publish(Change::Accounts);
        }
        if self.notices {
            engine.publish(Change::Notices);
        }
    }
}
