//! Results on their way to the disk. What comes while others wait for the writer joins them: one job
//! and one savepoint for all, and the writer is woken once.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio_util::task::task_tracker::TaskTrackerToken;

use super::attempt::record;
use super::tasks::Tasks;
use crate::error::Error;
use crate::store::{Answer, Message, Write};

/// Before a failed write of the database is tried again.
const PATIENCE: Duration = Duration::from_secs(1);

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
struct Batch {
    /// Absent once the writer took them.
    waiting: Mutex<Option<Vec<Outcome>>>,
    /// What the writer took.
    taken: Mutex<Vec<Outcome>>,
}

/// The batch that still waits for the writer, if there is one.
#[derive(Default)]
pub(super) struct Results(Mutex<Weak<Batch>>);

impl Results {
    /// Writes it down, however often the disk has to be asked: asking the destination again would
    /// be worse.
    pub(super) fn write_down(tasks: &Tasks, outcome: Outcome) {
        let mut last = tasks.results.0.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = last.upgrade();
        let outcome = match &batch {
            Some(batch) => match batch.join(outcome) {
                None => return,
                Some(outcome) => outcome,
            },
            None => outcome,
        };
        let batch = Arc::new(Batch::default());
        *batch.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some(vec![outcome]);
        *last = Arc::downgrade(&batch);
        drop(last);
        write(tasks.clone(), batch);
    }
}

impl Batch {
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

    fn record(&self, write: &mut Write<'_>) -> Result<(), Error> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken = self.take_waiting();
        for outcome in taken.iter() {
            record(write, &outcome.message, &outcome.answer, outcome.now)?;
            write.land(outcome.message.seq);
        }
        Ok(())
    }
}

fn write(tasks: Tasks, batch: Arc<Batch>) {
    let (shared, written) = (tasks.shared.clone(), batch.clone());
    let body = move |write: &mut Write<'_>| written.record(write);
    shared.database.write_then("attempt-ended", body, move |result| {
        if let Err(error) = result {
            tracing::error!(%error, "results could not be written; waiting");
            let mut taken = batch.taken.lock().unwrap_or_else(PoisonError::into_inner);
            // Without a transaction the writer took nothing.
            let all = std::mem::take(&mut *taken).into_iter().chain(batch.take_waiting());
            // One by one: what is wrong with one must not hold the others.
            all.for_each(|outcome| tasks.spawn(write_alone(tasks.clone(), outcome)));
        }
        // The writing thread must not be the last to know the shared.
        drop(tasks);
        drop(batch);
    });
}

async fn write_alone(tasks: Tasks, outcome: Outcome) {
    tokio::time::sleep(PATIENCE).await;
    let batch = Arc::new(Batch::default());
    *batch.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some(vec![outcome]);
    write(tasks, batch);
}
