//! What is under way: counted, so that a stop can wait for it, and ended when that takes too long.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::results::Results;
use crate::shared::Shared;

/// The tasks of one run. Cheap to clone.
#[derive(Clone)]
pub(super) struct Tasks {
    pub(super) shared: Arc<Shared>,
    tasks: TaskTracker,
    halt: CancellationToken,
    runtime: Handle,
    pub(super) results: Arc<Results>,
}

impl Tasks {
    /// Nothing yet. The tasks will run where this is called.
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let (tasks, halt) = (TaskTracker::new(), CancellationToken::new());
        Self { shared, tasks, halt, runtime: Handle::current(), results: Arc::default() }
    }

    /// Runs `task` beside the others, from any thread.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let task = self.halt.clone().run_until_cancelled_owned(task);
        self.tasks.spawn_on(task, &self.runtime);
    }

    /// Something that is no task and must be waited for like one.
    pub(super) fn count(&self) -> TaskTrackerToken {
        self.tasks.token()
    }

    /// Waits for everything, at most so long; then cuts off what is left. False when it had to.
    pub(super) async fn end(&self, grace: Duration) -> bool {
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait()).await.is_ok() {
            return true;
        }
        tracing::warn!(tasks = self.tasks.len(), "deliveries are cut off; they will be repeated");
        self.halt.cancel();
        self.tasks.wait().await;
        false
    }
}
