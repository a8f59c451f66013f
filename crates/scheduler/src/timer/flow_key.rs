//! One flow control key: who waits, and whether the next may pass.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::flow_rule::FlowRule;
use crate::spec::Flow;
use crate::timer::Due;

/// The state of one key. Counts are of this process; a restart begins a fresh period.
#[derive(Debug)]
pub(super) struct FlowKey {
    pub(super) key: Arc<str>,
    parallelism: Option<u32>,
    rate: Option<u32>,
    period: i64,
    period_start: i64,
    passed: u32,
    active: u32,
    waiting: BTreeSet<Due>,
    rule: FlowRule,
    /// Where it stands among all keys.
    pub(super) place: Place,
    /// Whether that may no longer hold.
    pub(super) is_touched: bool,
}

/// Where a key stands among all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Nobody waits, or a message under way has to end first, or somebody has to decide.
    Aside,
    /// Lets this one pass.
    Open(Due),
    /// Its rate lets the next one pass at this time, Unix milliseconds.
    ClosedUntil(i64),
}

/// What the API tells of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FlowKeyView {
    pub(crate) parallelism: Option<u32>,
    pub(crate) rate: Option<u32>,
    pub(crate) period_seconds: i64,
    pub(crate) period_start: i64,
    pub(crate) passed: u32,
    pub(crate) active: u32,
    pub(crate) waiting: usize,
    pub(crate) paused: bool,
    pub(crate) parallelism_is_pinned: bool,
    pub(crate) rate_is_pinned: bool,
}

impl FlowKey {
    pub(super) fn new(key: Arc<str>) -> Self {
        Self {
            key,
            parallelism: None,
            rate: None,
            period: 1000,
            period_start: i64::MIN,
            passed: 0,
            active: 0,
            waiting: BTreeSet::new(),
            rule: FlowRule::default(),
            place: Place::Aside,
            is_touched: false,
        }
    }

    pub(super) fn configure(&mut self, flow: &Flow) {
        self.parallelism = flow.parallelism;
        self.rate = flow.rate;
        let seconds = i64::try_from(flow.period_seconds).unwrap_or(i64::MAX);
        self.period = seconds.saturating_mul(1000);
    }

    pub(super) fn decide(&mut self, rule: &FlowRule) {
        self.rule = rule.clone();
    }

    pub(super) fn reset_rate(&mut self, now: i64) {
        self.period_start = now;
        self.passed = 0;
    }

    fn parallelism(&self) -> Option<u32> {
        self.rule.parallelism.or(self.parallelism)
    }

    fn rate(&self) -> Option<u32> {
        self.rule.rate.or(self.rate)
    }

    /// Milliseconds.
    fn period(&self) -> i64 {
        let pinned = self.rule.rate.and(self.rule.period_seconds);
        pinned.map_or(self.period, |seconds| i64::from(seconds) * 1000)
    }

    pub(super) fn queue(&mut self, due: Due) {
        self.waiting.insert(due);
    }

    /// Takes one out that waits.
    pub(super) fn remove(&mut self, due: &Due) {
        self.waiting.remove(due);
    }

    /// Where it belongs now.
    pub(super) fn place_now(&self, now: i64) -> Place {
        match self.waiting.first() {
            Some(_) if !self.has_room() => Place::Aside,
            Some(_) if self.rate_is_used_up(now) => Place::ClosedUntil(self.period_end()),
            Some(first) => Place::Open(first.clone()),
            None => Place::Aside,
        }
    }

    /// One that waited passes; tells the period in which it counts.
    pub(super) fn enter(&mut self, now: i64) -> i64 {
        if self.period_is_over(now) {
            self.period_start = now;
            self.passed = 0;
        }
        self.passed = self.passed.saturating_add(1);
        self.active += 1;
        self.period_start
    }

    pub(super) fn leave(&mut self) {
        self.active = self.active.saturating_sub(1);
    }

    /// What passed in that period was not delivered after all: another may.
    pub(super) fn give_back(&mut self, period_start: i64) {
        if period_start == self.period_start {
            self.passed = self.passed.saturating_sub(1);
        }
    }

    /// Whether nothing would change if it were not known.
    pub(super) fn is_idle(&self, now: i64) -> bool {
        let is_ruled = self.rule != FlowRule { key: self.rule.key.clone(), ..FlowRule::default() };
        self.waiting.is_empty() && self.active == 0 && !is_ruled && self.period_is_over(now)
    }

    fn has_room(&self) -> bool {
        !self.rule.paused && self.parallelism().is_none_or(|limit| self.active < limit)
    }

    fn rate_is_used_up(&self, now: i64) -> bool {
        self.rate().is_some_and(|limit| !self.period_is_over(now) && self.passed >= limit)
    }

    /// A period that begins in the future is of a clock that was set back.
    fn period_is_over(&self, now: i64) -> bool {
        now < self.period_start || now >= self.period_end()
    }

    fn period_end(&self) -> i64 {
        self.period_start.saturating_add(self.period())
    }

    pub(super) fn view(&self, now: i64) -> FlowKeyView {
        FlowKeyView {
            parallelism: self.parallelism(),
            rate: self.rate(),
            period_seconds: self.period() / 1000,
            period_start: self.period_start.max(0),
            passed: if self.period_is_over(now) { 0 } else { self.passed },
            active: self.active,
            waiting: self.waiting.len(),
            paused: self.rule.paused,
            parallelism_is_pinned: self.rule.parallelism.is_some(),
            rate_is_pinned: self.rule.rate.is_some(),
        }
    }
}
