//! The distances between posts: longer pauses made shorter, and room made for one more.

use super::{PlannedTime, by_instant};
use crate::clock::UnixMillis;

/// Returns the times without pauses longer than `longest_gap_seconds`: the first post stays, and
/// each later one comes forward by what was too long before it.
#[must_use]
pub fn compress(times: &[PlannedTime], longest_gap_seconds: u32) -> Vec<PlannedTime> {
    let longest = i64::from(longest_gap_seconds) * 1_000;
    let mut moved = times.to_vec();
    let mut earlier = 0;
    let mut before: Option<UnixMillis> = None;
    for place in by_instant(times) {
        let at = times[place].at;
        if let Some(before) = before {
            earlier += (at.0 - before.0 - longest).max(0);
        }
        before = Some(at);
        if earlier > 0 {
            let zone = moved[place].zone.clone();
            moved[place] = PlannedTime::at_instant(UnixMillis(at.0 - earlier), zone);
        }
    }
    moved
}

/// Returns the times with room for a post at `taken`: from there on each is at least
/// `gap_seconds` after the one before it. What is far enough already stays where it is.
#[must_use]
pub fn push_back(times: &[PlannedTime], taken: UnixMillis, gap_seconds: u32) -> Vec<PlannedTime> {
    let gap = i64::from(gap_seconds) * 1_000;
    let mut moved = times.to_vec();
    let mut free_from = taken.0.saturating_add(gap);
    for place in by_instant(times) {
        let at = times[place].at;
        if at < taken {
            continue;
        }
        if at.0 < free_from {
            let zone = moved[place].zone.clone();
            moved[place] = PlannedTime::at_instant(UnixMillis(free_from), zone);
        }
        free_from = moved[place].at.0.saturating_add(gap);
    }
    moved
}
