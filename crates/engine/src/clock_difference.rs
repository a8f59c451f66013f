//! How far two clocks are apart, in words.

/// Returns a difference between two clocks as it is said, in milliseconds: "3 minutes ahead of".
pub(crate) fn clock_difference(ms: i64) -> String {
    let seconds = ms.unsigned_abs() / 1000;
    let far = match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} minutes", (seconds + 30) / 60),
        7200..172_800 => format!("{} hours", (seconds + 1800) / 3600),
        _ => format!("{} days", (seconds + 43_200) / 86_400),
    };
    format!("{far} {}", if ms < 0 { "behind" } else { "ahead of" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_said_in_the_unit_that_fits() {
        for (ms, said) in [
            (31_000, "31 s ahead of"),
            (-150_000, "3 minutes behind"),
            (26 * 3_600_000, "26 hours ahead of"),
            (14_600 * 86_400_000, "14600 days ahead of"),
        ] {
            assert_eq!(clock_difference(ms), said);
        }
    }
}
