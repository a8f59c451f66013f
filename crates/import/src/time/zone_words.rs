//! Words that people write for a zone and that are none, or not the one that was meant: what each is,
//! and the cities whose clocks may be meant by it.

/// What a word for a zone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneWord {
    /// A name of the zone database whose clocks never change, although those of the places that it is
    /// said of do: a post in the other half of the year goes out an hour off.
    NeverChanges {
        /// The offset from UTC that it always has, in minutes, east positive.
        offset_minutes: i16,
        /// The places that may be meant, likeliest first.
        cities: &'static [&'static str],
    },
    /// An old name of the zone database that stands for a city's.
    OldAlias {
        /// The city that it stands for.
        city: &'static str,
    },
    /// A name such as `Etc/GMT+5`, whose sign is the other way round than everywhere else.
    MirroredOffset {
        /// The offset from UTC that it really has, in minutes, east positive.
        offset_minutes: i16,
    },
    /// An abbreviation or a way of speaking that the zone database does not know.
    Abbreviation {
        /// The places that may be meant, likeliest first.
        cities: &'static [&'static str],
    },
}

impl ZoneWord {
    /// Returns the places that may be meant, likeliest first; none for an offset.
    #[must_use]
    pub fn cities(&self) -> &[&'static str] {
        match self {
            Self::NeverChanges { cities, .. } | Self::Abbreviation { cities } => cities,
            Self::OldAlias { city } => std::slice::from_ref(city),
            Self::MirroredOffset { .. } => &[],
        }
    }
}

/// Returns what a word for a zone is, whatever the case of its letters; `None` for the name of a place
/// or of UTC, and for a word that is not known.
#[must_use]
pub fn meaning(word: &str) -> Option<ZoneWord> {
    let word = word.trim().to_lowercase().replace([' ', '-'], "_");
    let word = word.as_str();
    if let Some((_, offset_minutes, cities)) = NEVER_CHANGE.iter().find(|(name, ..)| *name == word)
    {
        return Some(ZoneWord::NeverChanges { offset_minutes: *offset_minutes, cities });
    }
    if let Some((_, city)) = OLD_ALIASES.iter().find(|(name, _)| *name == word) {
        return Some(ZoneWord::OldAlias { city });
    }
    let abbreviation = ABBREVIATIONS.iter().find(|(names, _)| names.contains(&word));
    if let Some((_, cities)) = abbreviation {
        return Some(ZoneWord::Abbreviation { cities });
    }
    mirrored(word)
}

/// `etc/gmt+5`, after `-` became `_`.
fn mirrored(word: &str) -> Option<ZoneWord> {
    let sign_and_hours = word.strip_prefix("etc/gmt")?;
    let (sign, hours) = match sign_and_hours.strip_prefix('+') {
        Some(hours) => (-1, hours),
        None => (1, sign_and_hours.strip_prefix('_')?),
    };
    let hours: i16 = hours.parse().ok().filter(|hours| (1..=14).contains(hours))?;
    Some(ZoneWord::MirroredOffset { offset_minutes: sign * hours * 60 })
}

const LONDON: &str = "Europe/London";
const NEW_YORK: &str = "America/New_York";
const CHICAGO: &str = "America/Chicago";
const DENVER: &str = "America/Denver";
const LOS_ANGELES: &str = "America/Los_Angeles";
const BERLIN: &str = "Europe/Berlin";
const PARIS: &str = "Europe/Paris";

/// Names of the database that never change their clocks.
const NEVER_CHANGE: &[(&str, i16, &[&str])] = &[
    ("est", -300, &[NEW_YORK, "America/Toronto", "America/Panama"]),
    ("mst", -420, &[DENVER, "America/Phoenix"]),
    ("hst", -600, &["Pacific/Honolulu"]),
    ("gmt", 0, &[LONDON, "Europe/Dublin", "Africa/Accra"]),
    ("gmt0", 0, &[LONDON]),
    ("gmt+0", 0, &[LONDON]),
    ("gmt_0", 0, &[LONDON]),
    ("greenwich", 0, &[LONDON]),
    ("etc/gmt", 0, &[LONDON]),
    ("etc/greenwich", 0, &[LONDON]),
];

/// Old names of the database, and the cities that they stand for.
const OLD_ALIASES: &[(&str, &str)] = &[
    ("est5edt", NEW_YORK),
    ("cst6cdt", CHICAGO),
    ("mst7mdt", DENVER),
    ("pst8pdt", LOS_ANGELES),
    ("wet", "Europe/Lisbon"),
    ("cet", BERLIN),
    ("met", BERLIN),
    ("eet", "Europe/Athens"),
    ("us/eastern", NEW_YORK),
    ("us/central", CHICAGO),
    ("us/mountain", DENVER),
    ("us/pacific", LOS_ANGELES),
    ("us/alaska", "America/Anchorage"),
    ("us/hawaii", "Pacific/Honolulu"),
    ("us/arizona", "America/Phoenix"),
    ("us/michigan", "America/Detroit"),
    ("us/east_indiana", "America/Indiana/Indianapolis"),
    ("canada/eastern", "America/Toronto"),
    ("canada/central", "America/Winnipeg"),
    ("canada/mountain", "America/Edmonton"),
    ("canada/pacific", "America/Vancouver"),
    ("canada/atlantic", "America/Halifax"),
    ("canada/newfoundland", "America/St_Johns"),
    ("brazil/east", "America/Sao_Paulo"),
    ("mexico/general", "America/Mexico_City"),
    ("australia/nsw", "Australia/Sydney"),
    ("australia/act", "Australia/Sydney"),
    ("australia/victoria", "Australia/Melbourne"),
    ("australia/queensland", "Australia/Brisbane"),
    ("australia/south", "Australia/Adelaide"),
    ("australia/west", "Australia/Perth"),
    ("australia/north", "Australia/Darwin"),
    ("asia/calcutta", "Asia/Kolkata"),
    ("asia/saigon", "Asia/Ho_Chi_Minh"),
    ("europe/kiev", "Europe/Kyiv"),
    ("gb", LONDON),
    ("gb_eire", LONDON),
    ("eire", "Europe/Dublin"),
    ("cuba", "America/Havana"),
    ("egypt", "Africa/Cairo"),
    ("hongkong", "Asia/Hong_Kong"),
    ("iceland", "Atlantic/Reykjavik"),
    ("iran", "Asia/Tehran"),
    ("israel", "Asia/Jerusalem"),
    ("jamaica", "America/Jamaica"),
    ("japan", "Asia/Tokyo"),
    ("kwajalein", "Pacific/Kwajalein"),
    ("libya", "Africa/Tripoli"),
    ("navajo", DENVER),
    ("nz", "Pacific/Auckland"),
    ("poland", "Europe/Warsaw"),
    ("portugal", "Europe/Lisbon"),
    ("prc", "Asia/Shanghai"),
    ("roc", "Asia/Taipei"),
    ("rok", "Asia/Seoul"),
    ("singapore", "Asia/Singapore"),
    ("turkey", "Europe/Istanbul"),
    ("w_su", "Europe/Moscow"),
];

/// Abbreviations and ways of speaking that the database does not know.
const ABBREVIATIONS: &[(&[&str], &[&str])] = &[
    (
        &["edt", "et", "eastern", "eastern_time", "eastern_standard_time", "eastern_daylight_time"],
        &[NEW_YORK, "America/Toronto"],
    ),
    (&["cst"], &[CHICAGO, "Asia/Shanghai", "America/Havana"]),
    (
        &["cdt", "ct", "central", "central_time", "central_standard_time", "central_daylight_time"],
        &[CHICAGO],
    ),
    (
        &[
            "mdt",
            "mt",
            "mountain",
            "mountain_time",
            "mountain_standard_time",
            "mountain_daylight_time",
        ],
        &[DENVER],
    ),
    (&["pst"], &[LOS_ANGELES, "Asia/Manila"]),
    (
        &["pdt", "pt", "pacific", "pacific_time", "pacific_standard_time", "pacific_daylight_time"],
        &[LOS_ANGELES],
    ),
    (&["akst", "akdt", "alaska_time"], &["America/Anchorage"]),
    (&["hdt", "hawaii_time", "hawaii_aleutian_standard_time"], &["Pacific/Honolulu"]),
    (&["ast"], &["America/Halifax", "America/Puerto_Rico", "Asia/Riyadh"]),
    (&["adt", "atlantic_time"], &["America/Halifax"]),
    (&["nst", "ndt"], &["America/St_Johns"]),
    (&["art"], &["America/Argentina/Buenos_Aires"]),
    (&["brt", "brst"], &["America/Sao_Paulo"]),
    (&["clt", "clst"], &["America/Santiago"]),
    (&["cot"], &["America/Bogota"]),
    (&["pet"], &["America/Lima"]),
    (&["bst"], &[LONDON, "Asia/Dhaka"]),
    (&["uk", "uk_time", "british_summer_time", "british_time", "london_time"], &[LONDON]),
    (&["ist"], &["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"]),
    (&["india_standard_time", "indian_standard_time", "india_time"], &["Asia/Kolkata"]),
    (&["irish_standard_time"], &["Europe/Dublin"]),
    (&["west", "western_european_time"], &["Europe/Lisbon"]),
    (
        &["cest", "mez", "mesz", "mest", "central_european_time", "central_european_summer_time"],
        &[BERLIN, PARIS, "Europe/Madrid"],
    ),
    (&["eest", "oez", "eastern_european_time"], &["Europe/Athens", "Europe/Kyiv"]),
    (&["msk", "moscow_time"], &["Europe/Moscow"]),
    (&["trt"], &["Europe/Istanbul"]),
    (&["sast"], &["Africa/Johannesburg"]),
    (&["wat"], &["Africa/Lagos"]),
    (&["cat"], &["Africa/Maputo"]),
    (&["eat"], &["Africa/Nairobi"]),
    (&["gst", "gulf_standard_time"], &["Asia/Dubai"]),
    (&["pkt"], &["Asia/Karachi"]),
    (&["npt"], &["Asia/Kathmandu"]),
    (&["wib"], &["Asia/Jakarta"]),
    (&["ict"], &["Asia/Bangkok"]),
    (&["sgt", "singapore_time"], &["Asia/Singapore"]),
    (&["myt"], &["Asia/Kuala_Lumpur"]),
    (&["pht", "phst"], &["Asia/Manila"]),
    (&["hkt", "hong_kong_time"], &["Asia/Hong_Kong"]),
    (&["jst", "japan_standard_time", "japan_time"], &["Asia/Tokyo"]),
    (&["kst", "korea_standard_time"], &["Asia/Seoul"]),
    (&["awst"], &["Australia/Perth"]),
    (&["acst", "acdt"], &["Australia/Adelaide", "Australia/Darwin"]),
    (&["aest"], &["Australia/Sydney", "Australia/Brisbane"]),
    (&["aedt", "aet", "sydney_time"], &["Australia/Sydney", "Australia/Melbourne"]),
    (&["nzst", "nzdt", "nzt"], &["Pacific/Auckland"]),
];

#[cfg(test)]
mod tests {
    use roost_core::zone::Zone;

    use super::*;

    #[test]
    fn every_place_that_is_offered_is_a_zone_and_no_word_stands_there_twice() {
        let never = NEVER_CHANGE.iter().flat_map(|(_, _, cities)| cities.iter());
        let old = OLD_ALIASES.iter().map(|(_, city)| city);
        let short = ABBREVIATIONS.iter().flat_map(|(_, cities)| cities.iter());
        for city in never.chain(old).chain(short) {
            assert_eq!(Zone::parse(city).map(|zone| zone.name().to_owned()).as_deref(), Ok(*city));
        }
        let mut words: Vec<&str> = NEVER_CHANGE.iter().map(|(word, ..)| *word).collect();
        words.extend(OLD_ALIASES.iter().map(|(word, _)| *word));
        words.extend(ABBREVIATIONS.iter().flat_map(|(words, _)| words.iter()));
        words.sort_unstable();
        assert_eq!(words.windows(2).find(|pair| pair[0] == pair[1]), None);
    }

    #[test]
    fn a_name_that_never_changes_its_clocks_says_so() {
        let name = |word| match meaning(word) {
            Some(ZoneWord::NeverChanges { offset_minutes, cities }) => (offset_minutes, cities[0]),
            other => panic!("{word}: {other:?}"),
        };
        assert_eq!(name("EST"), (-300, "America/New_York"));
        assert_eq!(name(" mst "), (-420, "America/Denver"));
        assert_eq!(name("HST"), (-600, "Pacific/Honolulu"));
        assert_eq!(name("GMT"), (0, "Europe/London"));
    }

    #[test]
    fn a_word_that_is_no_name_offers_places_and_a_place_is_none_of_these_words() {
        for (word, city) in [
            ("PST", "America/Los_Angeles"),
            ("ET", "America/New_York"),
            ("Eastern Time", "America/New_York"),
            ("EST5EDT", "America/New_York"),
            ("US/Pacific", "America/Los_Angeles"),
            ("IST", "Asia/Kolkata"),
            ("GB-Eire", "Europe/London"),
            ("CET", "Europe/Berlin"),
        ] {
            assert_eq!(meaning(word).unwrap().cities()[0], city, "{word}");
        }
        for word in ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "", "XYZ"] {
            assert_eq!(meaning(word), None, "{word}");
        }
    }

    #[test]
    fn the_sign_of_an_etc_name_is_the_other_way_round() {
        let offset = |word| match meaning(word) {
            Some(ZoneWord::MirroredOffset { offset_minutes }) => offset_minutes,
            other => panic!("{word}: {other:?}"),
        };
        assert_eq!(offset("Etc/GMT+5"), -300);
        assert_eq!(offset("etc/gmt-3"), 180);
    }
}
