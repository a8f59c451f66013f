//! All flow control keys: which of them let a message pass now, and when each of the others does next. Only
//! keys that something happened to are examined, however many there are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use super::flow_key::{FlowKey, FlowKeyView, Place};
use crate::timer::Due;

/// Keys that are looked at together at most: the timer stands still meanwhile.
const AT_ONCE: usize = 1000;

#[derive(Debug)]
pub(super) struct FlowKeys {
    known: BTreeMap<Arc<str>, FlowKey>,
    /// Of each key that lets one pass now the first that waits.
    open: BTreeSet<Due>,
    /// Keys that their rate holds, by when that ends.
    closed: BTreeSet<(i64, Arc<str>)>,
    /// Keys whose place in the two has to be found anew.
    touched: Vec<Arc<str>>,
    settled_at: i64,
}

impl FlowKeys {
    pub(super) fn new() -> Self {
        Self {
            known: BTreeMap::new(),
            open: BTreeSet::new(),
            closed: BTreeSet::new(),
            touched: Vec::new(),
            settled_at: i64::MIN,
        }
    }

    /// The key, to be changed; made when it is not known.
    pub(super) fn make(&mut self, key: &str) -> &mut FlowKey {
        let lane = self.known.entry(key.into()).or_insert_with_key(|key| FlowKey::new(key.clone()));
        touch(lane, &mut self.touched)
    }

    /// The key, to be changed.
    pub(super) fn change(&mut self, key: &str) -> Option<&mut FlowKey> {
        self.known.get_mut(key).map(|lane| touch(lane, &mut self.touched))
    }

    /// Lets it wait in its lane; gives it back when it has none.
    pub(super) fn queue(&mut self, due: Due) -> Result<(), Due> {
        match due.lane.clone().and_then(|key| self.change(&key)) {
            Some(lane) => {
                lane.queue(due);
                Ok(())
            }
            None => Err(due),
        }
    }

    /// Takes one out that waits.
    pub(super) fn remove(&mut self, due: &Due) {
        if let Some(lane) = due.lane.clone().and_then(|key| self.change(&key)) {
            lane.remove(due);
        }
    }

    /// The first of all that may pass now.
    pub(super) fn first(&mut self, now: i64) -> Option<&Due> {
        self.settle(now);
        self.open.first()
    }

    /// When the next key that its rate holds lets one pass.
    pub(super) fn next_opening(&mut self, now: i64) -> Option<i64> {
        self.settle(now);
        self.closed.first().map(|(at, _)| *at)
    }

    /// Finds the places of all that something happened to.
    fn settle(&mut self, now: i64) {
        if now < self.settled_at {
            // The clock was set back: periods that were over may not be, and the reverse.
            for lane in self.known.values_mut() {
                touch(lane, &mut self.touched);
            }
        }
        self.settled_at = now;
        while self.closed.first().is_some_and(|(at, _)| *at <= now) {
            let Some((_, key)) = self.closed.pop_first() else { break };
            self.change(&key);
        }
        let mut touched = std::mem::take(&mut self.touched);
        for key in touched.drain(..) {
            let Some(lane) = self.known.get_mut(&key) else { continue };
            lane.is_touched = false;
            let place = lane.place_now(now);
            match std::mem::replace(&mut lane.place, place.clone()) {
                Place::Open(due) => drop(self.open.remove(&due)),
                Place::ClosedUntil(at) => drop(self.closed.remove(&(at, key.clone()))),
                Place::Aside => {}
            }
            match place {
                Place::Open(due) => drop(self.open.insert(due)),
                Place::ClosedUntil(at) => drop(self.closed.insert((at, key))),
                Place::Aside => {}
            }
        }
        self.touched = touched;
    }

    pub(super) fn view(&self, key: &str, now: i64) -> Option<FlowKeyView> {
        self.known.get(key).map(|lane| lane.view(now))
    }

    /// Keys by name behind `after`, a limited number of them.
    pub(super) fn views(&self, after: Option<&str>, now: i64) -> Vec<(Arc<str>, FlowKeyView)> {
        self.behind(after).map(|lane| (lane.key.clone(), lane.view(now))).collect()
    }

    /// Of a limited number of keys behind `after` those that are idle, and the last of all that
    /// were looked at: there may be more behind it.
    pub(super) fn idle(&self, after: Option<&str>, now: i64) -> (Vec<Arc<str>>, Option<Arc<str>>) {
        let idle = self.behind(after).filter(|lane| lane.is_idle(now));
        let idle = idle.map(|lane| lane.key.clone()).collect();
        (idle, self.behind(after).last().map(|lane| lane.key.clone()))
    }

    fn behind(&self, after: Option<&str>) -> impl Iterator<Item = &FlowKey> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.known.range::<str, _>((from, Bound::Unbounded)).map(|(_, lane)| lane).take(AT_ONCE)
    }

    /// Forgets the key, unless something has happened to it since it was found idle.
    pub(super) fn forget(&mut self, key: &str, now: i64) {
        self.settle(now);
        if self.known.get(key).is_some_and(|lane| lane.is_idle(now)) {
            self.known.remove(key);
        }
    }
}

fn touch<'a>(lane: &'a mut FlowKey, touched: &mut Vec<Arc<str>>) -> &'a mut FlowKey {
    if !std::mem::replace(&mut lane.is_touched, true) {
        touched.push(lane.key.clone());
    }
    lane
}
