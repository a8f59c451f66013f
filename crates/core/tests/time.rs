//! Laws of time, kept in every zone and at every change of clocks from 1990 to 2099.

use std::collections::BTreeMap;

use chrono::{MappedLocalTime, NaiveDate, NaiveDateTime, Offset as _, TimeZone as _};
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use roost_core::clock::UnixMillis;
use roost_core::window::{self, Window, window_at};
use roost_core::zone::{ResolutionKind, WallTime, Zone, resolve, wall_time_of};

/// 1990-01-01 and 2100-01-01, in seconds.
const FROM: i64 = 631_152_000;
const UNTIL: i64 = 4_102_444_800;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn rules(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).expect("listed")
}

/// The moments at which the clocks of a zone change, 1990 to 2099.
fn changes(name: &str) -> Vec<i64> {
    let zone = rules(name);
    let start = Timestamp::from_second(FROM).unwrap();
    let mut offset = zone.to_offset(start);
    let mut found = Vec::new();
    for transition in zone.following(start) {
        let second = transition.timestamp().as_second();
        if second >= UNTIL {
            break;
        }
        if transition.offset() != offset {
            offset = transition.offset();
            found.push(second);
        }
    }
    found
}

/// A repeatable sequence of numbers that look random (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 1).cast_signed() % limit
    }
}

/// Walks over all windows from `from` until `until` and asserts that they tile the time between.
fn assert_tiled(from: i64, until: i64, zone: &Zone, dice: &mut Dice) {
    let mut current = window_at(UnixMillis::from_seconds(from), zone);
    assert!(current.contains(UnixMillis::from_seconds(from)), "{zone} {current:?}");
    while current.end < UnixMillis::from_seconds(until) {
        assert_sound(&current, zone, dice);
        let following = window::next(&current, zone);
        assert_eq!(following.start, current.end, "{zone}: a gap or an overlap at {current:?}");
        assert_eq!(following, window_at(current.end, zone), "{zone} {current:?}");
        assert!(following.begins > current.begins, "{zone} {current:?}");
        current = following;
    }
}

/// Every instant of a window, its ends above all, lies in that window and in no other.
fn assert_sound(window: &Window, zone: &Zone, dice: &mut Dice) {
    assert!(window.start < window.end, "{zone}: {window:?} is empty");
    assert!(window.begins.hour() % 6 == 0 && window.begins.minute() == 0, "{zone} {window:?}");
    let length = window.end.0 - window.start.0;
    for instant in [window.start.0, window.end.0 - 1, window.start.0 + dice.below(length)] {
        assert_eq!(window_at(UnixMillis(instant), zone), *window, "{zone} at {instant}");
    }
    let longest = 6 * HOUR + 25 * HOUR;
    assert!(length <= longest * 1000, "{zone}: {window:?} lasts too long");
}

#[test]
fn windows_tile_time_in_every_zone_through_every_change_of_clocks() {
    let mut dice = Dice(0x5eed_0001);
    let mut visited = 0;
    for name in Zone::names() {
        let zone = Zone::parse(name).unwrap();
        for change in changes(name) {
            assert_tiled(change - 7 * HOUR, change + 7 * HOUR, &zone, &mut dice);
            visited += 1;
        }
        for _ in 0..4 {
            let day = FROM + dice.below(UNTIL - FROM);
            assert_tiled(day, day + 2 * DAY, &zone, &mut dice);
        }
    }
    assert!(visited > 20_000, "only {visited} changes of clocks were visited");
}

#[test]
fn a_day_that_a_place_skipped_has_no_windows_and_leaves_no_hole() {
    // Apia went from the end of 2011-12-29 to the start of 2011-12-31.
    let zone = Zone::parse("Pacific/Apia").unwrap();
    let from = resolve(&WallTime::parse("2011-12-29 12:00").unwrap(), &zone).instant;
    let days: Vec<String> =
        window::horizon(from, &zone, 5).iter().map(ToString::to_string).collect();
    let expected = [
        "2011-12-29 12–18",
        "2011-12-29 18–24",
        "2011-12-31 00–06",
        "2011-12-31 06–12",
        "2011-12-31 12–18",
    ];
    assert_eq!(days, expected);
}

#[test]
fn the_windows_of_an_ordinary_day_are_the_four_that_a_person_expects() {
    let zone = Zone::default();
    let at = |text: &str| resolve(&WallTime::parse(text).unwrap(), &zone).instant;
    let window = window_at(at("2027-03-01 11:59:59"), &zone);
    assert_eq!((window.start, window.end), (at("2027-03-01 06:00"), at("2027-03-01 12:00")));
    assert_eq!((window.index(), window.label()), (1, "06–12"));
    assert_eq!(window_at(at("2027-03-01 12:00"), &zone).index(), 2);
    assert_eq!(window_at(at("2027-03-01 23:59:59"), &zone).end, at("2027-03-02 00:00"));
}

#[test]
fn a_horizon_holds_as_many_windows_as_asked_and_a_full_one_reaches_a_day_ahead() {
    let zone = Zone::parse("Europe/Berlin").unwrap();
    let at = |text: &str| resolve(&WallTime::parse(text).unwrap(), &zone).instant;
    let now = at("2027-03-10 09:00");
    for (asked, given) in [(0, 1), (1, 1), (2, 2), (5, 5), (12, 12)] {
        assert_eq!(window::horizon(now, &zone, asked).len(), given);
    }
    // On 2027-03-28 clocks are put forward: five windows from 23:59 end 23 hours later.
    let eve = at("2027-03-27 23:59:59");
    let windows = window::horizon(eve, &zone, window::DEFAULT_HORIZON);
    assert_eq!(windows.len(), 6);
    assert!(windows[5].end >= UnixMillis(eve.0 + DAY * 1000));
    assert_eq!(window::horizon(eve, &zone, 1).len(), 1);
}

/// The rule, restated: the first instant at which the clock shows `wall` or a later time. Found
/// by walking over the changes around it with nothing but offsets.
fn first_instant_showing(wall: &WallTime, zone: &TimeZone, around: i64) -> i64 {
    let civil = |text: &WallTime| -> i64 {
        let utc = TimeZone::UTC;
        let text = text.to_string().replace(' ', "T");
        let civil: jiff::civil::DateTime = text.parse().unwrap();
        utc.to_timestamp(civil).unwrap().as_second()
    };
    let wanted = civil(wall);
    let start = Timestamp::from_second(around - 3 * DAY).unwrap();
    let mut spans = vec![(start.as_second(), i64::from(zone.to_offset(start).seconds()))];
    for transition in zone.following(start) {
        if transition.timestamp().as_second() > around + 3 * DAY {
            break;
        }
        let offset = i64::from(transition.offset().seconds());
        spans.push((transition.timestamp().as_second(), offset));
    }
    for (index, (from, offset)) in spans.iter().enumerate() {
        let end = spans.get(index + 1).map_or(i64::MAX, |(next, _)| *next);
        if (wanted - offset).max(*from) < end {
            return (wanted - offset).max(*from);
        }
    }
    unreachable!("the last span has no end")
}

#[test]
fn a_wall_time_is_the_first_instant_at_which_the_clock_shows_it_or_more() {
    let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
    for name in Zone::names() {
        let zone = Zone::parse(name).unwrap();
        let rules = rules(name);
        // Clocks repeat themselves; every third change keeps this quick and visits every year.
        for change in changes(name).into_iter().step_by(3) {
            let shown = wall_time_of(UnixMillis::from_seconds(change - 1), &zone);
            let mut last = i64::MIN;
            for quarter in -5_i16..=9 {
                let Some(wall) = shifted(shown, quarter * 15) else { continue };
                let resolution = resolve(&wall, &zone);
                let expected = first_instant_showing(&wall, &rules, change);
                assert_eq!(resolution.instant.0 / 1000, expected, "{name} {wall}");
                assert!(resolution.instant.0 >= last, "{name} {wall}: time ran backwards");
                last = resolution.instant.0;
                let kind = match resolution.kind {
                    ResolutionKind::Exact => "exact",
                    ResolutionKind::Gap => "gap",
                    ResolutionKind::Fold => "fold",
                };
                *kinds.entry(kind).or_default() += 1;
            }
        }
    }
    assert!(kinds.values().all(|count| *count > 10_000), "{kinds:?}");
}

/// `wall` moved by minutes, when that stays within its day.
fn shifted(wall: WallTime, minutes: i16) -> Option<WallTime> {
    let total = i16::from(wall.hour()) * 60 + i16::from(wall.minute()) + minutes;
    let (hour, minute) = (i8::try_from(total / 60).ok()?, i8::try_from(total % 60).ok()?);
    WallTime::new(wall.year(), wall.month(), wall.day(), hour, minute, wall.second())
}

#[test]
fn second_by_second_around_odd_changes_of_clocks_nothing_is_lost_or_doubled() {
    // Half an hour, two hours, a whole day, in Ramadan, in winter, and never.
    for (name, around) in [
        ("America/New_York", "2026-03-08 03:00"),
        ("America/New_York", "2026-11-01 00:30"),
        ("America/St_Johns", "2010-11-06 23:00"),
        ("Europe/London", "2026-03-29 02:00"),
        ("Europe/Dublin", "2026-10-25 00:30"),
        ("Africa/Casablanca", "2026-02-15 01:30"),
        ("Antarctica/Troll", "2026-03-29 03:00"),
        ("Antarctica/Troll", "2026-10-25 00:30"),
        ("Asia/Kathmandu", "2026-03-29 02:00"),
        ("Australia/Lord_Howe", "2026-04-05 01:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:30"),
        ("Pacific/Apia", "2011-12-31 00:00"),
    ] {
        let zone = Zone::parse(name).unwrap();
        let middle = resolve(&WallTime::parse(around).unwrap(), &zone).instant.0 / 1000;
        assert_each_second_is_explained(middle - 2 * HOUR, middle + 3 * HOUR, &zone);
    }
}

/// Walks over the instants and looks at the clock. Whatever the clock reaches for the first time,
/// and whatever it skips on the way there, means this very instant.
fn assert_each_second_is_explained(from: i64, until: i64, zone: &Zone) {
    let civil = |wall: WallTime| {
        let (hour, minute, second) = (wall.hour(), wall.minute(), wall.second());
        jiff::civil::date(wall.year(), wall.month(), wall.day()).at(hour, minute, second, 0)
    };
    let mut reached = civil(wall_time_of(UnixMillis::from_seconds(from), zone));
    for instant in from + 1..until {
        let shown = civil(wall_time_of(UnixMillis::from_seconds(instant), zone));
        while reached < shown {
            reached = reached.checked_add(jiff::SignedDuration::from_secs(1)).unwrap();
            let (date, time) = (reached.date(), reached.time());
            let (hour, minute, second) = (time.hour(), time.minute(), time.second());
            let wall =
                WallTime::new(date.year(), date.month(), date.day(), hour, minute, second).unwrap();
            let resolution = resolve(&wall, zone);
            assert_eq!(resolution.instant.0, instant * 1000, "{zone} {wall}");
            let skipped = reached < shown;
            assert_eq!(resolution.kind == ResolutionKind::Gap, skipped, "{zone} {wall}");
        }
    }
}

fn naive(wall: &WallTime) -> NaiveDateTime {
    let part = |number: i8| u32::from(number.unsigned_abs());
    NaiveDate::from_ymd_opt(i32::from(wall.year()), part(wall.month()), part(wall.day()))
        .and_then(|day| {
            day.and_hms_opt(part(wall.hour()), part(wall.minute()), part(wall.second()))
        })
        .unwrap()
}

/// Whether the second witness carries the same data for a zone: the same offset right before and
/// right after every change, and once a quarter of a year.
fn witness_agrees(name: &str, witness: chrono_tz::Tz, changes: &[i64]) -> bool {
    let zone = rules(name);
    let around = changes.iter().flat_map(|change| [change - 1, *change]);
    let quarterly = (FROM..UNTIL).step_by(91 * usize::try_from(DAY).unwrap());
    around.chain(quarterly).all(|second| {
        let ours = zone.to_offset(Timestamp::from_second(second).unwrap()).seconds();
        let utc = chrono::DateTime::from_timestamp(second, 0).unwrap().naive_utc();
        ours == witness.offset_from_utc_datetime(&utc).fix().local_minus_utc()
    })
}

#[test]
fn a_second_library_agrees_wherever_it_carries_the_same_data() {
    let mut differing = Vec::new();
    let mut compared = 0;
    for witness in chrono_tz::TZ_VARIANTS {
        let name = witness.name();
        let Ok(zone) = Zone::parse(name) else {
            differing.push(name);
            continue;
        };
        let changes = changes(name);
        if !witness_agrees(name, witness, &changes) {
            differing.push(name);
            continue;
        }
        for change in changes {
            let shown = wall_time_of(UnixMillis::from_seconds(change - 1), &zone);
            for minutes in [-90, -45, -1, 0, 1, 29, 45, 61, 119] {
                let Some(wall) = shifted(shown, minutes) else { continue };
                assert_same(&wall, &zone, witness);
                compared += 1;
            }
        }
    }
    let share = differing.len() * 100 / chrono_tz::TZ_VARIANTS.len();
    assert!(share <= 5, "{share} % of the zones carry other data: {differing:?}");
    assert!(compared > 100_000, "only {compared} wall times were compared");
}

fn assert_same(wall: &WallTime, zone: &Zone, witness: chrono_tz::Tz) {
    let resolution = resolve(wall, zone);
    let (kind, instant) = match witness.from_local_datetime(&naive(wall)) {
        MappedLocalTime::Single(one) => (ResolutionKind::Exact, Some(one.timestamp())),
        MappedLocalTime::Ambiguous(one, other) => {
            (ResolutionKind::Fold, Some(one.timestamp().min(other.timestamp())))
        }
        MappedLocalTime::None => (ResolutionKind::Gap, None),
    };
    assert_eq!(resolution.kind, kind, "{zone} {wall}");
    if let Some(instant) = instant {
        assert_eq!(resolution.instant.0, instant * 1000, "{zone} {wall}");
    }
}
