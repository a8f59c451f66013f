//! What a write may do, and what the timer learns of it when it is durable.

use std::collections::HashSet;
use std::sync::Arc;

use roost_sqlite::{Ended, Hooks};
use rusqlite::Connection;

use super::change_counters::{ChangeCounters, Counters};
use crate::flow_rule::FlowRule;
use crate::limits::Limits;
use crate::spec::Flow;
use crate::timer::{Change, Due, PrefetchResult, Timer};

/// What a body may use: the transaction, and what the timer learns when it is durable. The timer
/// is told by the writer, not by the caller: one that goes away must not leave a durable
/// message unscheduled.
pub(crate) struct Write<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) limits: &'a Limits,
    timer: &'a Timer,
    /// Messages whose flights were written down earlier in this group.
    completed: &'a HashSet<i64>,
    effects: &'a mut Effects,
}

/// What follows from one write.
#[derive(Debug, Default)]
pub(super) struct Effects {
    completed: Vec<i64>,
    arm: Vec<Due>,
    prefetched: Vec<PrefetchResult>,
    flows: Vec<Flow>,
    rules: Vec<FlowRule>,
    withdraw: Vec<Due>,
    disarm: Vec<Due>,
    /// Flow control keys that no live message has, and when that was.
    idle_lanes: Option<(Vec<Arc<str>>, i64)>,
    /// When a schedule is next due, if that may have changed.
    schedules: Option<Option<i64>>,
    change_counters: ChangeCounters,
}

impl<'a> Write<'a> {
    pub(super) fn of(write: &'a mut roost_sqlite::Write<'_, State>) -> Self {
        let State { timer, limits, completed, .. } = &*write.hooks;
        Self { connection: write.connection, limits, timer, completed, effects: write.context }
    }
}

impl Write<'_> {
    /// Lets the timer look at the message, once this write is durable.
    pub(crate) fn arm(&mut self, due: Due) {
        self.effects.arm.push(due);
    }

    /// What this write does, to be counted once it is durable.
    pub(super) fn change_counters(&mut self) -> &mut ChangeCounters {
        &mut self.effects.change_counters
    }

    /// Takes back what the timer was to look at, once this write is durable.
    pub(crate) fn disarm(&mut self, due: Due) {
        self.effects.disarm.push(due);
    }

    /// Lets the timer forget keys that no live message has, once this write is durable.
    pub(crate) fn forget_flow_keys(&mut self, keys: Vec<Arc<str>>, now: i64) {
        self.effects.idle_lanes = Some((keys, now));
    }

    /// Ends the message's flight, once this write is durable.
    pub(crate) fn land(&mut self, seq: i64) {
        self.effects.completed.push(seq);
    }

    /// Moves the timer's horizon on, once this write is durable: what was accepted before it was
    /// read with it, what is accepted after it is armed.
    pub(crate) fn see(&mut self, prefetch: PrefetchResult) {
        self.effects.prefetched.push(prefetch);
    }

    /// Sets a key's limits, once this write is durable.
    pub(crate) fn configure(&mut self, flow: Flow) {
        self.effects.flows.push(flow);
    }

    /// Lets the timer look at the schedules at that time, once this write is durable.
    pub(crate) fn plan_schedules(&mut self, next: Option<i64>) {
        self.effects.schedules = Some(next);
    }

    /// Lets a decision about a key hold, once this write is durable.
    pub(crate) fn decide(&mut self, rule: FlowRule) {
        self.effects.rules.push(rule);
    }

    /// Keeps a message from being started, from now on; should this write fail, it is armed
    /// again. False when it is in flight.
    pub(crate) fn withdraw(&mut self, due: Due) -> bool {
        let free = self.completed.contains(&due.seq) || self.timer.withdraw(due.seq);
        if free {
            self.effects.withdraw.push(due);
        }
        free
    }
}

impl Effects {
    fn durable(self, timer: &mut Change<'_>) {
        timer.withdrawn(self.withdraw.iter().map(|due| due.seq));
        self.withdraw.iter().chain(&self.disarm).for_each(|due| timer.disarm(due));
        if let Some((keys, now)) = self.idle_lanes {
            timer.forget_flow_keys(&keys, now);
        }
        self.completed.into_iter().for_each(|seq| timer.finish(seq));
        self.flows.iter().for_each(|flow| timer.configure(flow));
        self.rules.iter().for_each(|rule| timer.decide(rule));
        if let Some(next) = self.schedules {
            timer.plan_schedules(next);
        }
        timer.arm(self.arm);
        self.prefetched.into_iter().for_each(|prefetch| timer.see(prefetch));
    }

    fn failed(self, timer: &mut Change<'_>) {
        timer.withdrawn(self.withdraw.iter().map(|due| due.seq));
        timer.arm(self.withdraw);
    }
}

/// The writer's own state: what bodies look at, and what follows from a commit.
pub(super) struct State {
    timer: Arc<Timer>,
    limits: Limits,
    counters: Arc<Counters>,
    /// Messages whose flights were written down in the group that is open.
    completed: HashSet<i64>,
    /// What that group did.
    change_counters: ChangeCounters,
}

impl State {
    pub(super) fn new(timer: Arc<Timer>, limits: Limits, counters: Arc<Counters>) -> Self {
        Self {
            timer,
            limits,
            counters,
            completed: HashSet::new(),
            change_counters: ChangeCounters::default(),
        }
    }
}

impl Hooks for State {
    type Context = Effects;

    fn kept(&mut self, effects: &mut Effects) {
        self.completed.extend(&effects.completed);
        self.change_counters.add(effects.change_counters);
    }

    fn before_commit(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.change_counters.write(connection)
    }

    fn finished(&mut self, is_committed: bool, writes: Vec<Ended<Effects>>) {
        let change_counters = std::mem::take(&mut self.change_counters);
        if is_committed {
            self.counters.add(&change_counters);
        }
        self.completed.clear();
        // The timer is let go of before any caller is answered: one may look at it.
        let mut change = self.timer.change();
        for write in writes {
            match write.is_durable {
                true => write.context.durable(&mut change),
                false => write.context.failed(&mut change),
            }
        }
    }
}
