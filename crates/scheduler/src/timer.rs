//! What is due next, what may run now, what runs.
//!
//! The timer holds the order; the database holds the truth. An entry says only "look at this
//! message at that time", and the message's row decides.

mod change;
mod flow_key;
mod flow_keys;
mod horizon;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

pub(crate) use change::Change;
pub(crate) use flow_key::FlowKeyView;
use flow_keys::FlowKeys;
pub(crate) use horizon::{AHEAD_MS, AT_ONCE, Horizon, PrefetchResult};

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
    /// Whatever has no key, due or not.
    plain: BTreeSet<Due>,
    /// What has a key, until it is due and waits in its lane.
    keyed: BTreeSet<Due>,
    lanes: FlowKeys,
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
    /// The period of its key's rate in which it counts, while it is under way there.
    entered: Option<i64>,
}

impl Timer {
    pub(crate) fn new(parallelism: usize) -> Self {
        let inner = Inner {
            parallelism: parallelism.max(1),
            horizon: Horizon::NOWHERE,
            looking: false,
            plain: BTreeSet::new(),
            keyed: BTreeSet::new(),
            lanes: FlowKeys::new(),
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
        let Some(lane) = inner.lanes.change(key) else { return false };
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
    /// [`Change::see`] or [`Timer::prefetch_failed`].
    pub(crate) fn prefetch_from(&self, now: i64) -> Option<Horizon> {
        let mut inner = self.lock();
        let waiting = inner.plain.len() + inner.keyed.len();
        if inner.looking || !inner.horizon.is_near(now, waiting) {
            return None;
        }
        inner.looking = true;
        Some(inner.horizon)
    }

    /// Beyond the horizon nothing could be read; it may be tried again.
    pub(crate) fn prefetch_failed(&self) {
        self.lock().looking = false;
    }

    /// Resolves when something changed since the last [`Timer::start`].
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Makes [`Timer::changed`] resolve.
    pub(crate) fn wake(&self) {
        self.changed.notify_one();
    }

    /// Slots and how many of them are taken.
    pub(crate) fn parallelism(&self) -> (usize, usize) {
        let inner = self.lock();
        (inner.parallelism, inner.calling)
    }

    /// A flow control key, if it is known to this process.
    pub(crate) fn lane(&self, key: &str, now: i64) -> Option<FlowKeyView> {
        self.lock().lanes.view(key, now)
    }

    /// The flow control keys known to this process, by name: some behind `after`, none behind the
    /// last.
    pub(crate) fn lanes(&self, after: Option<&str>, now: i64) -> Vec<(Arc<str>, FlowKeyView)> {
        self.lock().lanes.views(after, now)
    }

    /// Some of the keys behind `after` of which nothing is known that matters, and how far was
    /// looked; nothing behind the last.
    pub(crate) fn idle_flow_keys(
        &self,
        after: Option<&str>,
        now: i64,
    ) -> (Vec<Arc<str>>, Option<Arc<str>>) {
        self.lock().lanes.idle(after, now)
    }
}

impl Inner {
    fn start(&mut self, now: i64) -> (Vec<Due>, Option<i64>) {
        while self.keyed.first().is_some_and(|due| due.at <= now) {
            let waits = self.keyed.pop_first().map_or(Ok(()), |due| self.lanes.queue(due));
            self.plain.extend(waits.err());
        }
        let mut started = Vec::new();
        while self.free_slots() > 0 {
            let Some((due, of_lane)) = self.take_next(now) else { break };
            if self.in_flight.contains_key(&due.seq) {
                self.keep_for_later(due);
                continue;
            }
            // Being cancelled: the transaction brings it back should it fail.
            if self.withdrawn.contains(&due.seq) {
                continue;
            }
            let lane = due.lane.as_deref().filter(|_| of_lane);
            let entered = lane.and_then(|key| self.lanes.change(key)).map(|lane| lane.enter(now));
            let flight = Flight { due: due.clone(), calling: true, entered };
            self.in_flight.insert(due.seq, flight);
            self.calling += 1;
            started.push(due);
        }
        (started, self.look_at(now))
    }

    /// Takes what is due first, of all that may start now; true when it waited in a lane.
    fn take_next(&mut self, now: i64) -> Option<(Due, bool)> {
        let plain = self.plain.first().filter(|due| due.at <= now);
        match self.lanes.first(now) {
            Some(keyed) if plain.is_none_or(|plain| keyed < plain) => {
                let due = keyed.clone();
                self.lanes.remove(&due);
                Some((due, true))
            }
            _ => plain.is_some().then(|| self.plain.pop_first())?.map(|due| (due, false)),
        }
    }

    /// When to look again, if nothing changes before.
    fn look_at(&mut self, now: i64) -> Option<i64> {
        let later = Due { at: now.saturating_add(1), seq: i64::MIN, lane: None };
        let plain = self.plain.range(later..).next().map(|due| due.at);
        let keyed = self.keyed.first().map(|due| due.at);
        let opening = self.lanes.next_opening(now);
        [plain, keyed, opening, self.schedules_at].into_iter().flatten().min()
    }

    /// Adds something to look at.
    fn insert(&mut self, due: Due) {
        let set = if due.lane.is_some() { &mut self.keyed } else { &mut self.plain };
        set.insert(due);
    }

    /// Takes something out that was to be looked at.
    fn remove(&mut self, due: &Due) {
        if !self.plain.remove(due) && !self.keyed.remove(due) {
            self.lanes.remove(due);
        }
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

    /// What is under way ends for its key; `unused` when it counts for nothing.
    fn leave_flow_key(&mut self, seq: i64, unused: bool) {
        let Some(flight) = self.in_flight.get_mut(&seq) else { return };
        let Some(period_start) = flight.entered.take() else { return };
        let lane = flight.due.lane.as_deref().and_then(|key| self.lanes.change(key));
        let Some(lane) = lane else { return };
        lane.leave();
        if unused {
            lane.give_back(period_start);
        }
    }
}
