//! What is late, and what becomes of it: **the one table**. Desktop and relay ask it, so that a post
//! has the same future whichever of them holds it.

use std::time::Duration;

use super::{LatePolicy, Lateness};
use crate::clock::UnixMillis;

/// Why a post did not go out at its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// No relay was given it: the computer was off, offline, or the post came late.
    NeverHandedOver,
    /// The relay had it, and nobody called in time.
    HandedOver,
    /// Everything was paused, or its account was, and goes on.
    Resumed,
    /// X, its sign-in, the account or the credits were out of order, and are in order again.
    Outage,
    /// The relay was down, and is up again.
    Restarted,
    /// One of X's limits held it.
    Limited,
    /// The parts of its thread before it went out late.
    Begun,
}

/// What decides whether a late post still goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decider {
    /// The person's late policy: post it, ask, or miss it.
    LatePolicy,
    /// The deadline that it was handed over with: [`last_moment`].
    Deadline,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Why it is late.
    pub cause: Cause,
    /// What decides.
    pub decider: Decider,
    /// Whether it keeps its distance from the post of its account that went out before it, once
    /// that is decided. What X's limits held has a turn of its own instead, and a thread that has
    /// begun goes on.
    pub is_spaced: bool,
}

const fn rule(cause: Cause, decider: Decider, is_spaced: bool) -> Rule {
    Rule { cause, decider, is_spaced }
}

/// Every cause of lateness. All that is late goes out in the order in which it was planned.
pub const TABLE: [Rule; 7] = [
    rule(Cause::NeverHandedOver, Decider::LatePolicy, true),
    rule(Cause::HandedOver, Decider::Deadline, true),
    rule(Cause::Resumed, Decider::LatePolicy, true),
    rule(Cause::Outage, Decider::Deadline, true),
    rule(Cause::Restarted, Decider::Deadline, true),
    rule(Cause::Limited, Decider::Deadline, false),
    rule(Cause::Begun, Decider::Deadline, false),
];

/// How long after its time a post that was handed over still goes out.
pub const GRACE: Duration = Duration::from_secs(6 * 3600);
/// A post this much later than its time is overdue; a little is no lateness.
pub const OVERDUE_AFTER: Duration = Duration::from_secs(2 * 60);
/// How far apart overdue posts of one account go out.
pub const SPACING: Duration = Duration::from_secs(60);

impl Cause {
    /// Returns what the table says of it.
    #[must_use]
    pub const fn rule(self) -> Rule {
        TABLE[self as usize]
    }

    /// Returns what becomes of a post due at `due` when it is `now`. `deadline` is the one that it
    /// was handed over with; `None` where there is none yet.
    #[must_use]
    pub fn judge(
        self,
        due: UnixMillis,
        deadline: Option<UnixMillis>,
        policy: LatePolicy,
        now: UnixMillis,
    ) -> Lateness {
        match self.rule().decider {
            Decider::LatePolicy => policy.judge(due, now),
            Decider::Deadline if is_past(deadline, now) => Lateness::Missed,
            Decider::Deadline => Lateness::Post,
        }
    }

    /// Returns whether a post due at `due` keeps its distance when it is `now`.
    #[must_use]
    pub fn is_spaced(self, due: UnixMillis, overdue_after: Duration, now: UnixMillis) -> bool {
        self.rule().is_spaced && now.since(due) > overdue_after
    }
}

/// Returns whether an instant comes after a deadline.
#[must_use]
pub fn is_past(deadline: Option<UnixMillis>, at: UnixMillis) -> bool {
    deadline.is_some_and(|deadline| at > deadline)
}

/// Returns the deadline with which a post due at `due` is handed over at `now`. One in time, or one
/// that the late policy still lets out, has the whole grace. One that came too late (the relay was
/// away, or lost its database) has none: the relay looks whether it went out, and otherwise calls it
/// missed.
#[must_use]
pub fn last_moment(
    due: UnixMillis,
    policy: LatePolicy,
    grace: Duration,
    now: UnixMillis,
) -> UnixMillis {
    match Cause::NeverHandedOver.judge(due, None, policy, now) {
        Lateness::Post => due.max(now.minus(grace / 2)).plus(grace),
        Lateness::Ask | Lateness::Missed => due,
    }
}

/// Returns when the next overdue post of an account may go out: at a distance from the account's
/// last call, and from the turn of the overdue post that was planned before it. `None`: at once.
#[must_use]
pub fn next_turn(
    last_call: Option<UnixMillis>,
    before: Option<UnixMillis>,
    spacing: Duration,
    now: UnixMillis,
) -> Option<UnixMillis> {
    let after = last_call.max(before)?.plus(spacing);
    (after > now).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUE: UnixMillis = UnixMillis(1_900_000_000_000);

    fn minutes(count: u64) -> UnixMillis {
        DUE.plus(Duration::from_secs(count * 60))
    }

    #[test]
    fn every_cause_has_its_own_row() {
        for (at, rule) in TABLE.iter().enumerate() {
            assert_eq!(rule.cause as usize, at, "{:?}", rule.cause);
            assert_eq!(rule.cause.rule(), *rule);
        }
    }

    #[test]
    fn what_no_relay_had_or_a_pause_held_is_the_late_policy_s_and_all_else_its_deadline_s() {
        let policy = LatePolicy::default();
        for rule in TABLE {
            let judged = |now| rule.cause.judge(DUE, Some(DUE.plus(GRACE)), policy, now);
            let ends = match rule.cause {
                Cause::NeverHandedOver | Cause::Resumed => {
                    [Lateness::Post, Lateness::Ask, Lateness::Ask]
                }
                _ => [Lateness::Post, Lateness::Post, Lateness::Missed],
            };
            assert_eq!([minutes(30), minutes(31), minutes(361)].map(judged), ends, "{rule:?}");
        }
    }

    #[test]
    fn spacing_comes_after_either_but_not_for_a_turn_of_its_own_or_a_thread_that_has_begun() {
        for rule in TABLE {
            let spaced = |now| rule.cause.is_spaced(DUE, OVERDUE_AFTER, now);
            let keeps_its_distance = !matches!(rule.cause, Cause::Limited | Cause::Begun);
            assert!(!spaced(minutes(2)), "{rule:?}: a little is no lateness");
            assert_eq!(spaced(minutes(3)), keeps_its_distance, "{rule:?}");
        }
    }

    #[test]
    fn overdue_posts_take_turns_a_minute_apart() {
        let turn = |last, before| next_turn(last, before, SPACING, minutes(10));
        assert_eq!(turn(None, None), None, "nobody went before it");
        assert_eq!(turn(Some(minutes(9)), None), None, "a minute ago is long enough");
        assert_eq!(turn(Some(minutes(10)), None), Some(minutes(11)));
        assert_eq!(turn(Some(minutes(10)), Some(minutes(14))), Some(minutes(15)));
    }

    #[test]
    fn only_the_late_policy_lets_a_post_out_after_its_deadline() {
        let of = |now, policy| last_moment(DUE, policy, GRACE, now);
        let two_days = minutes(48 * 60);
        assert_eq!(of(DUE, LatePolicy::default()), DUE.plus(GRACE));
        assert_eq!(of(minutes(29), LatePolicy::default()), DUE.plus(GRACE));
        assert_eq!(of(minutes(31), LatePolicy::default()), DUE, "after half an hour: ask");
        assert_eq!(of(two_days, LatePolicy::default()), DUE, "however late it is");
        assert!(of(two_days, LatePolicy::POST) > two_days, "the person wants it out all the same");
    }
}
