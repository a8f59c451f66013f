//! Posts evenly over days and hours.

use super::order::Chance;
use super::{PlannedTime, RescheduleError, Weekdays, by_instant};
use crate::zone::{WallTime, Zone};

/// Ten years of days; a longer range is cut there.
const MAX_DAYS: u32 = 3_660;
const MINUTES_PER_DAY: u32 = 24 * 60;

/// The days and hours that posts are spread over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread {
    /// A wall time on the first day; its time of day does not count.
    pub first_day: WallTime,
    /// How many wanted days are used, from the first on.
    pub days: u32,
    /// The days of the week that are wanted.
    pub weekdays: Weekdays,
    /// The minute of the day that the hours begin at.
    pub from_minute: u32,
    /// The minute of the day that they end at, later than `from_minute`; 1440 is midnight.
    pub to_minute: u32,
    /// By how many minutes a post may be earlier or later than its even place, so that a plan
    /// doesn't look like a machine's. Posts keep their order and stay within the hours.
    pub jitter_minutes: u32,
    /// Decides the jitter: the same seed gives the same times.
    pub seed: u64,
    /// The zone whose days and hours count.
    pub zone: Zone,
}

/// Returns the times spread evenly, in the order they have now: as many posts on each day as on
/// every other, or one more; on a day each at the beginning of its own share of the hours.
///
/// # Errors
/// [`RescheduleError::NoHours`], [`RescheduleError::NoDays`] and [`RescheduleError::OutOfYears`].
pub fn spread(times: &[PlannedTime], over: &Spread) -> Result<Vec<PlannedTime>, RescheduleError> {
    let hours = over.from_minute..over.to_minute.min(MINUTES_PER_DAY);
    if hours.is_empty() {
        return Err(RescheduleError::NoHours);
    }
    let days = wanted_days(over)?;
    let mut chance = Chance::new(over.seed);
    let mut moved = times.to_vec();
    let order = by_instant(times);
    for (day, posts) in days.iter().zip(shares(&order, days.len())) {
        for (turn, place) in posts.iter().enumerate() {
            let minute = minute_of(turn, posts.len(), over, &mut chance);
            let wall = day.plus_seconds(i64::from(minute) * 60);
            let wall = wall.ok_or(RescheduleError::OutOfYears)?;
            moved[*place] = PlannedTime::on_wall(wall, over.zone.clone());
        }
    }
    Ok(moved)
}

/// Returns the midnights of the days that are used.
fn wanted_days(over: &Spread) -> Result<Vec<WallTime>, RescheduleError> {
    let first = over.first_day.at_time_of_day(0, 0, 0).ok_or(RescheduleError::NoDays)?;
    let wanted = usize::try_from(over.days.min(MAX_DAYS)).unwrap_or(0);
    let ahead = if over.weekdays == Weekdays::of(&[]) { 0 } else { i64::from(MAX_DAYS) * 7 };
    let days: Vec<WallTime> = (0..ahead)
        .map_while(|day| first.plus_days(day))
        .filter(|day| over.weekdays.contains(day.weekday()))
        .take(wanted)
        .collect();
    if days.is_empty() { Err(RescheduleError::NoDays) } else { Ok(days) }
}

/// Cuts the posts into as many shares as there are days, none larger than another by more than
/// one. With fewer posts than days the first day has one, and days between stay empty.
fn shares(order: &[usize], days: usize) -> impl Iterator<Item = &[usize]> {
    let before = move |day: usize| (order.len() * day).div_ceil(days);
    (0..days).map(move |day| &order[before(day)..before(day + 1)])
}

/// Returns the minute of the day for one of a day's posts. The jitter stays within a post's share
/// of the hours, so that no two of them change places.
fn minute_of(turn: usize, of: usize, over: &Spread, chance: &mut Chance) -> u32 {
    let [turn, of] = [turn, of].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    let span = over.to_minute.min(MINUTES_PER_DAY) - over.from_minute;
    let at = |turn: u32| {
        let minutes = u64::from(span) * u64::from(turn) / u64::from(of.max(1));
        over.from_minute + u32::try_from(minutes).unwrap_or(span)
    };
    let (even, next) = (at(turn), at(turn + 1));
    let share = next.saturating_sub(even);
    let reach = over.jitter_minutes.min(share.saturating_sub(1) / 2);
    if reach == 0 {
        return even;
    }
    // The first post of the hours can't be earlier: its whole jitter is later.
    let width = usize::try_from(2 * reach + 1).unwrap_or(1);
    let later = u32::try_from(chance.below(width)).unwrap_or(0);
    if turn == 0 { even + later / 2 } else { even + later - reach }
}
