//! Zones that are named by an abbreviation or an old name, and the city that is meant.

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem, clip};
use roost_core::zone::{UnknownZone, Zone, resolve, wall_time_of};

use super::time::place;
use crate::finding::{Finding, FixId, Sink};

/// Mid-January and mid-July of 2027, in seconds.
const WINTER_S: i64 = 1_800_000_000;
const SUMMER_S: i64 = 1_815_600_000;

/// Abbreviations, how far they are from UTC in minutes, and cities where people write them. Those that
/// are names of the database come first.
const ABBREVIATIONS: &[(&str, i64, &[&str])] = &[
    ("EST", -300, &["America/New_York"]),
    ("MST", -420, &["America/Denver"]),
    ("HST", -600, &["Pacific/Honolulu"]),
    ("GMT", 0, &["Europe/London"]),
    ("EST5EDT", -300, &["America/New_York"]),
    ("CST6CDT", -360, &["America/Chicago"]),
    ("MST7MDT", -420, &["America/Denver"]),
    ("PST8PDT", -480, &["America/Los_Angeles"]),
    ("WET", 0, &["Europe/Lisbon"]),
    ("CET", 60, &["Europe/Berlin", "Europe/Paris"]),
    ("MET", 60, &["Europe/Berlin"]),
    ("EET", 120, &["Europe/Athens", "Europe/Kyiv"]),
    ("EDT", -300, &["America/New_York"]),
    ("ET", -300, &["America/New_York"]),
    ("CST", -360, &["America/Chicago"]),
    ("CST", 480, &["Asia/Shanghai"]),
    ("CDT", -360, &["America/Chicago"]),
    ("CT", -360, &["America/Chicago"]),
    ("MDT", -420, &["America/Denver"]),
    ("MT", -420, &["America/Denver"]),
    ("PST", -480, &["America/Los_Angeles"]),
    ("PDT", -480, &["America/Los_Angeles"]),
    ("PT", -480, &["America/Los_Angeles"]),
    ("AKST", -540, &["America/Anchorage"]),
    ("AKDT", -540, &["America/Anchorage"]),
    ("BST", 0, &["Europe/London"]),
    ("IST", 330, &["Asia/Kolkata"]),
    ("IST", 0, &["Europe/Dublin"]),
    ("IST", 120, &["Asia/Jerusalem"]),
    ("CEST", 60, &["Europe/Berlin"]),
    ("MEZ", 60, &["Europe/Berlin"]),
    ("MESZ", 60, &["Europe/Berlin"]),
    ("EEST", 120, &["Europe/Athens"]),
    ("MSK", 180, &["Europe/Moscow"]),
    ("JST", 540, &["Asia/Tokyo"]),
    ("KST", 540, &["Asia/Seoul"]),
    ("SGT", 480, &["Asia/Singapore"]),
    ("HKT", 480, &["Asia/Hong_Kong"]),
    ("PKT", 300, &["Asia/Karachi"]),
    ("WIB", 420, &["Asia/Jakarta"]),
    ("SAST", 120, &["Africa/Johannesburg"]),
    ("AEST", 600, &["Australia/Sydney"]),
    ("AEDT", 600, &["Australia/Sydney"]),
    ("ACST", 570, &["Australia/Adelaide"]),
    ("AWST", 480, &["Australia/Perth"]),
    ("NZST", 720, &["Pacific/Auckland"]),
    ("NZDT", 720, &["Pacific/Auckland"]),
    ("BRT", -180, &["America/Sao_Paulo"]),
];
/// How many of them are zones of the database under that name.
const NAMES: usize = 12;

/// Returns the zone that is meant by an abbreviation: one of `hints`, the zones of file, account and
/// settings, where it keeps that time in winter or summer; otherwise the city that most people mean.
#[must_use]
pub fn meant(written: &str, hints: &[&Zone]) -> Option<Zone> {
    let known: Vec<_> = readings(written).collect();
    let is_city = |zone: &Zone| zone.name().contains('/') && !zone.name().starts_with("Etc/");
    let fits = |zone: &Zone| known.iter().any(|(_, offset, _)| standard_offset(zone) == *offset);
    let hinted = hints.iter().find(|zone| is_city(zone) && fits(zone)).map(|zone| (*zone).clone());
    hinted.or_else(|| known.first().and_then(|(_, _, cities)| Zone::parse(cities[0]).ok()))
}

fn readings(
    written: &str,
) -> impl Iterator<Item = &'static (&'static str, i64, &'static [&'static str])> {
    let written = written.trim().to_owned();
    ABBREVIATIONS.iter().filter(move |(name, _, _)| name.eq_ignore_ascii_case(&written))
}

/// Warns of a zone that is known under an abbreviation or an old name.
pub fn abbreviation(written: &str, hints: &[&Zone], sink: &mut impl Sink) {
    // A city's zone has a slash; nearly all have one.
    if written.contains('/') && !written.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("etc/"))
    {
        return;
    }
    let is_name = |(name, _, _): &&(&str, i64, &[&str])| name.eq_ignore_ascii_case(written.trim());
    let Some((name, _, _)) = ABBREVIATIONS[..NAMES].iter().find(is_name) else {
        return reversed(written, sink);
    };
    sink.find(Code::ZoneAbbreviation, || {
        let zone = meant(written, hints);
        let city = zone.as_ref().map_or_else(String::new, place);
        let never = matches!(*name, "EST" | "MST" | "HST" | "GMT");
        let changes =
            zone.as_ref().is_some_and(|zone| offset(zone, WINTER_S) != offset(zone, SUMMER_S));
        let message = match (never, changes) {
            (true, true) => format!("{name} never changes its clocks; {city} does."),
            (true, false) => format!("{name} is an abbreviation, not a place."),
            (false, _) => format!("{name} is an old name of a zone, not a place."),
        };
        let finding =
            Finding::new(Problem::new(Code::ZoneAbbreviation, message).in_field("timezone"));
        offering(finding, zone)
    });
}

/// `Etc/GMT+5` is five hours behind UTC, the other way round than people read it.
fn reversed(written: &str, sink: &mut impl Sink) {
    let lower = written.trim().to_ascii_lowercase();
    let Some(sign) = lower.strip_prefix("etc/gmt").filter(|rest| rest.starts_with(['+', '-']))
    else {
        return;
    };
    sink.find(Code::ZoneAbbreviation, || {
        let way = if sign.starts_with('+') { "behind" } else { "ahead of" };
        let message = format!("{} is {} hours {way} UTC.", written.trim(), &sign[1..]);
        Finding::new(Problem::new(Code::ZoneAbbreviation, message).in_field("timezone"))
            .without(FixId::UseZone)
    });
}

/// Tells that a name is no zone, and offers the one that is meant.
pub fn unknown(error: &UnknownZone, hints: &[&Zone], sink: &mut impl Sink) {
    sink.find(Code::UnknownZone, || {
        let message = format!("\"{}\" is no time zone.", clip(&error.name, 40));
        let zone = meant_by_unknown(&error.name, hints);
        let problem = Problem::new(Code::UnknownZone, message)
            .in_field("timezone")
            .with_remedy(error.remedy());
        offering(Finding::new(problem), zone)
    });
}

/// Returns the zone that is meant by a name that no zone has.
#[must_use]
pub fn meant_by_unknown(written: &str, hints: &[&Zone]) -> Option<Zone> {
    let nearest = || {
        let error = Zone::parse(written).err()?;
        error.suggestions().first().and_then(|name| Zone::parse(name).ok())
    };
    meant(written, hints).or_else(nearest)
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
        for name in ["America/New_York", "UTC", "Etc/UTC", "US/Eastern"] {
            assert_eq!(found(name, &[]), [], "{name}");
        }
        let findings = found("Etc/GMT+5", &[]);
        assert_eq!(findings[0].problem.message, "Etc/GMT+5 is 5 hours behind UTC.");
        assert_eq!(findings[0].fixes, []);
        assert_eq!(found("+05:30", &[])[0].fixes, []);
    }

    #[test]
    fn the_first_of_the_abbreviations_are_zones_and_every_city_is_one() {
        for (at, (name, minutes, cities)) in ABBREVIATIONS.iter().enumerate() {
            assert_eq!(Zone::parse(name).is_ok(), at < NAMES, "{name}");
            for city in *cities {
                assert_eq!(standard_offset(&zone(city)), *minutes, "{name} {city}");
            }
        }
    }
}
