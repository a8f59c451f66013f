//! The posts of one account in the order of their times: which go out minutes apart, and which are more
//! than X lets out.
//!
//! Of two rows that collide the later one is told, and of too many the last ones, so that moving these
//! mends it.

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem};
use roost_core::limits::Rate;
use roost_core::zone::{Zone, wall_time_of};

use crate::finding::{Finding, Sink};

/// The row of a post that is there already.
const POST: u32 = 0;
const MINUTE_MILLIS: i64 = 60_000;
const DAY_MILLIS: i64 = 24 * 60 * MINUTE_MILLIS;
/// Times of one day at which room is looked for.
const TRIES_PER_DAY: i64 = 48;
/// Days after which no room is looked for.
const DAYS_MAX: i64 = 3 * 366;

/// The times of one account's rows and posts.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// Time and row, in order; posts that are there have the row 0.
    entries: Vec<(i64, u32)>,
}

/// What goes out minutes before or after a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neighbour {
    /// The row, from 1; `None` for a post that is there already.
    pub row: Option<u32>,
    /// When it goes out.
    pub at: UnixMillis,
}

/// More posts than X lets out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overrun {
    /// The limit.
    pub rate: Rate,
    /// How many posts fall within its span, up to this one.
    pub count: usize,
}

impl Timeline {
    /// Returns the timeline of these rows and posts, built at once.
    #[must_use]
    pub fn of(
        rows: impl IntoIterator<Item = (UnixMillis, u32)>,
        posts: impl IntoIterator<Item = UnixMillis>,
    ) -> Self {
        let rows = rows.into_iter().map(|(at, row)| (at.0, row));
        let mut entries: Vec<_> = rows.chain(posts.into_iter().map(|at| (at.0, POST))).collect();
        entries.sort_unstable();
        Self { entries }
    }

    /// Adds a row.
    pub fn add(&mut self, at: UnixMillis, row: u32) {
        let place = self.entries.partition_point(|it| *it < (at.0, row));
        self.entries.insert(place, (at.0, row));
    }

    /// Takes a row away.
    pub fn remove(&mut self, at: UnixMillis, row: u32) {
        if let Ok(place) = self.entries.binary_search(&(at.0, row)) {
            self.entries.remove(place);
        }
    }

    /// Adds a post that is there, or takes it away.
    pub fn set_post(&mut self, at: UnixMillis, is_there: bool) {
        if is_there { self.add(at, POST) } else { self.remove(at, POST) }
    }

    /// Returns what goes out less than `minutes` before a row of the timeline, or a post that is there
    /// less than that after it.
    #[must_use]
    pub fn collision(&self, at: UnixMillis, row: u32, minutes: u32) -> Option<Neighbour> {
        let reach = i64::from(minutes) * MINUTE_MILLIS;
        let place = self.entries.partition_point(|it| *it < (at.0, row));
        let before = place.checked_sub(1).map(|before| self.entries[before]);
        let near = |it: &(i64, u32)| it.0.abs_diff(at.0).cast_signed() < reach;
        let after = || {
            let later = self.entries[place..].iter().take_while(|it| near(it));
            later.copied().find(|it| it.1 == POST)
        };
        let (at, row) = before.filter(near).or_else(after)?;
        Some(Neighbour { row: (row != POST).then_some(row), at: UnixMillis(at) })
    }

    /// Returns the first limit that the posts up to a row of the timeline overrun.
    #[must_use]
    pub fn overrun(&self, at: UnixMillis, row: u32, rates: &[Rate]) -> Option<Overrun> {
        let place = self.entries.binary_search(&(at.0, row)).ok()?;
        rates.iter().find_map(|rate| {
            let oldest = at.0 - span(rate);
            // Fewer posts than the limit in all: the common case, answered at once.
            let nth = place.checked_sub(rate.max as usize)?;
            if self.entries[nth].0 <= oldest {
                return None;
            }
            let first = self.entries.partition_point(|it| it.0 <= oldest);
            Some(Overrun { rate: *rate, count: place + 1 - first })
        })
    }

    /// Returns the rows whose answers may be others once a row at `at` is added or taken away.
    #[must_use]
    pub fn neighbours(&self, at: UnixMillis, row: u32, rates: &[Rate]) -> Vec<u32> {
        let place = self.entries.partition_point(|it| *it <= (at.0, row));
        let mut rows: Vec<u32> = self.entries[place..].iter().map(|it| it.1).take(1).collect();
        for rate in rates {
            let span = span(rate);
            let first = self.entries.partition_point(|it| it.0 <= at.0 - span);
            let end = self.entries.partition_point(|it| it.0 < at.0 + span);
            if end - first >= rate.max as usize {
                rows.extend(self.entries[place.min(end)..end].iter().map(|it| it.1));
            }
        }
        rows.sort_unstable();
        rows.dedup();
        rows.retain(|it| *it != POST && *it != row);
        rows
    }

    /// Returns the first time from `from` on, in steps of half an hour, at which one more post keeps all
    /// limits and its distance.
    #[must_use]
    pub fn next_free(&self, from: UnixMillis, minutes: u32, rates: &[Rate]) -> Option<UnixMillis> {
        let step = DAY_MILLIS / TRIES_PER_DAY;
        let first = from.0.div_euclid(step) + i64::from(from.0.rem_euclid(step) > 0);
        let tries = (first..).take((DAYS_MAX * TRIES_PER_DAY) as usize);
        tries.map(|at| UnixMillis(at * step)).find(|at| self.has_room(*at, minutes, rates))
    }

    /// Spreads the rows that are more than the limits allow over the next days that have room, and
    /// returns their new times. A row keeps its time of day where that is free, by `later`, which adds
    /// days to an instant on the clock of the row's zone.
    #[must_use]
    pub fn spread(
        &self,
        minutes: u32,
        rates: &[Rate],
        later: &dyn Fn(UnixMillis, u32, i64) -> UnixMillis,
    ) -> Vec<(u32, UnixMillis)> {
        let over: Vec<_> = self
            .entries
            .iter()
            .filter(|(_, row)| *row != POST)
            .filter(|(at, row)| self.overrun(UnixMillis(*at), *row, rates).is_some())
            .copied()
            .collect();
        let mut kept = self.clone();
        kept.entries.retain(|it| over.binary_search(it).is_err());
        let mut moved = Vec::with_capacity(over.len());
        // Days before this one are full.
        let mut full_until = i64::MIN;
        for (at, row) in over {
            let at = UnixMillis(at);
            let first_day = full_until.saturating_sub(at.0).div_euclid(DAY_MILLIS).max(1);
            let tries = (first_day..first_day + DAYS_MAX).flat_map(|day| {
                let same_time = later(at, row, day);
                (0..TRIES_PER_DAY).map(move |half| (day, half, same_time))
            });
            let step = DAY_MILLIS / TRIES_PER_DAY;
            let free = tries
                .map(|(_, half, same)| UnixMillis(same.0 + half * step))
                .find(|it| kept.has_room(*it, minutes, rates));
            let Some(free) = free else { break };
            full_until = full_until.max(free.0 - DAY_MILLIS);
            kept.add(free, row);
            moved.push((row, free));
        }
        moved
    }

    /// Whether one more post at `at` keeps its distance and all limits, those of later posts too.
    fn has_room(&self, at: UnixMillis, minutes: u32, rates: &[Rate]) -> bool {
        let place = self.entries.partition_point(|it| it.0 < at.0);
        let reach = i64::from(minutes.max(1)) * MINUTE_MILLIS;
        let near = |it: &(i64, u32)| it.0.abs_diff(at.0).cast_signed() < reach;
        let around =
            [place.checked_sub(1).map(|it| self.entries[it]), self.entries.get(place).copied()];
        if around.iter().flatten().any(near) {
            return false;
        }
        rates.iter().all(|rate| {
            let (span, max) = (span(rate), rate.max as usize);
            let first = self.entries.partition_point(|it| it.0 <= at.0 - span);
            let end = self.entries.partition_point(|it| it.0 < at.0 + span);
            if end - first < max {
                return true;
            }
            // The fullest span that holds the new post ends with it or with a later one.
            let held = |last: usize| {
                let oldest = if last == place { at.0 } else { self.entries[last - 1].0 } - span;
                let from = self.entries.partition_point(|it| it.0 <= oldest);
                last - from + 1
            };
            (place..=end).all(|last| held(last) <= max)
        })
    }
}

fn span(rate: &Rate) -> i64 {
    i64::from(rate.per_seconds) * 1000
}

impl Neighbour {
    /// Tells that a row goes out minutes apart from this one.
    pub fn tell(&self, at: UnixMillis, zone: &Zone, sink: &mut impl Sink) {
        sink.find(Code::TimesCollide, || {
            let other = match self.row {
                Some(row) => format!("Row {row} of the account"),
                None => "Another post of the account, which is there already,".to_owned(),
            };
            let wall = wall_time_of(self.at, zone);
            let side = if self.at > at { "later" } else { "earlier" };
            let message = match self.at.0.abs_diff(at.0) / 60_000 {
                0 => format!("{other} goes out at the same time, {wall}."),
                1 => format!("{other} goes out 1 minute {side}, at {wall}."),
                apart => format!("{other} goes out {apart} minutes {side}, at {wall}."),
            };
            Finding::new(Problem::new(Code::TimesCollide, message).in_field("scheduledAt"))
        });
    }
}

impl Overrun {
    /// Tells that a row is more than the limit allows; `whose` names the account.
    pub fn tell(&self, whose: &str, sink: &mut impl Sink) {
        sink.find(Code::RateLimited, || {
            let message = format!(
                "{} posts of {whose} fall within {}; the limit is {}.",
                self.count,
                self.rate.span(),
                self.rate.max
            );
            Finding::new(Problem::new(Code::RateLimited, message).in_field("scheduledAt"))
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use roost_core::limits::Scope;

    use super::*;

    fn minute(minute: i64) -> UnixMillis {
        UnixMillis(minute * MINUTE_MILLIS)
    }

    fn rate(max: u32, per_minutes: u32) -> Rate {
        Rate { scope: Scope::Account, max, per_seconds: per_minutes * 60 }
    }

    fn timeline(minutes: &[i64]) -> Timeline {
        let rows = (1_u32..).zip(minutes).map(|(row, at)| (minute(*at), row));
        Timeline::of(rows, [])
    }

    fn day_later(at: UnixMillis, _: u32, days: i64) -> UnixMillis {
        UnixMillis(at.0 + days * DAY_MILLIS)
    }

    #[test]
    fn of_two_rows_minutes_apart_the_later_one_is_told_and_a_post_counts_on_either_side() {
        let line = Timeline::of([(minute(10), 1), (minute(13), 2), (minute(18), 3)], [minute(22)]);
        assert_eq!(line.collision(minute(10), 1, 5), None);
        let first = Neighbour { row: Some(1), at: minute(10) };
        assert_eq!(line.collision(minute(13), 2, 5), Some(first));
        let post = Neighbour { row: None, at: minute(22) };
        assert_eq!(line.collision(minute(18), 3, 5), Some(post));
        assert_eq!(line.collision(minute(18), 3, 4), None);
        assert_eq!(line.collision(minute(13), 2, 0), None, "a distance of 0 warns of nothing");
        let mut findings: Vec<Finding> = Vec::new();
        let zone = Zone::parse("UTC").unwrap();
        first.tell(minute(13), &zone, &mut findings);
        let message = &findings[0].problem.message;
        assert_eq!(
            message,
            "Row 1 of the account goes out 3 minutes earlier, at 1970-01-01 00:10."
        );
    }

    #[test]
    fn rows_beyond_a_limit_are_told_and_none_before_them() {
        let line = timeline(&[0, 1, 2, 3, 61, 62]);
        let rates = [rate(2, 60)];
        let over: Vec<_> = [0, 1, 2, 3, 61, 62]
            .iter()
            .zip(1..)
            .map(|(at, row)| line.overrun(minute(*at), row, &rates).map(|it| it.count))
            .collect();
        assert_eq!(over, [None, None, Some(3), Some(4), Some(3), Some(3)]);
        assert_eq!(line.overrun(minute(3), 4, &[rate(4, 60)]), None);
    }

    #[test]
    fn spreading_moves_what_is_too_much_to_the_next_days_and_no_limit_is_overrun_after_it() {
        let minutes: Vec<i64> = (0..175).map(|at| at * 6).collect();
        let line = timeline(&minutes);
        let rates = [rate(100, 15), rate(300, 180), rate(50, 24 * 60)];
        let moved = line.spread(5, &rates, &day_later);
        assert_eq!(moved.len(), 125);
        let mut spread = line;
        for (row, at) in &moved {
            spread.remove(minute(minutes[*row as usize - 1]), *row);
            spread.add(*at, *row);
        }
        for (at, row) in &spread.entries {
            let at = UnixMillis(*at);
            assert_eq!(spread.overrun(at, *row, &rates), None, "row {row}");
            assert_eq!(spread.collision(at, *row, 5), None, "row {row}");
        }
        let last = moved.iter().map(|(_, at)| at.0).max().unwrap();
        assert!(last < 6 * DAY_MILLIS, "the next days are used: {}", last / DAY_MILLIS);
    }

    #[test]
    fn the_next_free_time_keeps_its_distance_and_the_limits() {
        let line = timeline(&[30, 62, 90]);
        assert_eq!(line.next_free(minute(1), 5, &[]), Some(minute(120)));
        assert_eq!(line.next_free(minute(1), 5, &[rate(3, 24 * 60)]), Some(minute(24 * 60 + 30)));
    }

    proptest! {
        #[test]
        fn a_row_added_and_taken_away_changes_its_neighbours_and_nothing_else(
            times in prop::collection::vec(0_i64..400, 1..30), at in 0_i64..400,
            max in 1_u32..5, per_minutes in 1_u32..90,
        ) {
            let before = timeline(&times);
            let mut after = before.clone();
            after.add(minute(at), 99);
            let rates = [rate(max, per_minutes)];
            let near = after.neighbours(minute(at), 99, &rates);
            for (time, row) in &before.entries {
                let time = UnixMillis(*time);
                let answers = |line: &Timeline| {
                    (line.collision(time, *row, 5).is_some(), line.overrun(time, *row, &rates).is_some())
                };
                if answers(&before) != answers(&after) {
                    prop_assert!(near.contains(row), "row {row}");
                }
            }
            after.remove(minute(at), 99);
            prop_assert_eq!(after.entries, before.entries);
        }

        #[test]
        fn where_there_is_room_one_more_post_overruns_nothing(
            times in prop::collection::vec(0_i64..300, 0..20), at in 0_i64..300,
            max in 1_u32..5, per_minutes in 1_u32..90,
        ) {
            let line = timeline(&times);
            let rates = [rate(max, per_minutes)];
            let over = |line: &Timeline| {
                let entries = line.entries.iter();
                entries.filter(|it| line.overrun(UnixMillis(it.0), it.1, &rates).is_some()).count()
            };
            let mut with = line.clone();
            with.add(minute(at), 99);
            let near = line.entries.iter().any(|it| it.0 == at * MINUTE_MILLIS);
            if over(&line) == 0 && !near {
                prop_assert_eq!(line.has_room(minute(at), 1, &rates), over(&with) == 0);
            }
        }
    }
}
