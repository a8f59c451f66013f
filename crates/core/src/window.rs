//! The four windows of a day, 00–06, 06–12, 12–18 and 18–24 on the wall clock of a zone.
//!
//! Windows tile time: each begins where the one before ends, through every change of clocks.
//! A boundary that clocks skip is the first instant after the gap; a window that would be empty,
//! because clocks skip all of it, is dropped.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::UnixMillis;
use crate::zone::{WallTime, Zone, resolve, wall_time_of};

/// How long a window is on the wall clock, in hours.
pub const HOURS: i64 = 6;
/// How many windows are handed over unless a person chooses otherwise, the current one included.
pub const DEFAULT_HORIZON: usize = 5;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A window: the instants from `start` up to, not including, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    /// The first instant.
    pub start: UnixMillis,
    /// The first instant after.
    pub end: UnixMillis,
    /// The wall time at which it begins by name: 00:00, 06:00, 12:00 or 18:00.
    pub begins: WallTime,
}

impl Window {
    /// Returns which of the day's windows it is, 0 to 3.
    #[must_use]
    pub fn index(&self) -> u8 {
        self.begins.hour().unsigned_abs() / 6
    }

    /// Returns its hours in words, such as `06–12`.
    #[must_use]
    pub fn label(&self) -> &'static str {
        ["00–06", "06–12", "12–18", "18–24"][usize::from(self.index()) % 4]
    }

    /// Returns whether `instant` lies in it.
    #[must_use]
    pub fn contains(&self, instant: UnixMillis) -> bool {
        self.start <= instant && instant < self.end
    }
}

impl fmt::Display for Window {
    /// Day and hours, such as `2027-03-01 06–12`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.begins.date(), self.label())
    }
}

/// Returns the window in which `instant` lies.
#[must_use]
pub fn window_at(instant: UnixMillis, zone: &Zone) -> Window {
    let wall = wall_time_of(instant, zone);
    let begins = WallTime::new(wall.year(), wall.month(), wall.day(), wall.hour() / 6 * 6, 0, 0)
        .expect("each sixth hour of a date is a wall time");
    // A boundary is the first instant at which the clock shows it or more, so that the one just
    // passed on the wall is never in the future. After clocks were put back it may lie windows
    // ago, and after a gap the next ones may have passed at the same instant: walk on from it.
    let start = resolve(&begins, zone).instant;
    let mut window = until_next(begins, start, zone);
    while window.end <= instant && window.end > window.start {
        window = next(&window, zone);
    }
    window
}

/// Returns the window after `window`, in the same zone.
#[must_use]
pub fn next(window: &Window, zone: &Zone) -> Window {
    let mut begins = window.begins.plus_hours(HOURS);
    let mut following = until_next(begins, window.end, zone);
    // Clocks skip at most two days at once; an empty window is dropped.
    for _ in 0..8 {
        if following.end > following.start {
            break;
        }
        begins = begins.plus_hours(HOURS);
        following = until_next(begins, window.end, zone);
    }
    following
}

/// Returns the `count` windows from the one in which `now` lies, in order; at least that one.
///
/// A horizon of [`DEFAULT_HORIZON`] or more reaches at least 24 hours ahead: where clocks are put
/// forward it takes one window more.
#[must_use]
pub fn horizon(now: UnixMillis, zone: &Zone, count: usize) -> Vec<Window> {
    let mut windows = vec![window_at(now, zone)];
    let reaches = |windows: &[Window]| {
        let end = windows.last().map_or(now, |window| window.end);
        count < DEFAULT_HORIZON || end >= now.plus(DAY)
    };
    while windows.len() < count.max(1) || !reaches(&windows) {
        let last = windows[windows.len() - 1];
        let following = next(&last, zone);
        if following.end <= last.end {
            break;
        }
        windows.push(following);
    }
    windows
}

fn until_next(begins: WallTime, start: UnixMillis, zone: &Zone) -> Window {
    let end = resolve(&begins.plus_hours(HOURS), zone).instant;
    Window { start, end, begins }
}
