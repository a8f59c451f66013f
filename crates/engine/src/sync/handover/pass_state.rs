//! What one sync pass is to hand over, and what came of it so far.

use std::collections::HashSet;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_qstash::Error as SchedulerError;
use roost_store::SyncTally;

use crate::Error;
use crate::sync::scheduler_refusal::Refusal;

/// What one pass is to hand over, and what came of it so far.
#[derive(Debug)]
pub(in crate::sync) struct PassState {
    pub(in crate::sync) tally: SyncTally,
    /// Posts that this pass will not try again.
    pub(in crate::sync) set_aside: HashSet<PostId>,
    /// The first failure that ended the pass.
    pub(in crate::sync) failure: Option<Error>,
    /// What the scheduler refused, the whole of a batch or some of it.
    pub(in crate::sync) refusal: Option<Refusal>,
    /// Messages that it refused one by one.
    pub(in crate::sync) refused: u64,
    /// Whether the scheduler is left alone: what is due is staged and not published.
    pub(in crate::sync) rests: bool,
    /// Posts that wait for it.
    pub(in crate::sync) waiting: u64,
}

impl PassState {
    pub(in crate::sync) fn begin(end: UnixMillis, rests: bool) -> Self {
        Self {
            tally: SyncTally { horizon_end: Some(end), ..SyncTally::default() },
            set_aside: HashSet::new(),
            failure: None,
            refusal: None,
            refused: 0,
            rests,
            waiting: 0,
        }
    }

    /// The scheduler did not take these posts' messages.
    pub(in crate::sync) fn refuse(&mut self, error: SchedulerError, posts: u64) {
        let refusal = self.refusal.get_or_insert(Refusal { error, posts: 0 });
        refusal.posts += posts;
    }

    /// A post that can't be handed over now, for a reason of its own.
    pub(in crate::sync) fn put_aside(&mut self, post: PostId, code: Code, message: &str) {
        self.set_aside.insert(post);
        self.tally.failed += 1;
        self.tally.error_code.get_or_insert_with(|| code.as_str().to_owned());
        self.tally.error_message.get_or_insert_with(|| message.to_owned());
    }
}
