//! Connections that wait for the next call to where they lead.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::connection::Connection;

/// A connection that nobody needed for so long is closed, milliseconds.
const LONGEST_MS: i64 = 90_000;

/// By origin, the latest last. Times are of the wall clock: it goes on while the machine sleeps, and
/// what was open before is dead then.
#[derive(Default)]
pub(super) struct Idle(Mutex<HashMap<String, Vec<Waiting>>>);

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
    /// The one that was in use last. It may have been closed meanwhile.
    pub(super) fn take(&self, origin: &str, now: i64) -> Option<Connection> {
        let waiting = self.lock().get_mut(origin)?.pop()?;
        waiting.is_fresh(now).then_some(waiting.connection)
    }

    pub(super) fn put(&self, origin: &str, connection: Connection, now: i64) {
        let waiting = Waiting { connection, since: now };
        let mut idle = self.lock();
        match idle.get_mut(origin) {
            Some(others) => others.push(waiting),
            None => drop(idle.insert(origin.to_owned(), vec![waiting])),
        }
    }

    /// Closes what nobody needed for long.
    pub(super) fn close_old(&self, now: i64) {
        self.lock().retain(|_, waiting| {
            waiting.retain(|one| one.is_fresh(now));
            !waiting.is_empty()
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<Waiting>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
