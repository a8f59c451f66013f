//! The connections that are open, and which of them makes room.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::Limits;

/// How long a new connection is left alone, even when its place is wanted.
const GRACE: Duration = Duration::from_millis(250);

/// Connections beyond the limit that are being closed: their files are open until the processor comes to
/// them, and the listener keeps no more in reserve than it names (`limits.rs`).
const CLOSING_MAX: usize = 128;

/// Whether there is a place for one more connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// One was told to end.
    Made,
    /// One will have waited long enough after this time.
    After(Duration),
    /// All are at work, or enough of them are being closed.
    WhenOneEnds,
}

/// All connections of a listener.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    open: Mutex<Open>,
    ended: Notify,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    all: HashMap<u64, Arc<Connection>>,
}

/// What a connection does, and since when.
#[derive(Debug)]
pub(crate) struct Connection {
    state: Mutex<State>,
    close: Notify,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    since: Instant,
    /// Since when the client takes nothing of what is written.
    blocked_since: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It owes a header: a new connection with its handshake, or one that began a further request.
    Header,
    /// A request of it is worked on or answered.
    Busy,
    /// It rests between two requests.
    Idle,
    /// It was told to end.
    Closing,
}

/// A connection's place among the open ones; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    number: u64,
    pub(crate) connection: Arc<Connection>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.lock().all.remove(&self.number);
        self.connections.ended.notify_waiters();
    }
}

impl Connections {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is a place for one more: the one that waited longest ends for it. While all
    /// are at work it waits for one of them.
    pub(crate) async fn make_room(&self, limits: &Limits) {
        loop {
            let ended = self.ended.notified();
            tokio::pin!(ended);
            // From here on no end is missed.
            ended.as_mut().enable();
            if self.lock().all.len() < limits.connections {
                return;
            }
            match self.end_longest_waiting() {
                Room::Made => return,
                Room::After(wait) => {
                    let _ = tokio::time::timeout(wait, ended).await;
                }
                Room::WhenOneEnds => ended.await,
            }
        }
    }

    /// Takes a place.
    pub(crate) fn take(self: &Arc<Self>) -> Place {
        let state = State { phase: Phase::Header, since: Instant::now(), blocked_since: None };
        let connection = Arc::new(Connection { state: Mutex::new(state), close: Notify::new() });
        let mut open = self.lock();
        open.next += 1;
        let number = open.next;
        open.all.insert(number, Arc::clone(&connection));
        drop(open);
        Place { connections: Arc::clone(self), number, connection }
    }

    /// Ends the connection that has waited longest for its client: first those that owe a header,
    /// then those that rest. One that has just come is left the time to say what it wants.
    pub(crate) fn end_longest_waiting(&self) -> Room {
        let open = self.lock();
        let (mut header, mut idle, mut closing) = (None, None, 0);
        for one in open.all.values() {
            let (phase, since) = one.waits();
            let longest = match phase {
                Phase::Header => &mut header,
                Phase::Idle => &mut idle,
                Phase::Closing => {
                    closing += 1;
                    continue;
                }
                Phase::Busy => continue,
            };
            if longest.is_none_or(|(longest, _)| since < longest) {
                *longest = Some((since, one));
            }
        }
        if closing >= CLOSING_MAX {
            return Room::WhenOneEnds;
        }
        let (one, wait) = match (header, idle) {
            (Some((since, one)), _) => (one, GRACE.saturating_sub(since.elapsed())),
            (None, Some((_, one))) => (one, Duration::ZERO),
            (None, None) => return Room::WhenOneEnds,
        };
        if !wait.is_zero() {
            return Room::After(wait);
        }
        // It may have begun a request meanwhile; then the next call finds another.
        if one.end_if_waiting() { Room::Made } else { Room::After(Duration::ZERO) }
    }

    /// Ends every connection that took too long. Returns how many.
    pub(crate) fn end_overdue(&self, limits: &Limits, now: Instant) -> usize {
        self.lock().all.values().filter(|one| one.end_if_overdue(limits, now)).count()
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.lock().all.len()
    }
}

impl Connection {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until this connection is to end.
    pub(crate) async fn closed(&self) {
        self.close.notified().await;
    }

    /// The client sent something.
    pub(crate) fn note_read(&self) {
        let mut state = self.lock();
        if state.phase == Phase::Idle {
            (state.phase, state.since) = (Phase::Header, Instant::now());
        }
    }

    /// Whether the client takes what is written.
    pub(crate) fn note_written(&self, is_blocked: bool) {
        let mut state = self.lock();
        state.blocked_since = is_blocked.then(|| state.blocked_since.unwrap_or_else(Instant::now));
    }

    /// A request begins. Returns nothing when the connection was told to end: the request is not
    /// worked on then.
    pub(crate) fn begin(self: &Arc<Self>) -> Option<Work> {
        let mut state = self.lock();
        if state.phase == Phase::Closing {
            return None;
        }
        state.phase = Phase::Busy;
        drop(state);
        Some(Work(Arc::clone(self)))
    }

    /// Returns what it does and since when; one whose client takes nothing of what is written is at work.
    fn waits(&self) -> (Phase, Instant) {
        let state = self.lock();
        let is_blocked = state.blocked_since.is_some() && state.phase != Phase::Closing;
        (if is_blocked { Phase::Busy } else { state.phase }, state.since)
    }

    fn end_if_waiting(&self) -> bool {
        let mut state = self.lock();
        let waits = matches!(state.phase, Phase::Header | Phase::Idle);
        if waits {
            state.phase = Phase::Closing;
            self.close.notify_one();
        }
        waits
    }

    fn end_if_overdue(&self, limits: &Limits, now: Instant) -> bool {
        let mut state = self.lock();
        let over = |since: Instant, limit: Duration| now.saturating_duration_since(since) >= limit;
        let overdue = match state.phase {
            Phase::Header => over(state.since, limits.header_timeout),
            Phase::Idle => over(state.since, limits.idle_timeout),
            Phase::Busy => false,
            Phase::Closing => return false,
        };
        let unread = state.blocked_since.is_some_and(|since| over(since, limits.write_timeout));
        if overdue || unread {
            state.phase = Phase::Closing;
            self.close.notify_one();
        }
        overdue || unread
    }
}

/// A request that is worked on, until its answer was written.
#[derive(Debug)]
pub(crate) struct Work(Arc<Connection>);

impl Drop for Work {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if state.phase == Phase::Busy {
            (state.phase, state.since) = (Phase::Idle, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past_grace(place: &Place) {
        place.connection.lock().since -= GRACE;
    }

    #[test]
    fn the_connection_that_waited_longest_makes_room_and_one_at_work_never_does() {
        let connections = Arc::new(Connections::default());
        let (first, second) = (connections.take(), connections.take());
        let work = first.connection.begin().expect("open");
        past_grace(&second);
        assert_eq!(connections.end_longest_waiting(), Room::Made, "the second one waits");
        assert!(second.connection.begin().is_none(), "it was told to end");
        assert_eq!(connections.end_longest_waiting(), Room::WhenOneEnds, "the first one works");
        drop(work);
        assert_eq!(connections.end_longest_waiting(), Room::Made);
        drop((first, second));
        assert_eq!(connections.count(), 0);
    }

    #[test]
    fn a_connection_that_just_came_is_left_alone_and_one_that_served_before_ends_last() {
        let connections = Arc::new(Connections::default());
        let (served, fresh) = (connections.take(), connections.take());
        drop(served.connection.begin());
        assert!(matches!(connections.end_longest_waiting(), Room::After(wait) if wait <= GRACE));
        past_grace(&fresh);
        assert_eq!(connections.end_longest_waiting(), Room::Made);
        assert!(fresh.connection.begin().is_none() && served.connection.begin().is_some());
    }

    #[test]
    fn those_that_are_being_closed_are_never_more_than_the_reserve() {
        let connections = Arc::new(Connections::default());
        let mut places: Vec<_> = (0..=CLOSING_MAX).map(|_| connections.take()).collect();
        places.iter().for_each(past_grace);
        for _ in 0..CLOSING_MAX {
            assert_eq!(connections.end_longest_waiting(), Room::Made);
        }
        assert_eq!(connections.end_longest_waiting(), Room::WhenOneEnds, "none of them is gone");
        let gone = places.iter().position(|place| place.connection.begin().is_none());
        places.remove(gone.expect("one is being closed"));
        assert_eq!(connections.end_longest_waiting(), Room::Made);
    }

    #[test]
    fn each_phase_has_its_own_time() {
        let limits = Limits::default();
        let connections = Arc::new(Connections::default());
        let (idle, slow) = (connections.take(), connections.take());
        let busy = connections.take();
        let _work = busy.connection.begin().expect("open");
        drop(idle.connection.begin());
        let after = |time| Instant::now() + time;
        assert_eq!(connections.end_overdue(&limits, after(limits.header_timeout)), 1, "slow");
        assert_eq!(connections.end_overdue(&limits, after(limits.idle_timeout)), 1, "idle");
        assert_eq!(connections.end_overdue(&limits, after(limits.idle_timeout)), 0, "told once");
        busy.connection.note_written(true);
        assert_eq!(connections.end_overdue(&limits, after(limits.write_timeout)), 1, "unread");
        drop(slow);
    }

    #[test]
    fn a_further_request_has_the_header_s_time_from_its_first_byte() {
        let limits = Limits::default();
        let connections = Arc::new(Connections::default());
        let place = connections.take();
        drop(place.connection.begin());
        place.connection.note_read();
        let later = Instant::now() + limits.header_timeout;
        assert_eq!(connections.end_overdue(&limits, later), 1);
    }
}
