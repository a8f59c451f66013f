use proptest::prelude::*;

use super::*;

/// Tuesday 2027-03-02, 10:03 in Kolkata.
const NOW: &str = "2027-03-02 10:03";

fn meant_at(now: &str, text: &str, usual: Option<(i8, i8)>) -> Result<Meaning, NotUnderstood> {
    let zone = Zone::parse("Asia/Kolkata").unwrap();
    let at = resolve(&WallTime::parse(now).unwrap(), &zone).instant;
    read(text, Now { at, zone: &zone, usual })
}

fn wall(text: &str) -> String {
    match meant_at(NOW, text, None) {
        Ok(Meaning::At { wall, .. }) => wall.to_string(),
        Ok(Meaning::NextSlot) => "next slot".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_people_type_is_read_and_lies_ahead() {
    for (text, meant) in [
        ("tue 9", "2027-03-09 09:00"),
        ("tue 11", "2027-03-02 11:00"),
        ("Tuesday at 18:30", "2027-03-02 18:30"),
        ("fri 9", "2027-03-05 09:00"),
        ("next fri 9am", "2027-03-12 09:00"),
        ("this friday", "2027-03-05 09:00"),
        ("tomorrow 18:30", "2027-03-03 18:30"),
        ("tomorrow", "2027-03-03 09:00"),
        ("tmrw noon", "2027-03-03 12:00"),
        ("today 9", "2027-03-02 09:00"),
        ("tonight", "2027-03-02 20:00"),
        ("tonight 21:15", "2027-03-02 21:15"),
        ("this evening", "2027-03-02 18:00"),
        ("9", "2027-03-03 09:00"),
        ("11", "2027-03-02 11:00"),
        ("1845", "2027-03-02 18:45"),
        ("9:30 pm", "2027-03-02 21:30"),
        ("12am", "2027-03-03 00:00"),
        ("12 pm", "2027-03-02 12:00"),
        ("midnight", "2027-03-03 00:00"),
        ("fri midnight", "2027-03-06 00:00"),
        ("noon tomorrow", "2027-03-03 12:00"),
        ("day after tomorrow 8", "2027-03-04 08:00"),
        ("next week", "2027-03-09 09:00"),
        ("next month 7:00", "2027-04-02 07:00"),
    ] {
        assert_eq!(wall(text), meant, "{text}");
    }
}

#[test]
fn a_distance_is_counted_from_now_to_the_minute() {
    for (text, meant) in [
        ("in 3h", "2027-03-02 13:03"),
        ("in 3 hours", "2027-03-02 13:03"),
        ("+45m", "2027-03-02 10:48"),
        ("90 min", "2027-03-02 11:33"),
        ("in 1h30", "2027-03-02 11:33"),
        ("in 1 hour and 5 minutes", "2027-03-02 11:08"),
        ("in half an hour", "2027-03-02 10:33"),
        ("in an hour", "2027-03-02 11:03"),
        ("in 2 days", "2027-03-04 09:00"),
        ("in 2 days at 18:30", "2027-03-04 18:30"),
        ("2w 7:15", "2027-03-16 07:15"),
        ("in a month", "2027-04-02 09:00"),
    ] {
        assert_eq!(wall(text), meant, "{text}");
    }
    let late = meant_at("2027-03-02 10:03:20", "in 5m", None);
    let on_the_minute = WallTime::parse("2027-03-02 10:09").unwrap();
    assert!(matches!(late, Ok(Meaning::At { wall, .. }) if wall == on_the_minute), "{late:?}");
}

#[test]
fn a_date_is_read_in_the_forms_that_mean_one_day() {
    for (text, meant) in [
        ("31 dec 18:45", "2027-12-31 18:45"),
        ("31 Dec", "2027-12-31 09:00"),
        ("dec 31 1845", "2027-12-31 18:45"),
        ("December 31st, 2028 9am", "2028-12-31 09:00"),
        ("1 feb", "2028-02-01 09:00"),
        ("Fri 31 Dec, 18:45", "2027-12-31 18:45"),
        ("Sun 31 Dec 2028, 09:00", "2028-12-31 09:00"),
        ("29 feb 10", "2028-02-29 10:00"),
        ("31.12. 9", "2027-12-31 09:00"),
        ("31.12.2028 9.30", "2028-12-31 09:30"),
        ("31/12", "2027-12-31 09:00"),
        ("12/31 8", "2027-12-31 08:00"),
        ("2027-12-31", "2027-12-31 09:00"),
        ("2027-12-31 18:45", "2027-12-31 18:45"),
        ("2027-12-31T18:45:30", "2027-12-31 18:45:30"),
        ("2027-12-31T18:45:00Z", "2028-01-01 00:15"),
        ("the 5th 10", "2027-03-05 10:00"),
        ("1st", "2027-04-01 09:00"),
    ] {
        assert_eq!(wall(text), meant, "{text}");
    }
}

#[test]
fn the_next_slot_is_the_caller_s_to_know() {
    for text in ["next slot", "Next free slot", "slot", "next free", "next posting time"] {
        assert_eq!(meant_at(NOW, text, None), Ok(Meaning::NextSlot), "{text}");
    }
}

#[test]
fn a_day_alone_keeps_the_time_that_the_field_showed() {
    let meant = meant_at(NOW, "fri", Some((18, 45)));
    let expected = WallTime::parse("2027-03-05 18:45").unwrap();
    assert!(matches!(meant, Ok(Meaning::At { wall, .. }) if wall == expected), "{meant:?}");
}

#[test]
fn what_is_no_time_is_named() {
    for (text, said) in [
        ("", "no time yet"),
        ("soon", "\"soon\" is no time"),
        ("fri maybe", "\"maybe\" is no time"),
        ("25:00", "\"25:00\" is no time"),
        ("13pm", "\"13pm\" is no time"),
        ("31 feb", "no such day"),
        ("3/4", "may be two days"),
        ("in", "how far"),
        ("in 3h at 9", "not both"),
        ("in 999999 days", "too far"),
    ] {
        assert!(wall(text).contains(said), "{text}: {}", wall(text));
    }
}

#[test]
fn a_time_that_clocks_skip_is_the_first_after_it() {
    let zone = Zone::parse("Europe/Berlin").unwrap();
    let at = resolve(&WallTime::parse("2027-03-27 12:00").unwrap(), &zone).instant;
    let meant = read("tomorrow 2:30", Now { at, zone: &zone, usual: None }).unwrap();
    let first = resolve(&WallTime::parse("2027-03-28 03:00").unwrap(), &zone).instant;
    assert!(matches!(meant, Meaning::At { at, .. } if at == first), "{meant:?}");
}

proptest! {
    #[test]
    fn no_words_make_the_parser_panic(
        text in "([a-z]{1,9}|[0-9]{1,5}|[0-9:./+-]{1,8}|next|in|fri|dec|am| ){0,8}|\\PC{0,40}",
    ) {
        let _ = meant_at(NOW, &text, None);
    }

    #[test]
    fn a_wall_time_as_the_store_writes_it_is_itself(
        days in 0_i64..3_000, minutes in 0_i64..1_440,
    ) {
        let day = WallTime::parse(NOW).unwrap().plus_days(days).unwrap();
        let written = day.at_time_of_day(0, 0, 0).unwrap().plus_seconds(minutes * 60).unwrap();
        prop_assert_eq!(wall(&written.to_string()), written.to_string());
    }

    #[test]
    fn a_day_of_the_week_is_that_day_within_a_week(weekday in 0_usize..7, hour in 0_i8..24) {
        let name = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][weekday];
        let Ok(Meaning::At { wall, .. }) = meant_at(NOW, &format!("{name} {hour}"), None) else {
            panic!("{name} {hour}")
        };
        let now = WallTime::parse(NOW).unwrap();
        prop_assert_eq!(usize::try_from(wall.weekday()).unwrap(), weekday + 1);
        prop_assert!(wall > now && wall.seconds_since(now) <= 7 * 86_400);
    }
}
