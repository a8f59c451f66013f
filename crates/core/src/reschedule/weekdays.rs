//! Days of the week: which ones are wanted, and posts off the weekend.

use super::{PlannedTime, RescheduleError};

/// A set of days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekdays(u8);

impl Weekdays {
    /// All seven.
    pub const ALL: Self = Self(0b0111_1111);
    /// Monday to Friday.
    pub const WORKING: Self = Self(0b0001_1111);

    /// Returns the set of these days, 1 (Monday) to 7 (Sunday); other numbers are left out.
    #[must_use]
    pub fn of(days: &[i8]) -> Self {
        let mark = |day: &i8| if (1..=7).contains(day) { 1 << (day - 1) } else { 0 };
        Self(days.iter().map(mark).fold(0, |set, day: u8| set | day))
    }

    /// Returns whether the set holds a day, 1 (Monday) to 7 (Sunday).
    #[must_use]
    pub const fn contains(self, day: i8) -> bool {
        day >= 1 && day <= 7 && self.0 & (1 << (day - 1)) != 0
    }
}

/// Where a post of the weekend goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeekendMove {
    /// To the Friday before.
    Friday,
    /// To the Monday after.
    Monday,
    /// Saturday to the Friday before, Sunday to the Monday after.
    Nearest,
}

impl WeekendMove {
    /// Returns by how many days a post of this day moves.
    const fn days(self, weekday: i8) -> i64 {
        match (weekday, self) {
            (6, Self::Monday) => 2,
            (6, _) => -1,
            (7, Self::Friday) => -2,
            (7, _) => 1,
            _ => 0,
        }
    }
}

/// Returns the times with those of Saturday and Sunday on a working day, at their time of day. The
/// day is the one that clocks in the post's zone show.
///
/// # Errors
/// [`RescheduleError::OutOfYears`] at the end of the years that a time can name.
pub fn out_of_weekend(
    times: &[PlannedTime],
    to: WeekendMove,
) -> Result<Vec<PlannedTime>, RescheduleError> {
    let moved = |time: &PlannedTime| match to.days(time.wall.weekday()) {
        0 => Ok(time.clone()),
        days => {
            let wall = time.wall.plus_days(days).ok_or(RescheduleError::OutOfYears)?;
            Ok(PlannedTime::on_wall(wall, time.zone.clone()))
        }
    };
    times.iter().map(moved).collect()
}
