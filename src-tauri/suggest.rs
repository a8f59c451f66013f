//! Times that the composer offers.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::zone::Zone;

use crate::dto::compose::Suggestion;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// In an hour, this evening or tomorrow morning, and so on, as the clock in `zone` shows them.
pub(crate) fn times(now: UnixMillis, zone: &Zone) -> Vec<Suggestion> {
    let (today, clock) = shown(now, zone);
    let (tomorrow, _) = shown(now.plus(DAY), zone);
    let (week_on, _) = shown(now.plus(7 * DAY), zone);
    let soon = shown(next_five_minutes(now.plus(HOUR)), zone);
    let mut offers = vec![offer("In an hour", &soon.0, &soon.1)];
    if clock.as_str() < "17:00" {
        offers.push(offer("This evening, 18:00", &today, "18:00"));
    }
    offers.push(offer("Tomorrow, 09:00", &tomorrow, "09:00"));
    offers.push(offer("Tomorrow, 18:00", &tomorrow, "18:00"));
    offers.push(offer("In a week, 09:00", &week_on, "09:00"));
    offers
}

fn offer(label: &str, day: &str, time: &str) -> Suggestion {
    Suggestion { label: label.to_owned(), wall_time: format!("{day} {time}") }
}

fn shown(at: UnixMillis, zone: &Zone) -> (String, String) {
    crate::words::day_and_time(at, zone)
}

fn next_five_minutes(at: UnixMillis) -> UnixMillis {
    const STEP: i64 = 5 * 60 * 1000;
    UnixMillis((at.0 + STEP - 1).div_euclid(STEP) * STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(now: i64) -> Vec<String> {
        let zone = Zone::parse("Asia/Kolkata").unwrap();
        times(UnixMillis(now), &zone).into_iter().map(|offer| offer.wall_time).collect()
    }

    #[test]
    fn offers_are_ahead_and_round() {
        // 2027-03-01 10:03 in Kolkata.
        let morning = 1_803_840_600_000 + (9 * 60 + 43) * 60_000;
        assert_eq!(
            offered(morning),
            [
                "2027-03-01 11:05",
                "2027-03-01 18:00",
                "2027-03-02 09:00",
                "2027-03-02 18:00",
                "2027-03-08 09:00"
            ]
        );
        // Two hours before midnight, no evening is left.
        assert_eq!(
            offered(morning + 12 * 3_600_000)[..2],
            ["2027-03-01 23:05", "2027-03-02 09:00"]
        );
    }
}
