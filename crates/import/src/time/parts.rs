//! The parts of a moment that a text has, and what they say together.

use super::calendar::{self, Half};
use super::day::{Day, TimeOfDay};
use super::join::whole;
use super::reading::{Tail, TimeReading, Unordered};
use super::rules::{DateOrder, DateRules};
use super::trouble::Trouble;

/// The parts of a moment that were found.
#[derive(Debug, Default)]
pub(super) struct Parts<'t> {
    pub(super) date: Option<NumericDate>,
    pub(super) year: Option<i32>,
    pub(super) month: Option<u32>,
    pub(super) day: Option<u32>,
    pub(super) weekday: Option<u8>,
    pub(super) time: Option<ClockNumbers>,
    pub(super) half: Option<Half>,
    pub(super) tail: Tail<'t>,
}

/// A date in numbers alone.
#[derive(Debug, Clone, Copy)]
pub(super) enum NumericDate {
    YearFirst(i32, u32, u32),
    YearLast { first: u32, second: u32, year: i32, is_short: bool },
}

#[derive(Debug, Clone, Copy)]
pub(super) struct ClockNumbers {
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) has_fraction: bool,
}

impl<'t> Parts<'t> {
    /// Returns what the parts say together.
    ///
    /// # Errors
    /// Why it is no moment.
    pub(super) fn finish(self, rules: DateRules) -> Result<TimeReading<'t>, Trouble> {
        let has_fraction = self.time.is_some_and(|time| time.has_fraction);
        let time = match self.time {
            Some(clock) => Some(calendar::time(clock.hour, clock.minute, clock.second, self.half)),
            None if self.half.is_some() => return Err(Trouble::NotADate),
            None => None,
        };
        let date = match self.numbers(time.is_some())? {
            Some((year, month, day)) if calendar::is_empty_date(year, month, day) => {
                return Err(Trouble::EmptyDate);
            }
            Some((year, month, day)) if calendar::is_spreadsheet_zero(year, month, day) => {
                return spreadsheet_time(time, self.tail);
            }
            Some((year, month, day)) => Some(calendar::day(year, month, day)?),
            None => match self.date {
                Some(date) => match ordered(date, rules.order)? {
                    Ok(day) => Some(day),
                    Err(open) => {
                        let time = time.transpose()?;
                        return Ok(TimeReading::Unordered(Unordered { time, ..open }));
                    }
                },
                None => None,
            },
        };
        let time = time.transpose()?;
        if let (Some(named), Some(day)) = (self.weekday, date)
            && day.weekday() != named
        {
            return Err(Trouble::Weekday { named, day });
        }
        match (date, time) {
            (Some(day), Some(time)) => Ok(whole(day.at(time), self.tail, has_fraction)),
            (Some(day), None) => Ok(TimeReading::Date(day)),
            (None, Some(_)) if self.weekday.is_some() => Err(Trouble::Relative),
            (None, Some(time)) => Ok(TimeReading::Time(time, self.tail)),
            (None, None) if self.weekday.is_some() => Err(Trouble::Relative),
            (None, None) => Err(Trouble::NotADate),
        }
    }

    /// Returns year, month and day where their order is plain; `None` where it is not, or where there
    /// is no date at all.
    fn numbers(&self, has_time: bool) -> Result<Option<(i32, u32, u32)>, Trouble> {
        match self.date {
            Some(NumericDate::YearFirst(year, month, day)) => return Ok(Some((year, month, day))),
            Some(NumericDate::YearLast { .. }) => return Ok(None),
            None => {}
        }
        match (self.year, self.month, self.day) {
            (Some(year), Some(month), Some(day)) => Ok(Some((year, month, day))),
            (None, Some(_), Some(_)) => Err(Trouble::YearMissing),
            (_, Some(_), None) => Err(Trouble::DayMissing),
            (None, None, None) => Ok(None),
            (None, None, Some(_)) if has_time && self.weekday.is_some() => Err(Trouble::Relative),
            _ => Err(Trouble::NotADate),
        }
    }
}

/// Returns the time of day of a cell that had no date in its spreadsheet. With an offset the time
/// itself is unsure: a program has shifted it by what clocks showed in 1899.
fn spreadsheet_time<'t>(
    time: Option<Result<TimeOfDay, Trouble>>,
    tail: Tail<'t>,
) -> Result<TimeReading<'t>, Trouble> {
    match time.transpose()? {
        None => Err(Trouble::EmptyDate),
        Some(time) if tail == Tail::Nothing => Ok(TimeReading::Time(time, tail)),
        Some(time) => Err(Trouble::TimeOfSpreadsheet(time)),
    }
}

/// Returns the date of numbers with the year behind them: a day, or the two that it may be.
fn ordered(date: NumericDate, order: Option<DateOrder>) -> Result<Result<Day, Unordered>, Trouble> {
    let NumericDate::YearLast { first, second, year, is_short } = date else {
        return Err(Trouble::NotADate);
    };
    let day_first = calendar::day(year, second, first);
    let month_first = calendar::day(year, first, second);
    match (order, day_first, month_first) {
        (Some(DateOrder::DayMonthYear), Ok(day), _) => Ok(Ok(day)),
        (Some(DateOrder::MonthDayYear), _, Ok(day)) => Ok(Ok(day)),
        (
            Some(order @ (DateOrder::DayMonthYear | DateOrder::MonthDayYear)),
            day_first,
            month_first,
        ) => {
            let (own, other) = match order {
                DateOrder::DayMonthYear => (day_first, month_first),
                _ => (month_first, day_first),
            };
            // What would be a date the other way round contradicts its column.
            Err(if other.is_ok() {
                Trouble::OtherOrder(order)
            } else {
                own.err().unwrap_or(Trouble::NotADate)
            })
        }
        (_, Err(wrong), Err(other)) => {
            // A month beyond 12 is no month either way round: the number that could be one is told.
            let is_month = |trouble| matches!(trouble, Trouble::NoSuchMonth(_));
            Err(if is_month(wrong) && !is_month(other) { other } else { wrong })
        }
        (_, Ok(day), Ok(other)) if day == other => Ok(Ok(day)),
        // `25/03/27` may be a date of 2025 that begins with its year.
        (_, Ok(day), Err(_)) if is_short && first > 12 => {
            let open = Unordered { day_first: Some(day), month_first: None, time: None };
            Ok(Err(open))
        }
        (_, Ok(day), Err(_)) | (_, Err(_), Ok(day)) => Ok(Ok(day)),
        (_, Ok(day), Ok(other)) => {
            Ok(Err(Unordered { day_first: Some(day), month_first: Some(other), time: None }))
        }
    }
}
