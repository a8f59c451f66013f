//! Changes of the timer that are made together: one lock, and one wake-up at the end.

use std::sync::{Arc, MutexGuard};

use super::horizon::PrefetchResult;
use super::{Due, Inner, Timer};
use crate::flow_rule::FlowRule;
use crate::spec::Flow;

/// Changes under way. Dropping it tells whoever waits for a change.
pub(crate) struct Change<'a> {
    timer: &'a Timer,
    inner: MutexGuard<'a, Inner>,
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        self.timer.changed.notify_one();
    }
}

impl Timer {
    /// Begins to change something. Nothing else of the timer can be used meanwhile.
    pub(crate) fn change(&self) -> Change<'_> {
        Change { timer: self, inner: self.lock() }
    }
}

impl Change<'_> {
    /// Adds messages to look at. What lies beyond the horizon is read when that is moved on.
    pub(crate) fn arm(&mut self, entries: impl IntoIterator<Item = Due>) {
        let horizon = self.inner.horizon;
        let near = entries.into_iter().filter(|due| horizon.covers(due));
        near.for_each(|due| self.inner.insert(due));
    }

    /// Moves the horizon on.
    pub(crate) fn see(&mut self, prefetch: PrefetchResult) {
        self.inner.looking = false;
        self.inner.horizon = prefetch.until;
        prefetch.due.into_iter().for_each(|due| self.inner.insert(due));
    }

    /// Takes back what was armed: nothing comes of it any more.
    pub(crate) fn disarm(&mut self, due: &Due) {
        self.inner.remove(due);
    }

    /// Sets the limits of a key; the latest published message decides.
    pub(crate) fn configure(&mut self, flow: &Flow) {
        self.inner.lanes.make(&flow.key).configure(flow);
    }

    /// Lets a decision about a key hold, whatever its messages ask for.
    pub(crate) fn decide(&mut self, rule: &FlowRule) {
        self.inner.lanes.make(&rule.key).decide(rule);
    }

    /// Forgets keys that no live message belongs to, unless something happened to them since.
    pub(crate) fn forget_flow_keys(&mut self, keys: &[Arc<str>], now: i64) {
        keys.iter().for_each(|key| self.inner.lanes.forget(key, now));
    }

    /// The cancelling transaction has ended, one way or the other.
    pub(crate) fn withdrawn(&mut self, seqs: impl IntoIterator<Item = i64>) {
        for seq in seqs {
            self.inner.withdrawn.remove(&seq);
        }
    }

    /// Sets when a schedule is next due, Unix milliseconds.
    pub(crate) fn plan_schedules(&mut self, next: Option<i64>) {
        self.inner.schedules_at = next;
    }

    /// The destination has answered: the slot is free, though the answer is not yet on disk.
    pub(crate) fn answered(&mut self, seq: i64) {
        self.inner.free_slot(seq);
    }

    /// There will be no attempt: neither the slot nor the key's rate is used.
    pub(crate) fn abort_start(&mut self, seq: i64) {
        self.inner.free_slot(seq);
        self.inner.leave_flow_key(seq, true);
    }

    /// The message is no longer in flight.
    pub(crate) fn finish(&mut self, seq: i64) {
        self.inner.free_slot(seq);
        self.inner.leave_flow_key(seq, false);
        self.inner.in_flight.remove(&seq);
        if let Some(due) = self.inner.again.remove(&seq) {
            self.inner.insert(due);
        }
    }

    /// Takes back what is in flight: its attempts were cut off.
    pub(crate) fn take_back(&mut self) {
        let cut_off: Vec<i64> = self.inner.in_flight.keys().copied().collect();
        for seq in cut_off {
            let due = self.inner.in_flight.get(&seq).map(|flight| flight.due.clone());
            self.finish(seq);
            due.into_iter().for_each(|due| self.inner.insert(due));
        }
    }
}
