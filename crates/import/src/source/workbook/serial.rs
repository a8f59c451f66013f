//! Dates as a workbook counts them: in days since 1900 or 1904.

use jiff::civil::Date;

/// Seconds of a day.
const DAY_SECONDS: f64 = 86_400.0;
/// Days from the start of 1900's count to that of 1904's.
const DAYS_TO_1904: f64 = 1_462.0;
/// The day after the last that a workbook knows, 9999-12-31.
const DAYS_MAX: f64 = 2_958_466.0;

/// Returns a serial number as `2027-03-01 09:00:00`, `2027-03-01` or `09:00:00`, to the second; `None` where it
/// is no date. `with_time` says that the cell shows a time of day, be it midnight.
pub(super) fn text(serial: f64, is_1904: bool, with_time: bool) -> Option<String> {
    if !(0.0..DAYS_MAX).contains(&serial) {
        return None;
    }
    let seconds = (serial * DAY_SECONDS).round();
    // A day number below one is a time of day alone: spreadsheets show it as one in 1899 or 1904.
    if seconds < DAY_SECONDS {
        return Some(time_of_day(seconds));
    }
    let days = (seconds / DAY_SECONDS).floor();
    let rest = seconds - days * DAY_SECONDS;
    let days = if is_1904 { days + DAYS_TO_1904 } else { days };
    let date = date(days)?;
    if rest == 0.0 && !with_time {
        return Some(date.to_string());
    }
    Some(format!("{date} {}", time_of_day(rest)))
}

fn date(days: f64) -> Option<Date> {
    // The count has a 29 February 1900, which there never was: days before it are one further on.
    let days = if days < 60.0 { days + 1.0 } else { days };
    let days = jiff::Span::new().try_days(days as i64).ok()?;
    jiff::civil::date(1899, 12, 30).checked_add(days).ok()
}

fn time_of_day(seconds: f64) -> String {
    let seconds = seconds as u32;
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_dates_times_or_both() {
        for (serial, is_1904, with_time, expected) in [
            (46_447.375, false, true, Some("2027-03-01 09:00:00")),
            (46_447.0, false, false, Some("2027-03-01")),
            (46_447.0, false, true, Some("2027-03-01 00:00:00")),
            (44_985.375, true, true, Some("2027-03-01 09:00:00")),
            (0.375, false, true, Some("09:00:00")),
            (0.0, false, true, Some("00:00:00")),
            (1.0, false, false, Some("1900-01-01")),
            (61.0, false, false, Some("1900-03-01")),
            // 17:59:59.9999 as a sum of fractions.
            (46_447.749_999_999, false, true, Some("2027-03-01 18:00:00")),
            (2_958_465.0, false, false, Some("9999-12-31")),
            (2_958_466.0, false, false, None),
            (-1.0, false, false, None),
            (f64::NAN, false, false, None),
        ] {
            assert_eq!(text(serial, is_1904, with_time).as_deref(), expected, "{serial}");
        }
    }
}
