//! A zone by its IANA name, and what was probably meant by a name that is none.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::OnceLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many names an [`UnknownZone`] suggests at the most.
const SUGGESTIONS_MAX: usize = 3;
/// No IANA name comes near this length; longer texts are not compared with any.
const NAME_MAX: usize = 64;
/// Below this likeness (Jaro–Winkler, 0 to 1) a name is not suggested.
const LIKENESS_MIN: f64 = 0.84;

/// Abbreviations that people write, and the zones that they may mean by them. None of them is a
/// name: `IST` is India's time, Ireland's and Israel's.
const ABBREVIATIONS: [(&str, &[&str]); 14] = [
    ("ist", &["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"]),
    ("pst", &["America/Los_Angeles", "Asia/Manila"]),
    ("pdt", &["America/Los_Angeles"]),
    ("mdt", &["America/Denver"]),
    ("cst", &["America/Chicago", "Asia/Shanghai", "America/Havana"]),
    ("cdt", &["America/Chicago"]),
    ("edt", &["America/New_York"]),
    ("bst", &["Europe/London", "Asia/Dhaka"]),
    ("cest", &["Europe/Berlin", "Europe/Paris"]),
    ("eest", &["Europe/Athens", "Europe/Kyiv"]),
    ("msk", &["Europe/Moscow"]),
    ("jst", &["Asia/Tokyo"]),
    ("sgt", &["Asia/Singapore"]),
    ("aest", &["Australia/Sydney", "Australia/Brisbane"]),
];

/// The database that is compiled in.
fn database() -> &'static TimeZoneDatabase {
    static DATABASE: OnceLock<TimeZoneDatabase> = OnceLock::new();
    DATABASE.get_or_init(TimeZoneDatabase::bundled)
}

/// A zone of the IANA database. Cheap to clone. Written as its name.
#[derive(Clone)]
pub struct Zone(TimeZone);

impl Zone {
    /// Returns the zone of an IANA name, whatever the case of its letters.
    ///
    /// # Errors
    /// [`UnknownZone`], with the names that were probably meant.
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        let name = name.trim();
        match database().get(name) {
            Ok(zone) if !zone.is_unknown() => Ok(Self(zone)),
            _ => Err(UnknownZone::new(name)),
        }
    }

    /// Returns the IANA name, such as `Asia/Kolkata`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Returns every zone a person can choose, in alphabetical order.
    #[must_use]
    pub fn names() -> &'static [&'static str] {
        static NAMES: OnceLock<Vec<&'static str>> = OnceLock::new();
        NAMES.get_or_init(|| {
            let known = |name: &&str| database().get(name).is_ok();
            let mut names: Vec<_> =
                chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(known).collect();
            names.sort_unstable();
            names
        })
    }

    pub(crate) fn rules(&self) -> &TimeZone {
        &self.0
    }
}

impl Default for Zone {
    /// `Asia/Kolkata`, unless a person chooses another.
    fn default() -> Self {
        Self::parse("Asia/Kolkata").expect("the compiled-in database has Asia/Kolkata")
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Zone({})", self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        Self::parse(name)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).map_err(serde::de::Error::custom)
    }
}

/// A name that no zone has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct UnknownZone {
    /// What was written, shortened when it is long.
    pub name: String,
}

impl UnknownZone {
    fn new(name: &str) -> Self {
        Self { name: crate::failure::clip(name, NAME_MAX) }
    }

    /// Returns the names that were probably meant, likeliest first; may be empty. Compares with
    /// every name, so ask only when somebody is going to read it.
    #[must_use]
    pub fn suggestions(&self) -> Vec<&'static str> {
        suggest(&self.name)
    }

    /// Returns what to write instead.
    #[must_use]
    pub fn remedy(&self) -> String {
        if self.is_offset() {
            return "An offset is no zone: it does not know when clocks change. Name a place, \
                    such as Asia/Kolkata."
                .to_owned();
        }
        match self.suggestions().as_slice() {
            [] => "Use an IANA name, such as Asia/Kolkata or Europe/Berlin.".to_owned(),
            [one] => format!("Did you mean {one}?"),
            several => format!("Did you mean one of {}?", several.join(", ")),
        }
    }

    /// `+05:30`, `UTC+2`, `GMT-3`.
    fn is_offset(&self) -> bool {
        let rest = self.name.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
        rest.starts_with(['+', '-'])
            && rest[1..].chars().all(|letter| letter.is_ascii_digit() || letter == ':')
    }
}

impl fmt::Display for UnknownZone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{}\" is no time zone. {}", self.name, self.remedy())
    }
}

/// The names nearest to `written`: by abbreviation, by city, then by likeness.
fn suggest(written: &str) -> Vec<&'static str> {
    if written.is_empty() || written.chars().count() > NAME_MAX {
        return Vec::new();
    }
    let written = written.to_lowercase().replace([' ', '-'], "_");
    if let Some((_, zones)) = ABBREVIATIONS.iter().find(|(short, _)| *short == written) {
        return zones.to_vec();
    }
    let city = written.rsplit('/').next().unwrap_or(&written);
    let mut ranked: Vec<(f64, &'static str)> = Zone::names()
        .iter()
        .map(|name| {
            let lower = name.to_lowercase();
            let place = lower.rsplit('/').next().unwrap_or(&lower);
            let likeness = strsim::jaro_winkler(&lower, &written)
                .max(strsim::jaro_winkler(place, city) - 0.01);
            (likeness, *name)
        })
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .collect();
    ranked.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(right.1)));
    ranked.into_iter().take(SUGGESTIONS_MAX).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_whatever_its_case_and_kept_as_iana_writes_it() {
        assert_eq!(Zone::parse(" asia/KOLKATA ").unwrap().name(), "Asia/Kolkata");
        assert_eq!(Zone::parse("UTC").unwrap().name(), "UTC");
    }

    #[test]
    fn every_listed_name_is_a_zone_under_that_very_name() {
        assert!(Zone::names().len() > 580, "{}", Zone::names().len());
        for name in Zone::names() {
            assert_eq!(Zone::parse(name).unwrap().name(), *name);
        }
    }

    #[test]
    fn a_name_that_is_none_is_answered_with_the_one_that_was_meant() {
        for (written, meant) in [
            ("Asia/Kolkatta", "Asia/Kolkata"),
            ("Kolkata", "Asia/Kolkata"),
            ("America/New York", "America/New_York"),
            ("new york", "America/New_York"),
            ("Europe/Berln", "Europe/Berlin"),
            ("Berlin", "Europe/Berlin"),
            ("IST", "Asia/Kolkata"),
            ("PDT", "America/Los_Angeles"),
        ] {
            let error = Zone::parse(written).unwrap_err();
            assert_eq!(error.suggestions().first(), Some(&meant), "{written}: {error}");
        }
    }

    #[test]
    fn an_offset_or_nonsense_is_no_zone() {
        for written in ["+05:30", "UTC+5:30", "GMT-3"] {
            assert!(Zone::parse(written).unwrap_err().remedy().contains("offset"), "{written}");
        }
        for written in ["", "Etc/Unknown", "qqqq", "../../etc/passwd", &"x".repeat(100_000)] {
            let error = Zone::parse(written).unwrap_err();
            assert!(error.to_string().len() < 300, "{error}");
        }
    }

    #[test]
    fn zones_are_written_as_their_names() {
        let zone: Zone = serde_json::from_str("\"europe/berlin\"").unwrap();
        assert_eq!(serde_json::to_string(&zone).unwrap(), "\"Europe/Berlin\"");
        assert!(serde_json::from_str::<Zone>("\"Europe/Bernin\"").is_err());
    }
}
