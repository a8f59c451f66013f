//! What is due next, what may run now, what runs.
//!
//! The timer holds the order; the database holds the truth. An entry says only «look at this
//! message at that time», and the message's row decides.

mod change;
mod horizon;
mod lane;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

pub(crate) use change::Change;
pub(crate) use horizon::{AHEAD_MS, AT_ONCE, Horizon, Sight};
use lane::Lane;
pub(crate) use lane::LaneView;

/// Messages in flight for each slot: those whose answer came wait for the disk, not for a slot. So
/// a slow sync holds up no call, and what a crash repeats stays bounded.
const FLIGHTS_PER_SLOT: usize = 8;

/// A message and when to look at it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due {
    /// Unix milliseconds.
    pub(crate) at: i64,
    pub(crate) seq: i64,
    /// Its flow control key.
    pub(crate) lane: Option<Arc<str>>,
}

/// The order of all live messages, in memory as far as the horizon.
#[derive(Debug)]
pub(crate) struct Timer {
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Debug)]
struct Inner {
    parallelism: usize,
    horizon: Horizon,
    /// What lies beyond the horizon is being read.
    looking: bool,
    heap: BinaryHeap<Reverse<Due>>,
    /// Due, and not held by a lane: waits for one of the parallel slots alone.
    ready: VecDeque<Due>,
    lanes: HashMap<Arc<str>, Lane>,
    /// Lanes with due messages.
    waiting: BTreeSet<Arc<str>>,
    in_flight: HashMap<i64, Flight>,
    /// Slots that are taken.
    calling: usize,
    /// Due again while still in flight: a retry without delay.
    again: HashMap<i64, Due>,
    /// Being cancelled by a transaction that is not yet durable.
    withdrawn: HashSet<i64>,
    /// When the next schedule is due.
    schedules_at: Option<i64>,
}

/// A message between its start and the end of that on disk.
#[derive(Debug)]
struct Flight {
    due: Due,
    /// Holds a slot: its destination has not answered yet.
    calling: bool,
}

impl Timer {
    pub(crate) fn new(parallelism: usize) -> Self {
        let inner = Inner {
            parallelism: parallelism.max(1),
            horizon: Horizon::NOWHERE,
            looking: false,
            heap: BinaryHeap::new(),
            ready: VecDeque::new(),
            lanes: HashMap::new(),
            waiting: BTreeSet::new(),
            in_flight: HashMap::new(),
            calling: 0,
            again: HashMap::new(),
            withdrawn: HashSet::new(),
            schedules_at: None,
        };
        Self { inner: Mutex::new(inner), changed: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a new period of a key's rate; false when the key is unknown.
    pub(crate) fn reset_rate(&self, key: &str, now: i64) -> bool {
        let mut inner = self.lock();
        let Some(lane) = inner.lanes.get_mut(key) else { return false };
        lane.reset_rate(now);
        drop(inner);
        self.changed.notify_one();
        true
    }

    /// Begins to cancel. False when the message is in flight: it must be asked for instead.
    pub(crate) fn withdraw(&self, seq: i64) -> bool {
        let mut inner = self.lock();
        if inner.in_flight.contains_key(&seq) {
            return false;
        }
        inner.withdrawn.insert(seq);
        true
    }

    /// Whether schedules are due; whoever is told so once looks at them, and plans anew.
    pub(crate) fn take_schedules(&self, now: i64) -> bool {
        self.lock().schedules_at.take_if(|at| *at <= now).is_some()
    }

    /// What may start now, marked as in flight, and when to look again (Unix milliseconds) if
    /// nothing changes before.
    pub(crate) fn start(&self, now: i64) -> (Vec<Due>, Option<i64>) {
        self.lock().start(now)
    }

    /// Where to look further, when it is time to; whoever is told so once looks, and ends it with
    /// [`Change::see`] or [`Timer::look_failed`].
    pub(crate) fn look_ahead(&self, now: i64) -> Option<Horizon> {
        let mut inner = self.lock();
        let waiting = inner.heap.len() + inner.ready.len();
        if inner.looking || !inner.horizon.is_near(now, waiting) {
            return None;
        }
        inner.looking = true;
        Some(inner.horizon)
    }

    /// Beyond the horizon nothing could be read; it may be tried again.
    pub(crate) fn look_failed(&self) {
        self.lock().looking = false;
    }

    /// Resolves when something changed since the last [`Timer::start`].
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Makes [`Timer::changed`] resolve.
    pub(crate) fn nudge(&self) {
        self.changed.notify_one();
    }

    /// Slots and how many of them are taken.
    pub(crate) fn parallelism(&self) -> (usize, usize) {
        let inner = self.lock();
        (inner.parallelism, inner.calling)
    }

    /// The flow control keys known to this process, by name.
    pub(crate) fn lanes(&self) -> Vec<(Arc<str>, LaneView)> {
        let inner = self.lock();
        let mut lanes: Vec<_> =
            inner.lanes.iter().map(|(key, lane)| (key.clone(), lane.view())).collect();
        lanes.sort_by(|one, other| one.0.cmp(&other.0));
        lanes
    }
}

impl Inner {
    fn start(&mut self, now: i64) -> (Vec<Due>, Option<i64>) {
        while self.heap.peek().is_some_and(|entry| entry.0.at <= now) {
            let Some(Reverse(due)) = self.heap.pop() else { break };
            self.queue(due);
        }
        let mut started = Vec::new();
        let lanes_open_at = loop {
            let lanes_open_at = self.open_lanes(now);
            if !self.start_ready(&mut started) {
                break lanes_open_at;
            }
        };
        let next = self.heap.peek().map(|entry| entry.0.at);
        (started, next.into_iter().chain(lanes_open_at).chain(self.schedules_at).min())
    }

    /// Starts what is ready; true when one was dropped and so left its lane's place to another.
    fn start_ready(&mut self, started: &mut Vec<Due>) -> bool {
        let mut dropped = false;
        while self.free_slots() > 0 {
            let Some(due) = self.ready.pop_front() else { break };
            let in_flight = self.in_flight.contains_key(&due.seq);
            // Cancelled meanwhile: its transaction brings it back should it fail.
            if in_flight || self.withdrawn.contains(&due.seq) {
                self.leave_lane(due.lane.as_ref());
                if in_flight {
                    self.keep_for_later(due);
                }
                dropped = true;
                continue;
            }
            self.in_flight.insert(due.seq, Flight { due: due.clone(), calling: true });
            self.calling += 1;
            started.push(due);
        }
        dropped
    }

    fn queue(&mut self, due: Due) {
        let lane = due.lane.as_ref().and_then(|key| self.lanes.get_mut(key));
        match (lane, &due.lane) {
            (Some(lane), Some(key)) => {
                self.waiting.insert(key.clone());
                lane.queue(due);
            }
            _ => self.ready.push_back(due),
        }
    }

    /// Moves to `ready` what the lanes let pass, as long as slots are free; tells when the next
    /// lane that is closed by its rate opens.
    fn open_lanes(&mut self, now: i64) -> Option<i64> {
        let (mut opens_at, mut done) = (None, Vec::new());
        let free_slots = self.free_slots();
        for key in &self.waiting {
            let Some(lane) = self.lanes.get_mut(key) else { continue };
            while self.ready.len() < free_slots {
                match lane.enter(now) {
                    Some(due) => self.ready.push_back(due),
                    None => break,
                }
            }
            if lane.is_empty() {
                done.push(key.clone());
            } else if let Some(at) = lane.opens_at(now) {
                opens_at = Some(opens_at.map_or(at, |known: i64| known.min(at)));
            }
        }
        for key in done {
            self.waiting.remove(&key);
        }
        opens_at
    }

    fn free_slots(&self) -> usize {
        let flights = self.parallelism.saturating_mul(FLIGHTS_PER_SLOT);
        let slots = self.parallelism.saturating_sub(self.calling);
        slots.min(flights.saturating_sub(self.in_flight.len()))
    }

    fn free_slot(&mut self, seq: i64) {
        let flight = self.in_flight.get_mut(&seq);
        if flight.is_some_and(|flight| std::mem::take(&mut flight.calling)) {
            self.calling -= 1;
        }
    }

    /// Keeps an entry until the message's flight ends. Of several the last plan is the one that
    /// may still hold.
    fn keep_for_later(&mut self, due: Due) {
        let known = self.again.entry(due.seq).or_insert_with(|| due.clone());
        if known.at < due.at {
            *known = due;
        }
    }

    fn leave_lane(&mut self, key: Option<&Arc<str>>) {
        if let Some(lane) = key.and_then(|key| self.lanes.get_mut(key)) {
            lane.leave();
        }
    }
}
