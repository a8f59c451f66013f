//! Connections that wait for the next call to where they lead.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::connection::Connection;

/// A connection that nobody needed for so long is closed, milliseconds.
const LONGEST_MS: i64 = 90_000;

/// Times are of the wall clock: it goes on while the machine sleeps, and what was open before is dead
/// then.
pub(super) struct Idle {
    /// The latest last.
    waiting: Mutex<VecDeque<Waiting>>,
    /// How many are kept: each takes one of the files that a process may have open.
    most: usize,
}

struct Waiting {
    connection: Connection,
    since: i64,
}

impl Waiting {
    fn is_fresh(&self, now: i64) -> bool {
        (self.since..=self.since.saturating_add(LONGEST_MS)).contains(&now)
    }
}

impl Idle {
    pub(super) fn new(most: usize) -> Self {
        Self { waiting: Mutex::default(), most }
    }

    /// The one to `origin` that was in use last. It may have been closed meanwhile.
    pub(super) fn take(&self, origin: &str, now: i64) -> Option<Connection> {
        let mut idle = self.lock();
        let latest = idle.iter().rposition(|waiting| waiting.connection.leads_to(origin))?;
        let waiting = idle.remove(latest)?;
        drop(idle);
        waiting.is_fresh(now).then_some(waiting.connection)
    }

    /// Keeps it. When there are too many, the one that has waited for the longest is closed.
    pub(super) fn put(&self, connection: Connection, now: i64) {
        let mut idle = self.lock();
        idle.push_back(Waiting { connection, since: now });
        let _closed = (idle.len() > self.most).then(|| idle.pop_front());
    }

    /// Closes what nobody needed for long.
    pub(super) fn close_old(&self, now: i64) {
        self.lock().retain(|waiting| waiting.is_fresh(now));
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
