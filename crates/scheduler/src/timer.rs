//! What is due next, what may run now, what runs.
//!
//! The timer holds the order; the database holds the truth. An entry says only «look at this
//! message at that time», and the message's row decides.

mod lane;

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::spec::Flow;
use crate::store::FlowRule;
pub(crate) use lane::{Lane, LaneView};

/// A message and when to look at it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due {
    /// Unix milliseconds.
    pub(crate) at: i64,
    pub(crate) seq: i64,
    /// Its flow control key.
    pub(crate) lane: Option<Arc<str>>,
}

/// The order of all live messages.
#[derive(Debug)]
pub(crate) struct Timer {
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Debug)]
struct Inner {
    parallelism: usize,
    heap: BinaryHeap<Reverse<Due>>,
    /// Due, and not held by a lane: waits for one of the parallel slots alone.
    ready: VecDeque<Due>,
    lanes: HashMap<Arc<str>, Lane>,
    /// Lanes with due messages.
    waiting: BTreeSet<Arc<str>>,
    in_flight: HashMap<i64, Due>,
    /// Due again while still in flight: a retry without delay.
    again: HashMap<i64, Due>,
    /// Being cancelled by a transaction that is not yet durable.
    withdrawn: HashSet<i64>,
    /// When the next schedule is due.
    schedules_at: Option<i64>,
}

impl Timer {
    pub(crate) fn new(parallelism: usize) -> Self {
        let inner = Inner {
            parallelism: parallelism.max(1),
            heap: BinaryHeap::new(),
            ready: VecDeque::new(),
            lanes: HashMap::new(),
            waiting: BTreeSet::new(),
            in_flight: HashMap::new(),
            again: HashMap::new(),
            withdrawn: HashSet::new(),
            schedules_at: None,
        };
        Self { inner: Mutex::new(inner), changed: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds messages to look at.
    pub(crate) fn arm(&self, entries: impl IntoIterator<Item = Due>) {
        self.lock().heap.extend(entries.into_iter().map(Reverse));
        self.changed.notify_one();
    }

    /// Sets the limits of a key; the latest published message decides.
    pub(crate) fn configure(&self, flow: &Flow) {
        let mut inner = self.lock();
        inner.lanes.entry(flow.key.as_str().into()).or_default().configure(flow);
        drop(inner);
        self.changed.notify_one();
    }

    /// Lets a decision about a key hold, whatever its messages ask for.
    pub(crate) fn decide(&self, rule: &FlowRule) {
        let mut inner = self.lock();
        inner.lanes.entry(rule.key.as_str().into()).or_default().decide(rule);
        drop(inner);
        self.changed.notify_one();
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

    /// The cancelling transaction is durable: the row itself says now that it is cancelled.
    pub(crate) fn withdrawn(&self, seqs: impl IntoIterator<Item = i64>) {
        let mut inner = self.lock();
        for seq in seqs {
            inner.withdrawn.remove(&seq);
        }
    }

    /// Sets when a schedule is next due, Unix milliseconds.
    pub(crate) fn plan_schedules(&self, next: Option<i64>) {
        self.lock().schedules_at = next;
        self.changed.notify_one();
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

    /// The message is no longer in flight.
    pub(crate) fn finish(&self, seq: i64) {
        let mut inner = self.lock();
        if let Some(due) = inner.in_flight.remove(&seq) {
            inner.leave_lane(due.lane.as_ref());
        }
        if let Some(due) = inner.again.remove(&seq) {
            inner.heap.push(Reverse(due));
        }
        drop(inner);
        self.changed.notify_one();
    }

    /// Takes back what is in flight: its attempts were cut off.
    pub(crate) fn take_back(&self) {
        let mut inner = self.lock();
        let cut_off: Vec<Due> = inner.in_flight.drain().map(|(_, due)| due).collect();
        for due in cut_off {
            inner.leave_lane(due.lane.as_ref());
            inner.heap.push(Reverse(due));
        }
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
        (inner.parallelism, inner.in_flight.len())
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
        while self.in_flight.len() < self.parallelism {
            let Some(due) = self.ready.pop_front() else { break };
            let in_flight = self.in_flight.contains_key(&due.seq);
            // Cancelled meanwhile: its transaction brings it back should it fail.
            if in_flight || self.withdrawn.contains(&due.seq) {
                self.leave_lane(due.lane.as_ref());
                if in_flight {
                    self.again.insert(due.seq, due);
                }
                dropped = true;
                continue;
            }
            self.in_flight.insert(due.seq, due.clone());
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
        let mut opens_at = None;
        let mut done = Vec::new();
        for key in &self.waiting {
            let Some(lane) = self.lanes.get_mut(key) else { continue };
            while self.in_flight.len() + self.ready.len() < self.parallelism {
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

    fn leave_lane(&mut self, key: Option<&Arc<str>>) {
        if let Some(lane) = key.and_then(|key| self.lanes.get_mut(key)) {
            lane.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(at: i64, seq: i64, lane: Option<&str>) -> Due {
        Due { at, seq, lane: lane.map(Into::into) }
    }

    fn flow(parallelism: Option<u32>, rate: Option<u32>) -> Flow {
        Flow { key: "k".into(), parallelism, rate, period_seconds: 10 }
    }

    fn started(timer: &Timer, now: i64) -> Vec<i64> {
        timer.start(now).0.into_iter().map(|due| due.seq).collect()
    }

    #[test]
    fn nothing_starts_before_its_time_and_order_is_by_time() {
        let timer = Timer::new(10);
        timer.arm([due(300, 1, None), due(100, 2, None), due(200, 3, None)]);
        assert_eq!(timer.start(99), (vec![], Some(100)));
        assert_eq!(started(&timer, 200), [2, 3]);
        assert_eq!(timer.start(299), (vec![], Some(300)));
        assert_eq!(started(&timer, 300), [1]);
    }

    #[test]
    fn no_more_run_than_there_are_slots() {
        let timer = Timer::new(2);
        timer.arm((1..=5).map(|seq| due(0, seq, None)));
        assert_eq!(started(&timer, 0), [1, 2]);
        assert!(started(&timer, 0).is_empty());
        timer.finish(1);
        assert_eq!(started(&timer, 0), [3]);
        assert_eq!(timer.parallelism(), (2, 2));
    }

    #[test]
    fn what_is_due_again_while_in_flight_starts_when_that_ends() {
        let timer = Timer::new(10);
        timer.arm([due(0, 1, None)]);
        assert_eq!(started(&timer, 0), [1]);
        timer.arm([due(5, 1, None)]);
        assert!(started(&timer, 5).is_empty());
        timer.finish(1);
        assert_eq!(started(&timer, 5), [1]);
    }

    #[test]
    fn what_was_cut_off_starts_again() {
        let timer = Timer::new(10);
        timer.configure(&flow(Some(1), None));
        timer.arm([due(0, 1, Some("k"))]);
        assert_eq!(started(&timer, 0), [1]);
        timer.take_back();
        assert_eq!(started(&timer, 0), [1]);
    }

    #[test]
    fn a_lane_keeps_its_parallelism_and_its_order() {
        let timer = Timer::new(10);
        timer.configure(&flow(Some(1), None));
        timer.arm([due(0, 1, Some("k")), due(0, 2, Some("k")), due(0, 3, None)]);
        assert_eq!(started(&timer, 0), [3, 1]);
        timer.finish(1);
        assert_eq!(started(&timer, 0), [2]);
    }

    #[test]
    fn a_lane_keeps_its_rate_and_tells_when_it_opens() {
        let timer = Timer::new(10);
        timer.configure(&flow(None, Some(2)));
        timer.arm((1..=3).map(|seq| due(1_000, seq, Some("k"))));
        let (first, opens_at) = timer.start(1_000);
        assert_eq!(first.len(), 2);
        assert_eq!(opens_at, Some(11_000));
        assert!(started(&timer, 10_999).is_empty());
        assert_eq!(started(&timer, 11_000), [3]);
    }

    #[test]
    fn what_is_withdrawn_does_not_start_and_what_started_is_not_withdrawn() {
        let timer = Timer::new(10);
        timer.arm([due(0, 1, None), due(0, 2, None)]);
        assert!(timer.withdraw(1));
        assert_eq!(started(&timer, 0), [2]);
        assert!(!timer.withdraw(2));
    }

    #[test]
    fn a_withdrawn_message_gives_its_place_in_the_lane_back() {
        let timer = Timer::new(10);
        timer.configure(&flow(Some(1), None));
        timer.arm([due(0, 1, Some("k")), due(0, 2, Some("k"))]);
        assert!(timer.withdraw(1));
        assert_eq!(started(&timer, 0), [2]);
    }
}
