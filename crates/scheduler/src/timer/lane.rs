//! One flow control key: who waits, and whether the next may pass.

use std::collections::VecDeque;

use crate::spec::Flow;
use crate::store::FlowRule;
use crate::timer::Due;

/// The state of one key. Counts are of this process; a restart begins a fresh period.
#[derive(Debug)]
pub(crate) struct Lane {
    parallelism: Option<u32>,
    rate: Option<u32>,
    period: i64,
    period_start: i64,
    passed: u32,
    active: u32,
    waiting: VecDeque<Due>,
    rule: FlowRule,
}

/// What the API tells of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LaneView {
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

impl Default for Lane {
    fn default() -> Self {
        Self {
            parallelism: None,
            rate: None,
            period: 1000,
            period_start: i64::MIN,
            passed: 0,
            active: 0,
            waiting: VecDeque::new(),
            rule: FlowRule::default(),
        }
    }
}

impl Lane {
    pub(crate) fn configure(&mut self, flow: &Flow) {
        self.parallelism = flow.parallelism;
        self.rate = flow.rate;
        let seconds = i64::try_from(flow.period_seconds).unwrap_or(i64::MAX);
        self.period = seconds.saturating_mul(1000);
    }

    pub(crate) fn decide(&mut self, rule: &FlowRule) {
        self.rule = rule.clone();
    }

    pub(crate) fn reset_rate(&mut self, now: i64) {
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

    pub(crate) fn queue(&mut self, due: Due) {
        self.waiting.push_back(due);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Lets the next one pass, when the limits allow it now.
    pub(crate) fn enter(&mut self, now: i64) -> Option<Due> {
        if !self.has_room() || (self.rate_is_used_up(now)) {
            return None;
        }
        let due = self.waiting.pop_front()?;
        if self.period_is_over(now) {
            self.period_start = now;
            self.passed = 0;
        }
        self.passed = self.passed.saturating_add(1);
        self.active += 1;
        Some(due)
    }

    pub(crate) fn leave(&mut self) {
        self.active = self.active.saturating_sub(1);
    }

    /// When the rate lets the next one pass; absent when it is not the rate that holds it.
    pub(crate) fn opens_at(&self, now: i64) -> Option<i64> {
        let held_by_rate = self.has_room() && self.rate_is_used_up(now);
        held_by_rate.then(|| self.period_start.saturating_add(self.period()))
    }

    fn has_room(&self) -> bool {
        !self.rule.paused && self.parallelism().is_none_or(|limit| self.active < limit)
    }

    fn rate_is_used_up(&self, now: i64) -> bool {
        self.rate().is_some_and(|limit| !self.period_is_over(now) && self.passed >= limit)
    }

    /// A period that begins in the future is of a clock that was set back.
    fn period_is_over(&self, now: i64) -> bool {
        now < self.period_start || now >= self.period_start.saturating_add(self.period())
    }

    pub(crate) fn view(&self) -> LaneView {
        LaneView {
            parallelism: self.parallelism(),
            rate: self.rate(),
            period_seconds: self.period() / 1000,
            period_start: self.period_start.max(0),
            passed: self.passed,
            active: self.active,
            waiting: self.waiting.len(),
            paused: self.rule.paused,
            parallelism_is_pinned: self.rule.parallelism.is_some(),
            rate_is_pinned: self.rule.rate.is_some(),
        }
    }
}
