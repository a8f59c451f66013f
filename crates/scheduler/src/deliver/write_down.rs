//! Writing results down, however often the disk has to be asked: asking the destination again would be
//! worse.

use std::sync::Arc;
use std::time::Duration;

use super::results::{Batch, Outcome};
use super::tasks::Tasks;
use crate::store::Write;

/// Before a failed write of the database is tried again.
const PATIENCE: Duration = Duration::from_secs(1);

/// Writes the outcome down, together with those that wait for the writer.
pub(super) fn write_down(tasks: &Tasks, outcome: Outcome) {
    if let Some(batch) = tasks.results.add(outcome) {
        write(tasks.clone(), batch);
    }
}

fn write(tasks: Tasks, batch: Arc<Batch>) {
    let (shared, written) = (tasks.shared.clone(), batch.clone());
    let body = move |write: &mut Write<'_>| written.record(write);
    shared.database.write_then("attempt-ended", body, move |result| {
        if let Err(error) = result {
            tracing::error!(%error, "results could not be written; waiting");
            // One by one: what is wrong with one must not hold the others.
            let all = batch.take_all().into_iter();
            all.for_each(|outcome| tasks.spawn(write_alone(tasks.clone(), outcome)));
        }
        // The writing thread must not be the last to know the shared.
        drop(tasks);
        drop(batch);
    });
}

async fn write_alone(tasks: Tasks, outcome: Outcome) {
    tokio::time::sleep(PATIENCE).await;
    write(tasks, Batch::of(outcome));
}
