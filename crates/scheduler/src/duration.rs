//! Durations as headers write them.

use std::time::Duration;

/// Reads QStash's `<n><unit>..` with the units s, m, h, d: `1d10h30m`. Whole seconds.
pub(crate) fn upstash_seconds(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let amount: u64 = rest[..digits].parse().ok()?;
        let unit = match rest.as_bytes()[digits] {
            b's' => 1,
            b'm' => 60,
            b'h' => 3600,
            b'd' => 86_400,
            _ => return None,
        };
        total = total.checked_add(amount.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
    }
    Some(total)
}

/// Reads Go's durations: `6m5s`, `1.5s`, `300ms`.
pub(crate) fn go(text: &str) -> Option<Duration> {
    const UNITS: [(&str, f64); 8] = [
        ("ns", 1e-9),
        ("us", 1e-6),
        ("µs", 1e-6),
        ("μs", 1e-6),
        ("ms", 1e-3),
        ("s", 1.0),
        ("m", 60.0),
        ("h", 3600.0),
    ];
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (unit, factor) = UNITS.iter().find(|(unit, _)| rest.starts_with(unit))?;
        seconds += amount * factor;
        rest = &rest[unit.len()..];
    }
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_sums_of_whole_units() {
        for (text, seconds) in [
            ("0s", Some(0)),
            ("50s", Some(50)),
            ("1d10h30m", Some(86_400 + 10 * 3600 + 30 * 60)),
            ("1h30m3s", Some(5403)),
            ("7d", Some(604_800)),
            ("", None),
            ("50", None),
            ("s", None),
            ("1.5s", None),
            ("-1s", None),
            ("1w", None),
            ("99999999999999999999d", None),
            ("9999999999999999d", None),
        ] {
            assert_eq!(upstash_seconds(text), seconds, "{text}");
        }
    }

    #[test]
    fn gos_durations_are_read() {
        for (text, millis) in [
            ("6m5s", Some(365_000)),
            ("1.5s", Some(1500)),
            ("300ms", Some(300)),
            ("1h", Some(3_600_000)),
            ("2000us", Some(2)),
            ("5", None),
            ("m", None),
            ("1.2.3s", None),
            ("", None),
        ] {
            assert_eq!(go(text).map(|d| d.as_millis()), millis, "{text}");
        }
    }
}
