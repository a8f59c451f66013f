//! What X allows: how many posts in how long, how long a post, how many cashtags.
//!
//! One [`Limits`] holds what applies to every kind of account under one plan, so that the relay
//! and the sandbox read the same configuration. The arithmetic is a sliding window over the times
//! of past posts. Numbers: X's published rate limits of 2026-08, the stricter one where its pages
//! differ.

use serde::{Deserialize, Serialize};

use crate::clock::UnixMillis;

/// X's subscription of an account, from `subscription_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subscription {
    /// None: unverified, with the strictest limits. Also for what X does not tell.
    #[default]
    None,
    /// Basic.
    Basic,
    /// Premium.
    Premium,
    /// Premium+.
    PremiumPlus,
}

impl Subscription {
    /// Returns what X's own word means; a missing or new one is [`Subscription::None`].
    #[must_use]
    pub fn from_x(word: Option<&str>) -> Self {
        match word {
            Some("Basic") => Self::Basic,
            Some("Premium") => Self::Premium,
            Some("PremiumPlus") => Self::PremiumPlus,
            _ => Self::None,
        }
    }

    /// Returns whether X gives the account long posts.
    #[must_use]
    pub const fn has_long_posts(self) -> bool {
        matches!(self, Self::Premium | Self::PremiumPlus)
    }
}

/// What the X app behind the account pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// Prepaid credits: the plan of every new app.
    #[default]
    PayPerUse,
    /// The free plan of before 2026.
    LegacyFree,
    /// The basic plan of before 2026.
    LegacyBasic,
    /// The pro plan of before 2026.
    LegacyPro,
    /// The sandbox: X's own rules for texts, rates that let a demonstration run.
    Demo,
}

/// Whose posts a rate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Each account's own.
    Account,
    /// Each account's own, where it has no subscription.
    UnverifiedAccount,
    /// All accounts of the X app together.
    App,
}

/// At most `max` posts within any span of `per_seconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Whose posts are counted.
    pub scope: Scope,
    /// How many are allowed.
    pub max: u32,
    /// Within how many seconds.
    pub per_seconds: u32,
}

impl Rate {
    const fn new(scope: Scope, max: u32, per_seconds: u32) -> Self {
        Self { scope, max, per_seconds }
    }

    /// Returns its span as people say it: `24 hours`.
    #[must_use]
    pub fn span(&self) -> String {
        if self.per_seconds.is_multiple_of(3600) {
            format!("{} hours", self.per_seconds / 3600)
        } else {
            format!("{} minutes", self.per_seconds / 60)
        }
    }

    /// Returns whether this rate binds an account with `subscription`.
    #[must_use]
    pub fn binds(&self, subscription: Subscription) -> bool {
        self.scope != Scope::UnverifiedAccount || subscription == Subscription::None
    }

    /// Returns when the next post fits, not before `now`; [`NEVER`] when the rate allows none.
    /// `times` are those of the posts that count, in any order.
    #[must_use]
    pub fn next_free(&self, times: &[UnixMillis], now: UnixMillis) -> UnixMillis {
        let max = self.max as usize;
        if max == 0 {
            return NEVER;
        }
        if times.len() < max {
            return now;
        }
        let span = i64::from(self.per_seconds) * 1000;
        let mut counted: Vec<i64> =
            times.iter().map(|time| time.0).filter(|time| *time > now.0 - span).collect();
        if counted.len() < max {
            return now;
        }
        // The one that has to leave the span, so that `max - 1` remain.
        let nth = counted.len() - max;
        let (_, oldest, _) = counted.select_nth_unstable(nth);
        UnixMillis(oldest.saturating_add(span).max(now.0))
    }
}

/// The instant that never comes: what a rate of zero answers.
pub const NEVER: UnixMillis = UnixMillis(i64::MAX);

/// When the next post may go out, and which limit says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The first instant that every limit allows; `now` when nothing is in the way.
    pub at: UnixMillis,
    /// The limit that is in the way.
    pub because: Option<Rate>,
}

/// All limits of one plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// How many posts in how long.
    pub rates: Vec<Rate>,
    /// The longest post, in weighted length.
    pub length: u32,
    /// The longest post of an account with long posts.
    pub long_length: u32,
    /// How many cashtags a post may hold; none given, X does not mind.
    pub max_cashtags: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(Plan::PayPerUse)
    }
}

impl Limits {
    /// Returns the limits of a plan.
    #[must_use]
    pub fn of(plan: Plan) -> Self {
        const QUARTER: u32 = 15 * 60;
        const THREE_HOURS: u32 = 3 * 60 * 60;
        const DAY: u32 = 24 * 60 * 60;
        let mut rates = match plan {
            Plan::PayPerUse | Plan::LegacyPro => {
                vec![Rate::new(Scope::Account, 100, QUARTER), Rate::new(Scope::App, 10_000, DAY)]
            }
            Plan::LegacyFree => {
                vec![Rate::new(Scope::Account, 17, DAY), Rate::new(Scope::App, 17, DAY)]
            }
            Plan::LegacyBasic => {
                vec![Rate::new(Scope::Account, 100, DAY), Rate::new(Scope::App, 1_667, DAY)]
            }
            Plan::Demo => vec![Rate::new(Scope::App, 100_000, DAY)],
        };
        if plan != Plan::Demo {
            rates.push(Rate::new(Scope::Account, 300, THREE_HOURS));
            rates.push(Rate::new(Scope::UnverifiedAccount, 50, DAY));
        }
        Self { rates, length: 280, long_length: 25_000, max_cashtags: Some(1) }
    }

    /// Returns the longest post that an account may send, in weighted length.
    #[must_use]
    pub const fn length_for(&self, subscription: Subscription) -> u32 {
        if subscription.has_long_posts() { self.long_length } else { self.length }
    }

    /// Returns the first instant, not before `now`, at which an account may post.
    ///
    /// `account` are the times of the account's past posts, `app` those of all accounts of the
    /// app; both in any order. What is older than the longest span does not matter.
    #[must_use]
    pub fn next_free(
        &self,
        subscription: Subscription,
        account: &[UnixMillis],
        app: &[UnixMillis],
        now: UnixMillis,
    ) -> Slot {
        let free = Slot { at: now, because: None };
        self.rates.iter().filter(|rate| rate.binds(subscription)).fold(free, |slot, rate| {
            let times = if rate.scope == Scope::App { app } else { account };
            let at = rate.next_free(times, now);
            if at > slot.at { Slot { at, because: Some(*rate) } } else { slot }
        })
    }

    /// Returns the first limit of an account that one more post at `at` would overrun, and how many
    /// posts would then fall within its span. `others` are the times of the account's other posts,
    /// past and planned, in any order. What is over is not lost: it waits.
    #[must_use]
    pub fn overrun(
        &self,
        subscription: Subscription,
        others: &[UnixMillis],
        at: UnixMillis,
    ) -> Option<(Rate, usize)> {
        let binding = self.rates.iter().filter(|rate| rate.binds(subscription));
        binding.filter(|rate| rate.scope != Scope::App).find_map(|rate| {
            let span = i64::from(rate.per_seconds) * 1000;
            let near = |time: &i64| (time - at.0).abs() < span;
            let mut times: Vec<i64> = others.iter().map(|time| time.0).filter(near).collect();
            times.push(at.0);
            times.sort_unstable();
            // The fullest span that holds this post begins with one of the posts.
            let first_of =
                |from: usize| times[from..].partition_point(|it| it - times[from] < span);
            let held = (0..times.len()).filter(|from| times[*from] <= at.0).map(first_of);
            let most = held.max().unwrap_or(0);
            (most > rate.max as usize).then_some((*rate, most))
        })
    }

    /// Returns the longest span of any limit, in seconds: how long past posts matter.
    #[must_use]
    pub fn memory_seconds(&self) -> u32 {
        self.rates.iter().map(|rate| rate.per_seconds).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_post_too_many_within_a_span_is_known_beforehand() {
        let mut limits = Limits::of(Plan::Demo);
        limits.rates = vec![Rate::new(Scope::Account, 2, 600)];
        let none = Subscription::None;
        let at = |minute: i64| UnixMillis::from_seconds(minute * 60);
        let others = minutes([0, 8, 30]);
        assert_eq!(limits.overrun(none, &others, at(4)), Some((limits.rates[0], 3)));
        assert_eq!(limits.overrun(none, &others, at(10)), None, "the span of the first is over");
        assert_eq!(limits.overrun(none, &others, at(29)), None);
        assert_eq!(limits.overrun(none, &[], at(29)), None);
        let unverified =
            Limits { rates: vec![Rate::new(Scope::UnverifiedAccount, 1, 600)], ..limits };
        assert!(unverified.overrun(none, &others, at(4)).is_some());
        assert_eq!(unverified.overrun(Subscription::Premium, &others, at(4)), None);
    }

    fn minutes(list: impl IntoIterator<Item = i64>) -> Vec<UnixMillis> {
        list.into_iter().map(|minute| UnixMillis::from_seconds(minute * 60)).collect()
    }

    #[test]
    fn an_unverified_account_waits_after_fifty_posts_in_a_day_and_a_premium_one_does_not() {
        let limits = Limits::default();
        let past = minutes((0..50).map(|index| index * 20));
        let now = UnixMillis::from_seconds(1000 * 60);
        let slot = limits.next_free(Subscription::None, &past, &past, now);
        assert_eq!(slot.at, UnixMillis::from_seconds(24 * 60 * 60));
        assert_eq!(slot.because.map(|rate| rate.max), Some(50));
        let slot = limits.next_free(Subscription::Premium, &past, &past, now);
        assert_eq!(slot, Slot { at: now, because: None });
    }

    #[test]
    fn a_subscribed_account_posts_a_hundred_a_quarter_three_hundred_in_three_hours_2400_a_day() {
        const DAY: i64 = 24 * 60 * 60;
        let limits = Limits::default();
        for word in ["Basic", "Premium", "PremiumPlus"] {
            let subscription = Subscription::from_x(Some(word));
            let (mut past, mut now) = (Vec::new(), UnixMillis(0));
            while now.0 < DAY * 1000 {
                now = limits.next_free(subscription, &past, &past, now).at;
                past.push(now);
            }
            let most = |seconds: i64| {
                let within = |from: &UnixMillis| {
                    past.iter().filter(|at| (0..seconds * 1000).contains(&(at.0 - from.0))).count()
                };
                past.iter().step_by(50).map(within).max()
            };
            assert_eq!(most(15 * 60), Some(100), "{word}");
            assert_eq!(most(3 * 60 * 60), Some(300), "{word}");
            // X's ceiling of 2,400 a day is these eight times three hundred.
            assert_eq!(most(DAY), Some(2_400), "{word}");
        }
    }

    #[test]
    fn the_limit_that_lasts_longest_is_the_one_that_is_named() {
        let limits = Limits::default();
        // 100 posts in the last 15 minutes, 300 in the last three hours.
        let past = minutes((0..200).map(|_| 10).chain((0..100).map(|_| 170)));
        let now = UnixMillis::from_seconds(175 * 60);
        let slot = limits.next_free(Subscription::Premium, &past, &past, now);
        assert_eq!(slot.at, UnixMillis::from_seconds(190 * 60));
        assert_eq!(slot.because.map(|rate| rate.max), Some(300));
    }

    #[test]
    fn the_app_s_posts_count_for_every_account() {
        let limits = Limits::default();
        let app = minutes((0..10_000).map(|_| 5));
        let now = UnixMillis::from_seconds(600);
        let slot = limits.next_free(Subscription::None, &[], &app, now);
        assert_eq!(slot.because.map(|rate| rate.scope), Some(Scope::App));
        assert_eq!(slot.at, UnixMillis::from_seconds(24 * 60 * 60 + 300));
    }

    #[test]
    fn only_premium_accounts_have_long_posts() {
        let limits = Limits::default();
        for (word, length) in [
            (None, 280),
            (Some("None"), 280),
            (Some("Basic"), 280),
            (Some("Premium"), 25_000),
            (Some("PremiumPlus"), 25_000),
            (Some("SomethingNew"), 280),
        ] {
            assert_eq!(limits.length_for(Subscription::from_x(word)), length, "{word:?}");
        }
    }

    #[test]
    fn a_demonstration_is_not_held_up() {
        let now = UnixMillis::from_seconds(60);
        let past = minutes((0..500).map(|_| 1));
        let slot = Limits::of(Plan::Demo).next_free(Subscription::None, &past, &past, now);
        assert_eq!(slot.because, None);
    }

    #[test]
    fn a_configuration_reads_back_and_a_misspelt_one_is_refused() {
        for plan in [Plan::PayPerUse, Plan::LegacyFree, Plan::LegacyBasic, Plan::Demo] {
            let limits = Limits::of(plan);
            let text = serde_json::to_string(&limits).unwrap();
            assert_eq!(serde_json::from_str::<Limits>(&text).unwrap(), limits);
        }
        let text = r#"{"rates":[],"length":280,"long_length":25000,"max_cashtag":1}"#;
        assert!(serde_json::from_str::<Limits>(text).is_err());
    }

    proptest! {
        #[test]
        fn a_slot_is_the_first_instant_that_keeps_the_rate(
            max in 1_u32..5, per_seconds in 1_u32..20,
            mut past in prop::collection::vec(0_i64..40, 0..12), now in 20_i64..40,
        ) {
            past.retain(|time| *time <= now);
            let times: Vec<_> = past.iter().copied().map(UnixMillis::from_seconds).collect();
            let rate = Rate::new(Scope::Account, max, per_seconds);
            let slot = rate.next_free(&times, UnixMillis::from_seconds(now)).0 / 1000;
            let fits = |at: i64| {
                let counted = past.iter().filter(|time| **time > at - i64::from(per_seconds));
                counted.count() < max as usize
            };
            let expected = (now..).find(|at| fits(*at)).unwrap();
            prop_assert_eq!(slot, expected);
        }
    }
}
