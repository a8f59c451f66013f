//! What undoing or redoing did, gathered as it is done.

use roost_core::id::PostId;
use roost_store::{Error as StoreError, Read};

use super::post::PostOutcome;
use crate::api::{HistoryStep, PostReversal, Reversal, ReversedPost, ReversedStep};
use crate::excerpt::excerpt;

/// Posts that a report names; all are counted.
const POSTS_MAX: usize = 1_000;

/// The report while it is written.
pub(super) struct Report {
    reversal: Reversal,
}

impl Report {
    pub(super) fn new(dry_run: bool, passed: Vec<HistoryStep>) -> Self {
        Self {
            reversal: Reversal {
                dry_run,
                steps: Vec::new(),
                passed,
                done: 0,
                asked: 0,
                drafts: 0,
                kept: 0,
                posts: Vec::new(),
                newest: 0,
            },
        }
    }

    pub(super) fn begin(&mut self, step: HistoryStep) {
        self.reversal.steps.push(ReversedStep { step, changed: 0, kept: 0, message: None });
    }

    pub(super) fn say(&mut self, message: String) {
        if let Some(step) = self.reversal.steps.last_mut() {
            step.message = Some(message);
        }
    }

    /// Notes what became of a post.
    pub(super) fn add(
        &mut self,
        store: &Read<'_>,
        id: PostId,
        became: PostOutcome,
    ) -> Result<(), StoreError> {
        let PostOutcome { outcome, message } = became;
        self.count(outcome, 1);
        // Those that stay are what a person has to know: they take the place of others.
        let is_full = self.reversal.posts.len() >= POSTS_MAX;
        if is_full {
            let is_other = |post: &ReversedPost| post.outcome != PostReversal::Kept;
            let place = self.reversal.posts.iter().rposition(is_other);
            match place.filter(|_| outcome == PostReversal::Kept) {
                Some(place) => drop(self.reversal.posts.remove(place)),
                None => return Ok(()),
            }
        }
        let text = store.post(id)?.map(|post| excerpt(&post.content)).unwrap_or_default();
        let step = self.reversal.steps.last().map_or(0, |it| it.step.id);
        self.reversal.posts.push(ReversedPost { step, id, text, outcome, message });
        Ok(())
    }

    /// Counts posts that are not named.
    pub(super) fn count(&mut self, outcome: PostReversal, posts: u64) {
        let reversal = &mut self.reversal;
        let total = match outcome {
            PostReversal::Done => &mut reversal.done,
            PostReversal::Asked => &mut reversal.asked,
            PostReversal::Draft => &mut reversal.drafts,
            PostReversal::Kept => &mut reversal.kept,
        };
        *total += posts;
        if let Some(step) = reversal.steps.last_mut() {
            let of_step = match outcome {
                PostReversal::Kept => &mut step.kept,
                _ => &mut step.changed,
            };
            *of_step += posts;
        }
    }

    /// Returns how many posts can still be named.
    pub(super) fn room(&self) -> usize {
        POSTS_MAX.saturating_sub(self.reversal.posts.len())
    }

    pub(super) fn end(mut self, newest: i64) -> Reversal {
        self.reversal.posts.sort_by_key(|post| post.outcome);
        self.reversal.newest = newest;
        self.reversal
    }
}
