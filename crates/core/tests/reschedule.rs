//! What every operation on the times of a selection keeps, whatever is selected.

use proptest::prelude::*;
use roost_core::clock::UnixMillis;
use roost_core::reschedule::{
    PlannedTime, RescheduleError, Spread, Weekdays, WeekendMove, arrange, compress, move_first_to,
    out_of_weekend, push_back, reverse, set_date, set_time_of_day, shift, shuffle, spread,
    to_slots, to_zone,
};
use roost_core::zone::{WallTime, Zone};

const ZONES: [&str; 5] =
    ["Asia/Kolkata", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"];

fn zone(name: &str) -> Zone {
    Zone::parse(name).expect("a zone")
}

fn wall(text: &str) -> WallTime {
    WallTime::parse(text).expect("a wall time")
}

fn planned(text: &str, zone_name: &str) -> PlannedTime {
    PlannedTime::on_wall(wall(text), zone(zone_name))
}

fn walls(times: &[PlannedTime]) -> Vec<String> {
    times.iter().map(|time| time.wall.to_string()).collect()
}

/// Times of 2026 to 2029, in zones with and without changing clocks.
fn times() -> impl Strategy<Value = Vec<PlannedTime>> {
    let one = (0..ZONES.len(), 1_767_225_600_i64..1_893_456_000).prop_map(|(name, second)| {
        PlannedTime::at_instant(UnixMillis::from_seconds(second), zone(ZONES[name]))
    });
    prop::collection::vec(one, 0..40)
}

/// The places of the times, by instant.
fn order(times: &[PlannedTime]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..times.len()).collect();
    places.sort_by_key(|place| times[*place].at);
    places
}

fn instants(times: &[PlannedTime]) -> Vec<UnixMillis> {
    let mut instants: Vec<_> = times.iter().map(|time| time.at).collect();
    instants.sort_unstable();
    instants
}

/// Whether no post passed another.
fn keeps_order(before: &[PlannedTime], after: &[PlannedTime]) -> bool {
    order(before).windows(2).all(|pair| after[pair[0]].at <= after[pair[1]].at)
}

#[test]
fn days_keep_the_time_of_day_and_seconds_pass_as_they_are() {
    // Clocks in Berlin go forward on 2027-03-28.
    let before = [planned("2027-03-27 09:00", "Europe/Berlin")];
    assert_eq!(walls(&shift(&before, 1, 0).expect("a day later")), ["2027-03-28 09:00"]);
    assert_eq!(walls(&shift(&before, 0, 86_400).expect("24 hours later")), ["2027-03-28 10:00"]);
}

#[test]
fn a_time_that_clocks_skip_keeps_what_was_meant_and_comes_back() {
    let before = [planned("2027-03-27 02:30", "Europe/Berlin")];
    let skipped = shift(&before, 1, 0).expect("a day later");
    assert_eq!(walls(&skipped), ["2027-03-28 02:30"]);
    assert_eq!(skipped[0].at, planned("2027-03-28 03:00", "Europe/Berlin").at);
    assert_eq!(walls(&shift(&skipped, 1, 0).expect("two days later")), ["2027-03-29 02:30"]);
}

#[test]
fn a_selection_that_moves_keeps_its_times_of_day_over_a_change_of_clocks() {
    let days = ["2027-02-01 09:00", "2027-02-02 13:00", "2027-02-03 09:00"];
    let before = days.map(|day| planned(day, "America/New_York"));
    let after = move_first_to(&before, wall("2027-03-13 09:00")).expect("moved");
    assert_eq!(walls(&after), ["2027-03-13 09:00", "2027-03-14 13:00", "2027-03-15 09:00"]);
}

#[test]
fn forty_posts_over_ten_working_days_are_four_a_day_within_the_hours() {
    let before = vec![planned("2027-03-01 09:00", "Asia/Kolkata"); 40];
    let over = Spread {
        first_day: wall("2027-03-06 12:00"),
        days: 10,
        weekdays: Weekdays::WORKING,
        from_minute: 9 * 60,
        to_minute: 17 * 60,
        jitter_minutes: 0,
        seed: 0,
        zone: zone("Asia/Kolkata"),
    };
    let after = walls(&spread(&before, &over).expect("spread"));
    assert_eq!(
        after[..5],
        // The first day is a Saturday.
        [
            "2027-03-08 09:00",
            "2027-03-08 11:00",
            "2027-03-08 13:00",
            "2027-03-08 15:00",
            "2027-03-09 09:00"
        ]
    );
    assert_eq!(after[39], "2027-03-19 15:00");
}

#[test]
fn fewer_posts_than_days_begin_on_the_first_day_and_leave_days_between() {
    let before = vec![planned("2027-03-01 09:00", "Asia/Kolkata"); 3];
    let over = Spread {
        first_day: wall("2027-03-01 00:00"),
        days: 9,
        weekdays: Weekdays::ALL,
        from_minute: 0,
        to_minute: 1_440,
        jitter_minutes: 0,
        seed: 0,
        zone: zone("Asia/Kolkata"),
    };
    let after = walls(&spread(&before, &over).expect("spread"));
    assert_eq!(after, ["2027-03-01 00:00", "2027-03-04 00:00", "2027-03-07 00:00"]);
}

#[test]
fn what_can_not_be_spread_says_why() {
    let before = [planned("2027-03-01 09:00", "Asia/Kolkata")];
    let over = Spread {
        first_day: wall("2027-03-01 00:00"),
        days: 5,
        weekdays: Weekdays::of(&[]),
        from_minute: 540,
        to_minute: 600,
        jitter_minutes: 0,
        seed: 0,
        zone: zone("Asia/Kolkata"),
    };
    assert_eq!(spread(&before, &over), Err(RescheduleError::NoDays));
    let over = Spread { weekdays: Weekdays::ALL, to_minute: 540, ..over };
    assert_eq!(spread(&before, &over), Err(RescheduleError::NoHours));
}

#[test]
fn the_weekend_goes_where_it_is_sent() {
    let weekend = ["2027-03-06 10:00", "2027-03-07 11:00", "2027-03-08 12:00"];
    let before = weekend.map(|day| planned(day, "Asia/Kolkata"));
    let moved = |to| walls(&out_of_weekend(&before, to).expect("moved"));
    let monday = ["2027-03-08 10:00", "2027-03-08 11:00", "2027-03-08 12:00"];
    assert_eq!(moved(WeekendMove::Monday), monday);
    let friday = ["2027-03-05 10:00", "2027-03-05 11:00", "2027-03-08 12:00"];
    assert_eq!(moved(WeekendMove::Friday), friday);
    let nearest = ["2027-03-05 10:00", "2027-03-08 11:00", "2027-03-08 12:00"];
    assert_eq!(moved(WeekendMove::Nearest), nearest);
}

#[test]
fn room_for_a_post_pushes_back_only_what_is_too_near() {
    let queue = ["2027-03-01 08:00", "2027-03-01 09:00", "2027-03-01 09:30", "2027-03-01 12:00"];
    let before = queue.map(|time| planned(time, "Asia/Kolkata"));
    let after = push_back(&before, before[1].at, 60 * 60);
    let room = ["2027-03-01 08:00", "2027-03-01 10:00", "2027-03-01 11:00", "2027-03-01 12:00"];
    assert_eq!(walls(&after), room);
}

#[test]
fn posting_times_are_given_in_order_and_too_few_are_refused() {
    let before = ["2027-03-02 08:00", "2027-03-01 09:00"].map(|time| planned(time, ZONES[0]));
    let slots = ["2027-04-01 09:00", "2027-04-01 13:00"].map(|time| planned(time, ZONES[0]));
    let after = to_slots(&before, slots.clone()).expect("two slots");
    assert_eq!(walls(&after), ["2027-04-01 13:00", "2027-04-01 09:00"]);
    let few = to_slots(&before, slots.into_iter().take(1));
    assert_eq!(few, Err(RescheduleError::TooFewSlots { free: 1, needed: 2 }));
}

#[test]
fn an_order_names_each_post_once() {
    let before = ["2027-03-02 08:00", "2027-03-01 09:00"].map(|time| planned(time, ZONES[0]));
    let invalid = Err(RescheduleError::InvalidOrder { expected: 2 });
    for order in [&[0_usize][..], &[0, 0], &[0, 2], &[0, 1, 2]] {
        assert_eq!(arrange(&before, order), invalid, "{order:?}");
    }
}

#[test]
fn two_posts_swap_their_times_and_keep_their_zones() {
    let before =
        [planned("2027-03-01 09:00", "Asia/Kolkata"), planned("2027-03-01 09:00", "Europe/Berlin")];
    let after = reverse(&before);
    assert_eq!(after[0].at, before[1].at);
    assert_eq!(after[0].zone, before[0].zone);
    assert_eq!(after[1].at, before[0].at);
}

#[test]
fn no_such_time_of_day_is_refused() {
    let before = [planned("2027-03-01 09:00", "Asia/Kolkata")];
    assert_eq!(set_time_of_day(&before, 24, 0), Err(RescheduleError::NoSuchTimeOfDay));
    assert_eq!(walls(&set_time_of_day(&before, 23, 59).expect("set")), ["2027-03-01 23:59"]);
}

#[test]
fn a_change_beyond_the_years_is_refused_whole() {
    let before = [planned("2027-03-01 09:00", "Asia/Kolkata")];
    for (days, seconds) in [(i64::MAX, 0), (i64::MIN, 0), (0, i64::MAX), (4_000_000, 0)] {
        let refused = Err(RescheduleError::OutOfYears);
        assert_eq!(shift(&before, days, seconds), refused, "{days} {seconds}");
    }
}

proptest! {
    #[test]
    fn hours_there_and_back_are_where_they_were(times in times(), seconds in -9_000_000_i64..9_000_000) {
        let there = shift(&times, 0, seconds).expect("within the years");
        let back = shift(&there, 0, -seconds).expect("within the years");
        prop_assert_eq!(instants(&back), instants(&times));
        prop_assert!(keeps_order(&times, &there));
    }

    #[test]
    fn days_there_and_back_are_where_they_were_on_the_wall(times in times(), days in -900_i64..900) {
        let there = shift(&times, days, 0).expect("within the years");
        let back = shift(&there, -days, 0).expect("within the years");
        prop_assert_eq!(walls(&back), walls(&times));
        for (before, after) in times.iter().zip(&there) {
            prop_assert_eq!(after.wall.seconds_since(before.wall), days * 86_400);
        }
    }

    #[test]
    fn another_order_gives_out_the_same_instants(times in times(), seed: u64) {
        let shuffled = shuffle(&times, seed);
        prop_assert_eq!(instants(&shuffled), instants(&times));
        prop_assert_eq!(&shuffled, &shuffle(&times, seed), "the same seed, the same order");
        prop_assert_eq!(instants(&reverse(&times)), instants(&times));
        for (before, after) in times.iter().zip(&shuffled) {
            prop_assert_eq!(&after.zone, &before.zone);
        }
    }

    #[test]
    fn no_pause_is_longer_than_asked_and_none_grows(times in times(), gap in 60_u32..4_000_000) {
        let after = compress(&times, gap);
        prop_assert!(keeps_order(&times, &after));
        let (before, after) = (instants(&times), instants(&after));
        prop_assert_eq!(before.first(), after.first());
        for (before, after) in before.windows(2).zip(after.windows(2)) {
            let [was, is] = [before, after].map(|pair| pair[1].0 - pair[0].0);
            prop_assert_eq!(is, was.min(i64::from(gap) * 1_000));
        }
    }

    #[test]
    fn pushed_back_posts_keep_their_order_and_their_distance(
        times in times(), place in 0_usize..40, gap in 60_u32..4_000_000
    ) {
        prop_assume!(place < times.len());
        let taken = times[place].at;
        let after = push_back(&times, taken, gap);
        prop_assert!(keeps_order(&times, &after));
        for (before, after) in times.iter().zip(&after) {
            prop_assert!(after.at >= before.at);
            prop_assert!(before.at >= taken || after.at == before.at);
        }
        let later: Vec<_> = instants(&after).into_iter().filter(|at| *at >= taken).collect();
        let gap = i64::from(gap) * 1_000;
        prop_assert!(later.iter().all(|at| at.0 - taken.0 >= gap));
        prop_assert!(later.windows(2).all(|pair| pair[1].0 - pair[0].0 >= gap));
    }

    #[test]
    fn what_is_spread_stays_within_days_and_hours_and_in_order(
        times in times(),
        (days, from, length) in (1_u32..30, 0_u32..1_400, 1_u32..1_440),
        (jitter, seed, weekdays) in (0_u32..90, any::<u64>(), prop::collection::vec(1_i8..=7, 1..7)),
        name in 0..ZONES.len(),
    ) {
        let over = Spread {
            first_day: wall("2027-03-01 15:00"),
            days,
            weekdays: Weekdays::of(&weekdays),
            from_minute: from,
            to_minute: (from + length).min(1_440),
            jitter_minutes: jitter,
            seed,
            zone: zone(ZONES[name]),
        };
        let after = spread(&times, &over).expect("there are days and hours");
        prop_assert!(keeps_order(&times, &after));
        let mut by_day = std::collections::BTreeMap::new();
        for time in &after {
            let minute = u32::from(time.wall.hour().unsigned_abs()) * 60
                + u32::from(time.wall.minute().unsigned_abs());
            prop_assert!(minute >= over.from_minute && minute < over.to_minute, "{}", time.wall);
            prop_assert!(over.weekdays.contains(time.wall.weekday()));
            *by_day.entry(time.wall.date()).or_insert(0_u32) += 1;
        }
        prop_assert!(by_day.len() <= days as usize);
        let (most, least) = (by_day.values().max(), by_day.values().min());
        if let (Some(most), Some(least)) = (most, least) {
            prop_assert!(most - least <= 1, "{by_day:?}");
        }
    }

    #[test]
    fn no_post_is_left_on_a_weekend_and_others_stay(times in times()) {
        for to in [WeekendMove::Friday, WeekendMove::Monday, WeekendMove::Nearest] {
            let after = out_of_weekend(&times, to).expect("within the years");
            for (before, after) in times.iter().zip(&after) {
                prop_assert!(after.wall.weekday() <= 5);
                prop_assert!(before.wall.weekday() > 5 || before == after);
            }
        }
    }

    #[test]
    fn another_zone_keeps_the_instant_or_the_time_of_day(times in times(), name in 0..ZONES.len()) {
        let to = zone(ZONES[name]);
        prop_assert_eq!(walls(&to_zone(&times, &to, false)), walls(&times));
        prop_assert_eq!(instants(&to_zone(&times, &to, true)), instants(&times));
    }

    #[test]
    fn a_date_keeps_the_time_of_day(times in times()) {
        let after = set_date(&times, wall("2028-02-29 00:00")).expect("set");
        for (before, after) in times.iter().zip(&after) {
            prop_assert_eq!(after.wall.date(), "2028-02-29");
            prop_assert_eq!(after.wall.to_string()[10..].to_owned(), before.wall.to_string()[10..].to_owned());
        }
    }
}
