//! Results on their way to the disk. What comes while others wait for the writer joins them: one job
//! and one savepoint for all, and the writer is woken once.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio_util::task::task_tracker::TaskTrackerToken;

use super::record::record;
use crate::error::Error;
use crate::store::{Answer, Message, Write};

/// How an attempt ended, and when.
pub(super) struct Outcome {
    pub(super) message: Message,
    pub(super) answer: Answer,
    pub(super) now: i64,
    /// A stop waits until it is written.
    pub(super) _counted: TaskTrackerToken,
}

/// Outcomes that are written together. Its job owns it: should the writer end, so do they.
#[derive(Default)]
pub(super) struct Batch {
    /// Absent once the writer took them.
    waiting: Mutex<Option<Vec<Outcome>>>,
    /// What the writer took.
    taken: Mutex<Vec<Outcome>>,
}

/// The batch that still waits for the writer, if there is one.
#[derive(Default)]
pub(super) struct Results(Mutex<Weak<Batch>>);

impl Results {
    /// Lets the outcome wait for the writer with others. Returns the batch that is to be written, where
    /// it begins one.
    pub(super) fn add(&self, outcome: Outcome) -> Option<Arc<Batch>> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = match last.upgrade() {
            Some(batch) => batch.join(outcome)?,
            None => outcome,
        };
        let batch = Batch::of(outcome);
        *last = Arc::downgrade(&batch);
        Some(batch)
    }
}

impl Batch {
    pub(super) fn of(outcome: Outcome) -> Arc<Self> {
        let batch = Self::default();
        *batch.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some(vec![outcome]);
        Arc::new(batch)
    }

    /// Gives it back when the others are being written already.
    fn join(&self, outcome: Outcome) -> Option<Outcome> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.as_mut() {
            Some(waiting) => {
                waiting.push(outcome);
                None
            }
            None => Some(outcome),
        }
    }

    fn take_waiting(&self) -> Vec<Outcome> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.take().unwrap_or_default()
    }

    /// Records all that wait by now, and keeps them until the writer is done.
    pub(super) fn record(&self, write: &mut Write<'_>) -> Result<(), Error> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken = self.take_waiting();
        for outcome in taken.iter() {
            record(write, &outcome.message, &outcome.answer, outcome.now)?;
            write.land(outcome.message.seq);
        }
        Ok(())
    }

    /// Returns all that are not written: what the writer took, and what joined since.
    pub(super) fn take_all(&self) -> Vec<Outcome> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        // Without a transaction the writer took nothing.
        std::mem::take(&mut *taken).into_iter().chain(self.take_waiting()).collect()
    }
}
