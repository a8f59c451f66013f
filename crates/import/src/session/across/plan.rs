//! The rows that go out, by account and time, and the slots that rows without a time take.

use roost_core::clock::UnixMillis;
use roost_core::limits::{Rate, Scope, Subscription};
use roost_core::zone::wall_time_of;

use super::ends::End;
use super::times::Times;
use super::{Ground, KnownPosts};
use crate::check::across::{Neighbour, Overrun, Timeline};
use crate::facts::{AccountIndex, NO_ACCOUNT};
use crate::session::judge::day_of;
use crate::session::kept::{Flags, Instant};
use crate::session::outcome::Outcome;
use crate::slots::{SlotTimes, WeeklySchedule};

/// Without weekly times of its account, a late row takes the next free half-hour: half-hours, so that a
/// backlog alone stays under the 50 posts a day that X allows an unverified account.
const HALF_HOUR_MILLIS: i64 = 30 * 60 * 1000;
const MINUTE_MILLIS: i64 = 60 * 1000;

/// A row that goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Planned {
    account: AccountIndex,
    at: UnixMillis,
    /// Its place in the source, from 1.
    row: u32,
}

/// The rows that go out and the posts that do, in the order of their times.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Plan {
    /// By account; the last one is of rows that wait for an account.
    lines: Vec<Line>,
    /// All together, where there are several accounts: X limits an app, too.
    app: Option<Line>,
    minutes: u32,
}

/// The times of an account, and the limits that hold for it.
#[derive(Debug, Clone, Default)]
struct Line {
    times: Timeline,
    rates: Vec<Rate>,
}

impl Plan {
    /// Plans the rows that go out, gives a slot to each that waits for one, and marks those that are too
    /// near to another and those that are too many.
    pub(super) fn new(ends: &mut [End], ground: Ground<'_>, known: &KnownPosts) -> Self {
        let going = (1..).zip(&*ends).zip(ground.facts);
        let going = going.filter(|((_, end), _)| end.outcome == Outcome::Ready && !end.waits);
        let mut planned: Vec<Planned> = going
            .filter_map(|((row, end), facts)| {
                Some(Planned { account: facts.account, at: end.at.get()?, row })
            })
            .collect();
        planned.sort_unstable();
        let times = Times::new(ends, ground, known);
        let moved = give_slots(&planned, ends, ground, &times);
        if !moved.is_empty() {
            planned.extend(moved);
            planned.sort_unstable();
        }
        let accounts = ground.surroundings.accounts.len();
        let lines = (0..=accounts).map(|place| {
            let account = if place == accounts {
                NO_ACCOUNT
            } else {
                AccountIndex::try_from(place).unwrap_or(NO_ACCOUNT)
            };
            let from = planned.partition_point(|it| it.account < account);
            let to = planned.partition_point(|it| it.account <= account);
            let rows = planned[from..to].iter().map(|it| (it.at, it.row));
            Line { times: Timeline::of(rows, times.of(account)), rates: rates(ground, account) }
        });
        let lines: Vec<Line> = lines.collect();
        let app = (accounts > 1).then(|| {
            let rows = planned.iter().map(|it| (it.at, it.row));
            Line { times: Timeline::of(rows, times.of_all()), rates: app_rates(ground) }
        });
        let plan = Self { lines, app, minutes: ground.choices.collision_minutes };
        for (row, (end, facts)) in (1..).zip(ends.iter_mut().zip(ground.facts)) {
            plan.mark(row, facts.account, end);
        }
        plan
    }

    /// Changes the place of a row that waits for no slot, and returns the rows whose marks may be others
    /// now.
    pub(super) fn change(
        &mut self,
        row: u32,
        (account_before, before): (AccountIndex, &End),
        (account, after): (AccountIndex, &End),
    ) -> Vec<u32> {
        let mut touched = vec![row];
        if let Some(at) = going_at(before) {
            for line in self.lines_of(account_before) {
                touched.extend(line.times.neighbours(at, row, &line.rates));
                line.times.remove(at, row);
            }
        }
        for (account, own_at, is_there) in
            [(account_before, before.own_at, true), (account, after.own_at, false)]
        {
            let Some(at) = own_at.get() else { continue };
            for line in self.lines_of(account) {
                touched.extend(line.times.neighbours(at, row, &line.rates));
                line.times.set_post(at, is_there);
            }
        }
        if let Some(at) = going_at(after) {
            for line in self.lines_of(account) {
                line.times.add(at, row);
                touched.extend(line.times.neighbours(at, row, &line.rates));
            }
        }
        touched
    }

    /// Marks whether a row is too near to another, or one too many.
    pub(super) fn mark(&self, row: u32, account: AccountIndex, end: &mut End) {
        let at = going_at(end);
        end.collides = at.is_some_and(|at| self.collision(row, account, at).is_some());
        end.overruns = at.is_some_and(|at| self.overrun(row, account, at).is_some());
    }

    /// Returns what goes out minutes before a row.
    pub(in super::super) fn collision(
        &self,
        row: u32,
        account: AccountIndex,
        at: UnixMillis,
    ) -> Option<Neighbour> {
        self.line(account)?.times.collision(at, row, self.minutes)
    }

    /// Returns the limit that the posts up to a row overrun.
    pub(in super::super) fn overrun(
        &self,
        row: u32,
        account: AccountIndex,
        at: UnixMillis,
    ) -> Option<Overrun> {
        let lines = self.line(account).into_iter().chain(self.app.as_ref());
        lines.into_iter().find_map(|line| line.times.overrun(at, row, &line.rates))
    }

    /// Returns new times for the rows of all accounts that are more than the limits allow.
    pub(in super::super) fn spread(
        &self,
        later: &dyn Fn(UnixMillis, u32, i64) -> UnixMillis,
    ) -> Vec<(u32, UnixMillis)> {
        let spread = |line: &Line| line.times.spread(self.minutes, &line.rates, later);
        self.lines.iter().flat_map(spread).collect()
    }

    fn line(&self, account: AccountIndex) -> Option<&Line> {
        self.lines.get(usize::from(account)).or_else(|| self.lines.last())
    }

    fn lines_of(&mut self, account: AccountIndex) -> impl Iterator<Item = &mut Line> {
        let last = self.lines.len().saturating_sub(1);
        let place = usize::from(account).min(last);
        self.lines.get_mut(place).into_iter().chain(&mut self.app)
    }
}

/// Returns when a row goes out, if it does.
fn going_at(end: &End) -> Option<UnixMillis> {
    end.at.get().filter(|_| end.outcome == Outcome::Ready)
}

fn rates(ground: Ground<'_>, account: AccountIndex) -> Vec<Rate> {
    let account = ground.surroundings.accounts.get(usize::from(account));
    let subscription = account.map_or(Subscription::None, |account| account.subscription);
    let limits = account.and_then(|it| it.limits.as_ref()).unwrap_or(&ground.surroundings.limits);
    let is_alone = ground.surroundings.accounts.len() <= 1;
    let holds = |rate: &&Rate| rate.binds(subscription) && (is_alone || rate.scope != Scope::App);
    limits.rates.iter().filter(holds).copied().collect()
}

/// One relay sends all posts: what it told of one account holds for the app.
fn app_rates(ground: Ground<'_>) -> Vec<Rate> {
    let told = ground.surroundings.accounts.iter().find_map(|account| account.limits.as_ref());
    let limits = told.unwrap_or(&ground.surroundings.limits);
    limits.rates.iter().filter(|rate| rate.scope == Scope::App).copied().collect()
}

/// Gives each row that waits the next free slot of its account: rows that are late first, in the order
/// of their times, then rows without a time in the order of the source.
fn give_slots(
    plan: &[Planned],
    ends: &mut [End],
    ground: Ground<'_>,
    times: &Times<'_>,
) -> Vec<Planned> {
    let mut waiting: Vec<(AccountIndex, bool, Option<UnixMillis>, u32)> = (1..)
        .zip(&*ends)
        .zip(ground.facts)
        .filter(|((_, end), _)| end.waits)
        .map(|((row, _), facts)| {
            let is_late = facts.flags.has(Flags::LATE);
            (facts.account, !is_late, facts.at.get().filter(|_| is_late), row)
        })
        .collect();
    waiting.sort_unstable();
    let mut moved = Vec::with_capacity(waiting.len());
    for of_account in waiting.chunk_by(|one, other| one.0 == other.0) {
        let account = of_account[0].0;
        let from = plan.partition_point(|it| it.account < account);
        let to = plan.partition_point(|it| it.account <= account);
        let taken = Taken { rows: &plan[from..to], posts: times.of(account) };
        let schedule = schedule(account, ground);
        let mut free = Free::new(&schedule, taken, ground.surroundings.now);
        for (_, _, _, row) in of_account {
            let end = &mut ends[*row as usize - 1];
            (end.at, end.outcome) = (Instant::NONE, Outcome::Ready);
            let Some(at) = free.next() else {
                // There is no slot before the end of the calendar.
                end.outcome = Outcome::Draft;
                continue;
            };
            end.at = Instant::of(Some(at));
            if let Some(zone) = &ground.rules.zone {
                end.day = day_of(wall_time_of(at, zone));
            }
            moved.push(Planned { account, at, row: *row });
        }
    }
    moved
}

/// The times of an account at which posts go out.
struct Taken<'p> {
    rows: &'p [Planned],
    posts: Vec<UnixMillis>,
}

impl Taken<'_> {
    fn has_one_within(&self, from: UnixMillis, millis: i64) -> bool {
        let to = UnixMillis(from.0 + millis);
        let row = self.rows.get(self.rows.partition_point(|row| row.at < from));
        let post = self.posts.get(self.posts.partition_point(|at| *at < from));
        row.is_some_and(|row| row.at < to) || post.is_some_and(|at| *at < to)
    }
}

/// The free slots of an account, one after the other.
struct Free<'s> {
    taken: Taken<'s>,
    /// How long a slot is: a post within it takes it.
    millis: i64,
    moments: Moments<'s>,
}

enum Moments<'s> {
    Weekly(SlotTimes<'s>),
    HalfHours(i64),
}

/// Returns the weekly times of an account.
fn schedule(account: AccountIndex, ground: Ground<'_>) -> WeeklySchedule {
    let account = ground.surroundings.accounts.get(usize::from(account));
    let slots = account.map_or(&[][..], |account| account.slots.as_slice());
    let zone = account.and_then(|it| it.zone.as_ref()).unwrap_or(&ground.surroundings.zone);
    WeeklySchedule::new(slots, zone.clone())
}

impl<'s> Free<'s> {
    fn new(schedule: &'s WeeklySchedule, taken: Taken<'s>, now: UnixMillis) -> Self {
        if schedule.is_empty() {
            let first = (now.0.div_euclid(HALF_HOUR_MILLIS) + 1) * HALF_HOUR_MILLIS;
            return Self { taken, millis: HALF_HOUR_MILLIS, moments: Moments::HalfHours(first) };
        }
        Self { taken, millis: MINUTE_MILLIS, moments: Moments::Weekly(schedule.after(now)) }
    }

    fn next(&mut self) -> Option<UnixMillis> {
        loop {
            let moment = match &mut self.moments {
                Moments::Weekly(times) => times.next()?.at,
                Moments::HalfHours(next) => {
                    let moment = UnixMillis(*next);
                    *next += HALF_HOUR_MILLIS;
                    moment
                }
            };
            if !self.taken.has_one_within(moment, self.millis) {
                return Some(moment);
            }
        }
    }
}
