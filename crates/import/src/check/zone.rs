//! Zones that are named by an abbreviation or an old name, and the city that is meant.

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem, clip};
use roost_core::zone::{UnknownZone, Zone, resolve, wall_time_of};

use super::time::place;
use crate::finding::{Finding, FixId, Sink};
use crate::time::zone_words::{self, ZoneWord};

/// Mid-January and mid-July of 2027, in seconds.
const WINTER_S: i64 = 1_800_000_000;
const SUMMER_S: i64 = 1_815_600_000;

/// Returns the zone that is meant by a word: one of `hints`, the zones of file, account and settings,
/// where it keeps the time of a city that the word is used for; otherwise the likeliest city, or the zone
/// whose name is nearest.
#[must_use]
pub fn meant(written: &str, hints: &[&Zone]) -> Option<Zone> {
    let Some(word) = zone_words::meaning(written) else {
        let error = Zone::parse(written).err()?;
        return error.suggestions().first().and_then(|name| Zone::parse(name).ok());
    };
    let cities: Vec<Zone> =
        word.cities().iter().filter_map(|city| Zone::parse(city).ok()).collect();
    let is_city = |zone: &Zone| zone.name().contains('/') && !zone.name().starts_with("Etc/");
    let fits = |zone: &Zone| {
        let is_like = |city: &Zone| standard_offset(city) == standard_offset(zone);
        is_city(zone) && cities.iter().any(is_like)
    };
    let hinted = hints.iter().find(|zone| fits(zone)).map(|zone| (*zone).clone());
    hinted.or_else(|| cities.into_iter().next())
}

/// Returns whether a zone is known under a name for which a city's is meant.
#[must_use]
pub fn is_abbreviation(written: &str) -> bool {
    zone_words::meaning(written).is_some()
}

/// Warns of a zone that is known under an abbreviation or an old name, or with its sign the other way
/// round.
pub fn abbreviation(written: &str, hints: &[&Zone], sink: &mut impl Sink) {
    let Some(word) = zone_words::meaning(written) else { return };
    let name = written.trim();
    sink.find(Code::ZoneAbbreviation, || {
        let zone = meant(written, hints);
        let message = match word {
            ZoneWord::MirroredOffset { offset_minutes } => {
                let way = if offset_minutes < 0 { "behind" } else { "ahead of" };
                format!("{name} is {} hours {way} UTC.", offset_minutes.abs() / 60)
            }
            ZoneWord::NeverChanges { .. } => match zone.as_ref().filter(|zone| changes(zone)) {
                Some(zone) => format!("{name} never changes its clocks; {} does.", place(zone)),
                None => format!("{name} is an abbreviation, not a place."),
            },
            ZoneWord::OldAlias { .. } => format!("{name} is an old name of a zone, not a place."),
            ZoneWord::Abbreviation { .. } => format!("{name} is an abbreviation, not a place."),
        };
        let problem = Problem::new(Code::ZoneAbbreviation, message).in_field("timezone");
        offering(Finding::new(problem), zone)
    });
}

/// Tells that a name is no zone, and offers the one that is meant.
pub fn unknown(error: &UnknownZone, hints: &[&Zone], sink: &mut impl Sink) {
    sink.find(Code::UnknownZone, || {
        let message = format!("\"{}\" is no time zone.", clip(&error.name, 40));
        let problem = Problem::new(Code::UnknownZone, message)
            .in_field("timezone")
            .with_remedy(error.remedy());
        offering(Finding::new(problem), meant(&error.name, hints))
    });
}

/// Whether clocks are put forward and back.
fn changes(zone: &Zone) -> bool {
    offset(zone, WINTER_S) != offset(zone, SUMMER_S)
}

fn offering(finding: Finding, zone: Option<Zone>) -> Finding {
    match zone {
        Some(zone) => finding.with_label(FixId::UseZone, format!("Use {zone}")),
        None => finding.without(FixId::UseZone),
    }
}

/// How far a zone is from UTC when its clocks are not put forward, in minutes.
fn standard_offset(zone: &Zone) -> i64 {
    offset(zone, WINTER_S).min(offset(zone, SUMMER_S))
}

fn offset(zone: &Zone, seconds: i64) -> i64 {
    let utc = Zone::parse("UTC").expect("the compiled-in database has UTC");
    let instant = UnixMillis::from_seconds(seconds);
    let shown = resolve(&wall_time_of(instant, zone), &utc).instant;
    (shown.0 - instant.0) / 60_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).unwrap()
    }

    fn found(written: &str, hints: &[&Zone]) -> Vec<Finding> {
        let mut findings = Vec::new();
        match Zone::parse(written) {
            Ok(_) => abbreviation(written, hints, &mut findings),
            Err(error) => unknown(&error, hints, &mut findings),
        }
        findings
    }

    #[test]
    fn an_abbreviation_is_named_and_its_city_offered() {
        for (written, label) in [
            ("EST", "Use America/New_York"),
            ("mst", "Use America/Denver"),
            ("HST", "Use Pacific/Honolulu"),
            ("GMT", "Use Europe/London"),
            ("PST8PDT", "Use America/Los_Angeles"),
            ("PST", "Use America/Los_Angeles"),
            ("IST", "Use Asia/Kolkata"),
            ("Europe/Berln", "Use Europe/Berlin"),
        ] {
            let findings = found(written, &[]);
            assert_eq!(findings.len(), 1, "{written}");
            assert_eq!(findings[0].fixes[0].label, label, "{written}");
        }
        let est = &found("EST", &[])[0].problem;
        assert_eq!(est.message, "EST never changes its clocks; New York does.");
    }

    #[test]
    fn the_zone_of_the_file_or_the_account_decides_where_it_keeps_that_time() {
        let (toronto, shanghai, dublin) =
            (zone("America/Toronto"), zone("Asia/Shanghai"), zone("Europe/Dublin"));
        let label = |written, hint: &Zone| found(written, &[hint])[0].fixes[0].label.clone();
        assert_eq!(label("EST", &toronto), "Use America/Toronto");
        assert_eq!(label("CST", &shanghai), "Use Asia/Shanghai");
        assert_eq!(label("IST", &dublin), "Use Europe/Dublin");
        assert_eq!(label("EST", &shanghai), "Use America/New_York");
    }

    #[test]
    fn a_city_and_utc_are_no_finding_and_a_reversed_sign_is_said() {
        for name in ["America/New_York", "UTC", "Etc/UTC", "Europe/London"] {
            assert_eq!(found(name, &[]), [], "{name}");
        }
        let findings = found("Etc/GMT+5", &[]);
        assert_eq!(findings[0].problem.message, "Etc/GMT+5 is 5 hours behind UTC.");
        assert_eq!(findings[0].fixes, []);
        let of_no_zone = found("+05:30", &[]);
        assert!(of_no_zone[0].fixes.iter().all(|fix| fix.id != FixId::UseZone));
    }
}
