//! Where work on a database runs: on threads of its own, or on the thread of its caller, where nothing
//! runs beside anything else. The latter is for a simulation, which decides what goes on and when.

use std::fmt;
use std::sync::Arc;

use tokio::task::JoinError;

/// What decides over work that runs on its caller's thread.
pub trait Gate: Send + Sync + fmt::Debug {
    /// Whether the work named `point` may begin. Where it may not, its caller never hears of it again:
    /// as it is when the process has ended.
    fn may_begin(&self, point: &str) -> bool;

    /// The work is done, and its changes are on the disk. Whether its caller may hear of it.
    fn may_answer(&self, point: &str) -> bool;

    /// How many turns other tasks get before the work begins.
    fn turns(&self) -> u32;

    /// A file was opened. `close` lets go of it and of its lock, whatever still holds a handle to it.
    fn opened(&self, close: Box<dyn FnOnce() + Send>);
}

/// Where work on a database runs.
#[derive(Debug, Clone, Default)]
pub enum Executor {
    /// On threads of its own.
    #[default]
    Threads,
    /// On its caller's thread, as the gate allows.
    Caller(Arc<dyn Gate>),
}

impl Executor {
    /// Runs work that blocks, where it may. Returns what it returns.
    ///
    /// # Errors
    /// When it panicked on a thread of its own, or the runtime ends.
    pub async fn run<T: Send + 'static>(
        &self,
        point: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let gate = match self {
            Self::Threads => return tokio::task::spawn_blocking(work).await,
            Self::Caller(gate) => gate,
        };
        wait_for_turn(gate.as_ref()).await;
        if gate.may_begin(point) {
            let done = work();
            if gate.may_answer(point) {
                return Ok(done);
            }
        }
        std::future::pending().await
    }
}

/// Lets other tasks go first, as often as the gate says.
pub(crate) async fn wait_for_turn(gate: &dyn Gate) {
    for _ in 0..gate.turns() {
        tokio::task::yield_now().await;
    }
}
