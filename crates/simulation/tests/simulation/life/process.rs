//! A process of the simulation: it crosses a point before and after each piece of work on its database and
//! each exchange, and may end there. What has ended does nothing more and is never heard of again, whatever
//! tasks it left.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roost_sqlite::{Executor, Gate};
use tokio_util::sync::CancellationToken;

use super::rng::Rng;
use super::trace::Trace;

/// Turns that other tasks get before a piece of work, at most.
const TURNS_MAX: u64 = 3;

/// One run of a program, from its start to its end.
pub(crate) struct Process {
    name: &'static str,
    rng: Arc<Rng>,
    trace: Arc<Trace>,
    state: Mutex<State>,
    ended: CancellationToken,
}

#[derive(Default)]
struct State {
    is_over: bool,
    /// Points that it crosses until it ends.
    ends_in: Option<u64>,
    /// Lets go of the files that it has open.
    close: Vec<Box<dyn FnOnce() + Send>>,
}

impl fmt::Debug for Process {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Process").field(&self.name).finish()
    }
}

impl Process {
    pub(crate) fn new(name: &'static str, rng: &Arc<Rng>, trace: &Arc<Trace>) -> Arc<Self> {
        trace.note(format_args!("{name} starts"));
        Arc::new(Self {
            name,
            rng: Arc::clone(rng),
            trace: Arc::clone(trace),
            state: Mutex::default(),
            ended: CancellationToken::new(),
        })
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns what runs its work on its database.
    pub(crate) fn executor(self: &Arc<Self>) -> Executor {
        let gate: Arc<dyn Gate> = self.clone();
        Executor::Caller(gate)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.state().is_over
    }

    /// Lets it end after so many points more.
    pub(crate) fn end_in(&self, points: u64) {
        self.state().ends_in = Some(points);
    }

    /// Lets it live on.
    pub(crate) fn spare(&self) {
        self.state().ends_in = None;
    }

    /// Ends it here.
    pub(crate) fn end(&self) {
        if !std::mem::replace(&mut self.state().is_over, true) {
            self.trace.note(format_args!("{} ends", self.name));
            self.ended.cancel();
        }
    }

    /// Lets go of its files, as the system does for a process that ended.
    pub(crate) fn close_files(&self) {
        let close = std::mem::take(&mut self.state().close);
        close.into_iter().for_each(|close| close());
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Crosses a point. Returns whether it lives on.
    pub(crate) fn cross(&self, point: &str, moment: &str) -> bool {
        let mut state = self.state();
        if state.is_over {
            return false;
        }
        match &mut state.ends_in {
            Some(0) => {
                drop(state);
                self.trace.note(format_args!("{} dies at {point}.{moment}", self.name));
                self.end();
                return false;
            }
            Some(left) => *left -= 1,
            None => {}
        }
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate for Process {
    fn may_begin(&self, point: &str) -> bool {
        self.cross(point, "begin")
    }

    fn may_answer(&self, point: &str) -> bool {
        if point != "read" && point != "blocking" {
            self.trace.note(format_args!("{} wrote {point}", self.name));
        }
        self.cross(point, "committed")
    }

    fn turns(&self) -> u32 {
        u32::try_from(self.rng.below(TURNS_MAX)).unwrap_or(0)
    }

    fn opened(&self, close: Box<dyn FnOnce() + Send>) {
        self.state().close.push(close);
    }
}
