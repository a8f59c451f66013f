//! Weekly posting times: read from words, printed, and walked in order over changes of clocks.

use std::collections::BTreeSet;

use proptest::prelude::*;
use roost_core::clock::UnixMillis;
use roost_core::zone::{WallTime, Zone, gap_at, wall_time_of};
use roost_import::slots::{SlotTime, WeeklySchedule, parse, print};
use roost_import::surroundings::WeeklySlot;

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

fn instant(text: &str) -> UnixMillis {
    UnixMillis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

fn schedule(text: &str, name: &str) -> WeeklySchedule {
    WeeklySchedule::new(&parse(text).unwrap(), zone(name))
}

fn walls(slots: &[SlotTime]) -> Vec<String> {
    slots.iter().map(|slot| slot.wall.to_string()).collect()
}

#[test]
fn posting_times_are_read_as_people_write_them() {
    for (text, printed) in [
        ("Mon-Fri 9, 13, 18", "Mon-Fri 9:00, 13:00, 18:00"),
        ("Mon–Fri 9 13 18", "Mon-Fri 9:00, 13:00, 18:00"),
        ("monday to friday at 9am, 1pm and 6 p.m.", "Mon-Fri 9:00, 13:00, 18:00"),
        ("weekdays 09:00, 13:00, 18:00", "Mon-Fri 9:00, 13:00, 18:00"),
        ("Mo-Fr 9.00, 13h, 18h00", "Mon-Fri 9:00, 13:00, 18:00"),
        ("9, 13", "Every day 9:00, 13:00"),
        ("every day 0930", "Every day 9:30"),
        ("daily at noon & midnight", "Every day 0:00, 12:00"),
        ("Mon, Wed, Fri 9; Sat 10:30", "Mon, Wed, Fri 9:00; Sat 10:30"),
        ("Mon 9, Tue 9, Wed 9", "Mon-Wed 9:00"),
        ("Mon 9\nTue 10\nWed 9", "Mon, Wed 9:00; Tue 10:00"),
        ("weekends 10; Mondays 8", "Mon 8:00; Sat, Sun 10:00"),
        ("Sat-Mon 12", "Mon, Sat, Sun 12:00"),
        ("Tue-Tue 12am", "Tue 0:00"),
        ("Mon 9, 9, 9:00; mon 9", "Mon 9:00"),
        ("", ""),
    ] {
        assert_eq!(print(&parse(text).unwrap()), printed, "{text}");
    }
}

#[test]
fn what_is_no_posting_time_is_refused_with_what_to_write() {
    for (text, part) in [
        ("Mon-Fri", "Fri has no time"),
        ("Mon 9; Tue", "Tue has no time"),
        ("Mon 25", "\"25\" is no time: hours go from 0 to 23"),
        ("Mon 24:00", "midnight is 0:00"),
        ("Mon 9:60", "minutes go from 00 to 59"),
        ("Mon 9:5", "minutes have two digits"),
        ("Mon 13pm", "AM and PM go from 1 to 12"),
        ("Mon 9-17", "A span of times is no posting time"),
        ("Mon- 9", "A dash stands between two days"),
        ("Funday 9", "\"Funday\" is no day and no time"),
        ("Mon 9 €", "\"€\" is no day and no time"),
        ("Mon 123456", "write it as 9:30"),
        (&"9 ".repeat(10_000), "too long"),
    ] {
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn the_next_free_times_come_in_order_and_leave_out_what_is_taken() {
    let schedule = schedule("Mon-Fri 9, 13; Sat 10:30", "Europe/Berlin");
    // A Friday.
    let now = instant("2027-03-05T08:00:00Z");
    let all = schedule.next_free(now, |_| false, 4);
    assert_eq!(
        walls(&all),
        ["2027-03-05 13:00", "2027-03-06 10:30", "2027-03-08 09:00", "2027-03-08 13:00"]
    );
    let taken = BTreeSet::from([all[0].at, all[2].at]);
    let free = schedule.next_free(now, |at| taken.contains(&at), 2);
    assert_eq!(walls(&free), ["2027-03-06 10:30", "2027-03-08 13:00"]);
    // A time that is now is no later one.
    assert_eq!(walls(&schedule.next_free(all[0].at, |_| false, 1)), ["2027-03-06 10:30"]);
    assert!(WeeklySchedule::new(&[], zone("UTC")).next_free(now, |_| false, 5).is_empty());
}

#[test]
fn clocks_that_change_move_no_posting_time_on_the_wall() {
    let berlin = schedule("daily 9", "Europe/Berlin");
    let slots = berlin.next_free(instant("2027-03-26T12:00:00Z"), |_| false, 3);
    assert_eq!(walls(&slots), ["2027-03-27 09:00", "2027-03-28 09:00", "2027-03-29 09:00"]);
    let instants: Vec<_> = slots.iter().map(|slot| slot.at.to_string()).collect();
    assert_eq!(instants, ["2027-03-27T08:00:00Z", "2027-03-28T07:00:00Z", "2027-03-29T07:00:00Z"]);
}

#[test]
fn a_time_that_clocks_skip_is_the_first_after_and_one_that_they_show_twice_comes_once() {
    // On 2027-03-14 clocks go from 02:00 to 03:00, on 2027-11-07 from 02:00 back to 01:00.
    let new_york = schedule("Sun 2:15, 2:30, 3", "America/New_York");
    let slots = new_york.next_free(instant("2027-03-13T12:00:00Z"), |_| false, 2);
    assert_eq!(walls(&slots), ["2027-03-14 03:00", "2027-03-21 02:15"]);
    let new_york = schedule("Sun 1:30", "America/New_York");
    let slots = new_york.next_free(instant("2027-11-06T12:00:00Z"), |_| false, 2);
    assert_eq!(slots[0].at.to_string(), "2027-11-07T05:30:00Z");
    assert_eq!(walls(&slots), ["2027-11-07 01:30", "2027-11-14 01:30"]);
}

fn any_slots() -> impl Strategy<Value = Vec<WeeklySlot>> {
    let slot = (1_u8..=7, 0_u8..24, 0_u8..60).prop_map(|(weekday, hour, minute)| WeeklySlot {
        weekday,
        hour,
        minute,
    });
    proptest::collection::vec(slot, 0..30)
}

const ZONES: [&str; 7] = [
    "Asia/Kolkata",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Antarctica/Troll",
    "Africa/Casablanca",
];

proptest! {
    #[test]
    fn printed_times_read_back_as_they_are(slots in any_slots()) {
        let sorted: Vec<_> = BTreeSet::from_iter(slots.iter().copied()).into_iter().collect();
        prop_assert_eq!(parse(&print(&slots)).unwrap(), sorted);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-zA-Z0-9:,;. –-]{0,40}|\\PC{0,40}") {
        if let Ok(slots) = parse(&text) {
            prop_assert_eq!(parse(&print(&slots)).unwrap(), slots);
        }
    }

    #[test]
    fn no_time_comes_twice_all_are_later_in_order_and_stand_on_the_wall_that_was_meant(
        slots in any_slots(),
        place in 0..ZONES.len(),
        from in 1_200_000_000_i64..2_500_000_000,
        n in 0_usize..200,
        taken in 0_u8..4,
    ) {
        let zone = zone(ZONES[place]);
        let schedule = WeeklySchedule::new(&slots, zone.clone());
        let from = UnixMillis::from_seconds(from);
        let is_taken = |at: UnixMillis| at.0 / 60_000 % 4 < i64::from(taken);
        let free = schedule.next_free(from, is_taken, n);
        if !slots.is_empty() && taken == 0 {
            prop_assert_eq!(free.len(), n);
        }
        let mut before = from;
        for slot in &free {
            prop_assert!(slot.at > before);
            prop_assert!(!is_taken(slot.at));
            before = slot.at;
            prop_assert_eq!(wall_time_of(slot.at, &zone), slot.wall);
            let (hour, minute) = (slot.wall.hour().unsigned_abs(), slot.wall.minute().unsigned_abs());
            let is_meant = slots.iter().any(|it| (it.hour, it.minute) == (hour, minute));
            let is_after_gap = [slot.wall, slot.wall.plus_hours(-24)]
                .into_iter()
                .any(|day| slots.iter().any(|it| ends_gap(slot.at, day, *it, &zone)));
            prop_assert!(is_meant || is_after_gap, "{slot:?}");
        }
    }
}

/// Returns whether clocks skip a posting time on the day of `day`, up to the instant `at`.
fn ends_gap(at: UnixMillis, day: WallTime, slot: WeeklySlot, zone: &Zone) -> bool {
    let [hour, minute] = [slot.hour, slot.minute].map(|part| i8::try_from(part).unwrap());
    let wall = WallTime::new(day.year(), day.month(), day.day(), hour, minute, 0).unwrap();
    gap_at(&wall, zone).is_some_and(|gap| gap.instant == at)
}
