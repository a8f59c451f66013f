//! What a cell says of a moment: every style that people's files have, and what is none.

use std::sync::LazyLock;

use proptest::prelude::*;
use roost_core::failure::Code;
use roost_import::table::{Cell, Kind};
use roost_import::time::order::OrderEvidence;
use roost_import::time::{
    DateOrder, DateRules, NumberDates, Place, SCHEMA_PATTERN, TimeReading, Trouble, join, read,
    read_text,
};

const WHOLE: DateRules = DateRules { place: Place::Whole, order: None, numbers: None };
const TIME: DateRules = DateRules { place: Place::Time, order: None, numbers: None };
const DATE: DateRules = DateRules { place: Place::Date, order: None, numbers: None };

/// Returns what a text is read as, or why it is no moment.
fn shown(text: &str, rules: DateRules) -> String {
    let reading = read_text(text, rules);
    reading.canonical().unwrap_or_else(|| match reading.explain(text) {
        Some(explanation) => explanation.message,
        None => "nothing".to_owned(),
    })
}

fn explained(text: &str) -> roost_import::time::Explanation {
    read_text(text, WHOLE).explain(text).unwrap_or_else(|| panic!("{text} is a moment"))
}

#[test]
fn every_style_of_one_moment_is_the_same_wall_time() {
    for text in [
        "2027-03-01 09:00",
        "2027-03-01T09:00",
        "2027-03-01t09:00:00",
        "2027-03-01 9:00",
        "2027-3-1 9:00",
        "2027/03/01 09:00",
        "2027.03.01 09:00",
        "2027-03-01 09:00:00.000",
        "2027-03-01 9:00 AM",
        "2027-03-01 9:00am",
        "2027-03-01 9:00 a.m.",
        "2027-03-01 9:00 a. m.",
        "2027-03-01, 09:00",
        "2027-03-01 at 9 am",
        "2027-03-01 | 09:00",
        "2027-03-01 9h00",
        "2027-03-01 9 Uhr",
        "20270301T0900",
        "202703010900",
        "March 1, 2027 9:00 AM",
        "March 1, 2027, 9:00\u{202f}AM",
        "March 1st, 2027 at 9:00 AM",
        "Mar 1 2027 9am",
        "Monday, March 1, 2027 9:00 AM",
        "Mon Mar 1 2027 09:00:00",
        "1 March 2027 09:00",
        "1 Mar 2027 09:00",
        "1-Mar-2027 09:00",
        "1/Mar/2027 09:00",
        "1-Mar-27 9:00",
        "1st of March 2027, 9:00",
        "2027 March 1 09:00",
        "9:00 AM, March 1, 2027",
        "1. März 2027 09:00",
        "Montag, 1. März 2027 um 9:00 Uhr",
        "Mo., 1. März 2027, 9.00 Uhr",
        "1er mars 2027 à 9h00",
        "lundi 1 mars 2027 09:00",
        "lun. 1 mars 2027 9 h 00",
        "1 de marzo de 2027 a las 9:00",
        "1 de março de 2027 às 9:00",
        "1 marzo 2027 ore 9:00",
        "mar 1 mars 2027 09:00".trim_start_matches("mar "),
        "1 maart 2027 om 9:00",
        "1 marca 2027 o 9:00",
        "1 марта 2027 г. в 9:00",
        "2027年3月1日 9:00",
        "2027年3月1日(月) 午前9時00分",
        "2027年3月1日上午9点",
        "2027년 3월 1일 오전 9:00",
        "２０２７／０３／０１　０９：００",
        "'2027-03-01 09:00",
    ] {
        assert_eq!(shown(text, WHOLE), "2027-03-01 09:00", "{text}");
    }
}

#[test]
fn an_offset_however_it_is_written_makes_an_instant_and_is_kept() {
    for (text, canonical) in [
        ("2027-03-01T09:00:00Z", "2027-03-01T09:00:00Z"),
        ("2027-03-01 09:00 z", "2027-03-01T09:00:00Z"),
        ("2027-03-01 09:00:00 UTC", "2027-03-01T09:00:00Z"),
        ("2027-03-01 09:00 (UTC)", "2027-03-01T09:00:00Z"),
        ("2027-03-01T09:00:00+01:00", "2027-03-01T09:00:00+01:00"),
        ("2027-03-01T09:00:00+0100", "2027-03-01T09:00:00+01:00"),
        ("2027-03-01 09:00:00 +01:00", "2027-03-01T09:00:00+01:00"),
        ("2027-03-01 09:00+1", "2027-03-01T09:00:00+01:00"),
        ("2027-03-01 09:00 −05:00", "2027-03-01T09:00:00-05:00"),
        ("March 1, 2027 9:00 AM (GMT+5:30)", "2027-03-01T09:00:00+05:30"),
        ("March 1, 2027 9:00 AM (GMT+1)", "2027-03-01T09:00:00+01:00"),
        ("Mon Mar 01 2027 09:00:00 GMT+0530 (India Standard Time)", "2027-03-01T09:00:00+05:30"),
        ("Mon, 01 Mar 2027 09:00:00 +0000", "2027-03-01T09:00:00+00:00"),
        ("Mon Mar 01 09:00:00 +0000 2027", "2027-03-01T09:00:00+00:00"),
        ("2027-03-01T09:00:00+01:00[Europe/Berlin]", "2027-03-01T09:00:00+01:00"),
    ] {
        let reading = read_text(text, WHOLE);
        let TimeReading::Instant(instant) = reading else { panic!("{text}: {reading:?}") };
        assert_eq!(instant.wall.to_string(), "2027-03-01 09:00", "{text}");
        assert_eq!(reading.canonical().as_deref(), Some(canonical), "{text}");
        let expected = canonical.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        assert_eq!(instant.at.0, expected, "{text}");
    }
}

#[test]
fn a_fraction_of_a_second_is_rounded_up_to_the_next_whole_one() {
    assert_eq!(shown("2027-03-01T09:00:00.001Z", WHOLE), "2027-03-01T09:00:00Z");
    let TimeReading::Instant(instant) = read_text("2027-03-01T09:00:00.001Z", WHOLE) else {
        panic!("no instant")
    };
    assert_eq!(instant.at.to_string(), "2027-03-01T09:00:01Z");
    assert_eq!(shown("2027-03-01 09:00:00.5", WHOLE), "2027-03-01 09:00:01");
    assert_eq!(shown("2027-12-31 23:59:59.5", WHOLE), "2028-01-01 00:00");
}

#[test]
fn a_zone_that_the_cell_names_is_handed_on_as_it_is_written() {
    for (text, zone) in [
        ("March 1, 2027 9:00 AM (IST)", "IST"),
        ("2027-03-01 09:00 EST", "EST"),
        ("2027-03-01 09:00 GMT", "GMT"),
        ("2027-03-01 09:00 Europe/Berlin", "Europe/Berlin"),
        ("2027-03-01 9:00 AM America/New_York", "America/New_York"),
        ("March 1, 2027 9:00 AM (Eastern Time)", "Eastern Time"),
        ("2027年3月1日 9:00 JST", "JST"),
    ] {
        match read_text(text, WHOLE) {
            TimeReading::Zoned(wall, named) => {
                assert_eq!(
                    (wall.to_string().as_str(), named),
                    ("2027-03-01 09:00", zone),
                    "{text}"
                );
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn day_and_month_are_never_guessed() {
    for (text, day_first, month_first) in [
        ("03/04/2027 09:00", "2027-04-03", "2027-03-04"),
        ("3-4-2027 09:00", "2027-04-03", "2027-03-04"),
        ("03.04.2027 09:00", "2027-04-03", "2027-03-04"),
        ("3/4/27 9:00", "2027-04-03", "2027-03-04"),
    ] {
        let TimeReading::Unordered(dates) = read_text(text, WHOLE) else { panic!("{text}") };
        let both = [dates.day_first, dates.month_first].map(|day| day.unwrap().to_string());
        assert_eq!(both, [day_first, month_first], "{text}");
        let explanation = explained(text);
        assert_eq!(explanation.code, Code::DateOrderUnclear);
        assert!(explanation.message.contains(&format!("{day_first} 09:00 or {month_first} 09:00")));
        let ordered = |order| shown(text, DateRules { order: Some(order), ..WHOLE });
        assert_eq!(ordered(DateOrder::DayMonthYear), format!("{day_first} 09:00"));
        assert_eq!(ordered(DateOrder::MonthDayYear), format!("{month_first} 09:00"));
    }
}

#[test]
fn a_date_that_can_be_read_one_way_only_is_read_that_way() {
    for (text, date) in [
        ("25/03/2027 09:00", "2027-03-25 09:00"),
        ("03/25/2027 09:00", "2027-03-25 09:00"),
        ("3/25/27 9:00", "2027-03-25 09:00"),
        ("05/05/2027 09:00", "2027-05-05 09:00"),
        ("31.12.2027 23:59", "2027-12-31 23:59"),
    ] {
        assert_eq!(shown(text, WHOLE), date, "{text}");
    }
    // A date of 2027, or one of 2025 that begins with its year.
    assert!(matches!(read_text("25/03/27 09:00", WHOLE), TimeReading::Unordered(_)));
    let day_first = DateRules { order: Some(DateOrder::DayMonthYear), ..WHOLE };
    assert_eq!(shown("25/03/27 09:00", day_first), "2027-03-25 09:00");
    // What contradicts its column is none of its dates.
    let month_first = DateRules { order: Some(DateOrder::MonthDayYear), ..WHOLE };
    assert!(shown("25/03/2027 09:00", month_first).contains("have the month first"));
}

#[test]
fn a_column_decides_the_order_by_its_own_dates_or_not_at_all() {
    let order = |texts: &[&str]| {
        let mut evidence = OrderEvidence::default();
        texts.iter().for_each(|text| evidence.note(text));
        evidence.order()
    };
    assert_eq!(order(&["03/04/2027", "25/04/2027 09:00"]), Some(DateOrder::DayMonthYear));
    assert_eq!(order(&["03/04/2027", "04/25/2027"]), Some(DateOrder::MonthDayYear));
    assert_eq!(order(&["03/04/2027", "05.06.2027"]), Some(DateOrder::Unclear));
    assert_eq!(order(&["25/04/2027", "04/25/2027"]), Some(DateOrder::Unclear));
    assert_eq!(order(&["2027-03-04", "March 4, 2027", "", "soon"]), None);
    assert_eq!(order(&["05/05/2027"]), None);
}

#[test]
fn a_number_is_recognised_and_shown_and_taken_once_the_column_says_so() {
    for (text, kind, means, looks) in [
        ("46447.375", NumberDates::Serial1900, "2027-03-01 09:00", "from a spreadsheet"),
        ("46447,375", NumberDates::Serial1900, "2027-03-01 09:00", "from a spreadsheet"),
        ("46447", NumberDates::Serial1900, "2027-03-01", "from a spreadsheet"),
        ("0.375", NumberDates::Serial1900, "09:00", "from a spreadsheet"),
        ("1803891600", NumberDates::EpochSeconds, "2027-03-01 09:00 UTC", "seconds since 1970"),
        (
            "1803891600000",
            NumberDates::EpochMillis,
            "2027-03-01 09:00 UTC",
            "milliseconds since 1970",
        ),
    ] {
        for cell in [Cell { kind: Kind::Text, text }, Cell { kind: Kind::Number, text }] {
            let TimeReading::Number(number) = read(cell, WHOLE) else { panic!("{text}") };
            assert_eq!((number.kind, number.means.to_string().as_str()), (kind, means), "{text}");
        }
        let explanation = explained(text);
        assert_eq!(explanation.code, Code::NumberIsNoDate);
        assert!(
            explanation.message.contains(&format!("{text} looks like {means}")),
            "{explanation:?}"
        );
        assert!(explanation.message.contains(looks), "{explanation:?}");
        let taken = shown(text, DateRules { numbers: Some(kind), ..WHOLE });
        assert_eq!(
            taken,
            means.replace(" UTC", ":00Z").replacen(
                ' ',
                if means.ends_with('C') { "T" } else { " " },
                1
            )
        );
    }
    let remedy = explained("46447.375").remedy;
    assert_eq!(
        remedy,
        "Read the column's numbers as dates of a spreadsheet, or write 2027-03-01 09:00."
    );
}

#[test]
fn the_serials_of_an_old_mac_begin_four_years_later() {
    let old = DateRules { numbers: Some(NumberDates::Serial1904), ..WHOLE };
    assert_eq!(shown("44985.375", old), "2027-03-01 09:00");
    assert_eq!(
        shown("1803891600", old),
        "\"1803891600\" is no date and time: the column's numbers are \
        read as dates of a spreadsheet that counts from 1904, and it is none."
    );
}

#[test]
fn a_serial_is_the_nearest_second_whatever_a_double_makes_of_it() {
    let rules = DateRules { numbers: Some(NumberDates::Serial1900), ..WHOLE };
    for minute in 0..24 * 60 {
        let text = format!("{}", 46447.0 + f64::from(minute) / 1440.0);
        let expected = match minute {
            0 => "2027-03-01".to_owned(),
            _ => format!("2027-03-01 {:02}:{:02}", minute / 60, minute % 60),
        };
        assert_eq!(shown(&text, rules), expected, "{text}");
    }
}

#[test]
fn what_is_only_half_of_a_moment_is_named_as_that_half() {
    for (text, code) in [
        ("2027-03-01", Code::TimeOfDayMissing),
        ("March 1, 2027", Code::TimeOfDayMissing),
        ("20270301", Code::TimeOfDayMissing),
        ("09:00", Code::DateMissing),
        ("9:00 PM", Code::DateMissing),
        ("1899-12-30 09:00:00", Code::DateMissing),
        ("1899-12-30T09:00:00.000Z", Code::DateMissing),
        ("1899-12-30T14:21:10.000Z", Code::DateMissing),
        ("1900-01-00 09:00:00", Code::DateMissing),
        ("1904-01-01 09:00:00", Code::DateMissing),
    ] {
        assert_eq!(explained(text).code, code, "{text}: {:?}", explained(text));
    }
    let message = explained("1899-12-30T09:00:00.000Z").message;
    assert!(message.contains("only a time stood in the cell"), "{message}");
    assert_eq!(explained("2027-03-01").remedy, "Add the time, such as 2027-03-01 09:00.");
}

#[test]
fn what_is_no_moment_is_refused_with_what_is_wrong() {
    for (text, part) in [
        ("2027-02-30 09:00", "February 2027 has 28 days; there is no day 30"),
        ("2027-04-31T09:00:00Z", "April 2027 has 30 days"),
        ("30/02/2027 09:00", "February 2027 has 28 days; there is no day 30"),
        ("2027-13-01 09:00", "there is no month 13"),
        ("25/13/2027 09:00", "there is no month"),
        ("2027-03-01 24:00", "midnight is 00:00 of the next day"),
        ("2027-03-01 25:00", "there is no hour 25"),
        ("2027-03-01 09:60", "there is no minute 60"),
        ("2027-03-01 09:00:60", "there is no second 60"),
        ("2027-03-01 9:5", "minutes have two digits"),
        ("2027-03-01 0:30 PM", "no hour 0"),
        ("2027-03-01 13:00 AM", "no hour 13"),
        ("20270-03-01 09:00", "the year 20270 is too far away"),
        ("03/01/20270 09:00", "the year 20270 is too far away"),
        ("March 1, 20270 9:00 AM", "the year 20270 is too far away"),
        ("0000-00-00 00:00:00", "what an empty date becomes"),
        ("1970-01-01T00:00:00Z", "what an empty date becomes"),
        ("0001-01-01 00:00:00", "what an empty date becomes"),
        ("1899-12-30", "what an empty date becomes"),
        ("null", "stands for no date"),
        ("N/A", "stands for no date"),
        ("TBD", "stands for no date"),
        ("Invalid date", "stands for no date"),
        ("#VALUE!", "formula"),
        ("########", "too narrow"),
        ("next Friday at 2 PM", "only from the day"),
        ("tomorrow 9:00", "only from the day"),
        ("Monday 9:00", "only from the day"),
        ("morgen um 9", "only from the day"),
        ("March 1, 9:00 AM", "the year is missing"),
        ("01.03. 09:00", "the year is missing"),
        ("3/1 9:00", "the year is missing"),
        ("March 2027", "the day is missing"),
        ("Tuesday, March 1, 2027 9:00", "2027-03-01 is a Monday, not a Tuesday"),
        ("2027-03-01T09:00:00+99:00", "no such offset"),
        ("2027-03-01T09:00:00+05:75", "no such offset"),
        ("March 1, 2027 9:00 AM (GMT+1) → 9:30 AM", "a span of time"),
        ("2027-03-01 09:00 - 10:00", "a span of time"),
        ("9:00 AM to 10:00 AM", "no style"),
        ("soonish", "no style"),
        ("2027-03-01 09:00 or so", "no style"),
        ("2027-03-01 09:00 09:30", "no style"),
        ("12", "looks like none"),
        ("-5", "looks like none"),
        ("99999999999999999999", "looks like none"),
        (&"9".repeat(10_000), "no style"),
    ] {
        let message = explained(text).message;
        assert!(message.contains(part), "{text}: {message}");
        assert!(message.len() < 250, "{message}");
    }
}

#[test]
fn a_remedy_says_what_to_write_where_only_one_thing_can_be_meant() {
    for (text, instead) in [
        ("2027-12-31 24:00", "2028-01-01 00:00"),
        ("March 2, 2027 9:00 AM (GMT+1) → 9:30 AM", "2027-03-02T09:00:00+01:00"),
        ("March 2, 2027 9:00 AM → March 3, 2027", "2027-03-02 09:00"),
        ("46447.375", "2027-03-01 09:00"),
        ("1803891600", "2027-03-01T09:00:00Z"),
    ] {
        let explanation = explained(text);
        assert_eq!(explanation.suggestion.as_deref(), Some(instead), "{text}");
        assert!(explanation.remedy.contains(instead), "{text}: {explanation:?}");
        assert_eq!(read_text(instead, WHOLE).code(), None, "{instead}");
    }
    for text in ["2027-02-30 09:00", "03/04/2027 09:00", "soon", "N/A", "09:00"] {
        assert_eq!(explained(text).suggestion, None, "{text}");
    }
}

#[test]
fn a_column_of_dates_and_one_of_times_make_one_moment() {
    let joined = |date, time| {
        let reading = join(read_text(date, DATE), read_text(time, TIME));
        let told = reading.explain(date).map(|told| told.message);
        told.or_else(|| reading.canonical()).unwrap_or_default()
    };
    for (date, time, moment) in [
        ("2027-03-01", "09:00 AM", "2027-03-01 09:00"),
        ("March 1, 2027", "9pm", "2027-03-01 21:00"),
        ("2027-03-01", "0930", "2027-03-01 09:30"),
        ("2027-03-01", "9.30", "2027-03-01 09:30"),
        ("2027-03-01", "9:00 AM (GMT+1)", "2027-03-01T09:00:00+01:00"),
        ("2027-03-01", "9:00 EST", "2027-03-01 09:00 EST"),
        ("2027-03-01 00:00:00", "09:00:00", "2027-03-01 09:00"),
        ("2027-03-01T00:00:00.000Z", "09:00", "2027-03-01 09:00"),
        ("2027-03-01", "1899-12-30 09:00:00", "2027-03-01 09:00"),
        ("2027-03-01 09:00", "09:00", "2027-03-01 09:00"),
        ("2027-03-01 09:00", "09:00 EST", "2027-03-01 09:00 EST"),
        ("2027-03-01", "2027-03-01 09:00", "2027-03-01 09:00"),
        ("2027-03-01 09:00", "", "2027-03-01 09:00"),
    ] {
        assert_eq!(joined(date, time), moment, "{date} + {time}");
    }
    for (date, time, part) in [
        ("2027-03-01", "", "without a time of day"),
        ("", "09:00", "Only a time stood in the cell"),
        ("2027-03-01", "25:00", "no hour 25"),
        ("2027-02-30", "09:00", "no day 30"),
        ("2027-03-01 08:00", "09:00", "another time"),
        ("2027-03-01", "2027-03-02 09:00", "a date stands in the column of times"),
        ("03/04/2027", "09:00", "may be 2027-04-03 09:00 or 2027-03-04 09:00"),
        ("2027-03-01", "09:00 - 10:00", "a span"),
        ("2027-03-01", "1899-12-30T03:38:50.000Z", "only a time"),
    ] {
        assert!(joined(date, time).contains(part), "{date} + {time}: {}", joined(date, time));
    }
    assert_eq!(join(TimeReading::Empty, TimeReading::Empty), TimeReading::Empty);
}

#[test]
fn a_cell_that_is_no_text_is_said_to_be_none() {
    for (kind, part) in
        [(Kind::Bool, "true or false"), (Kind::List, "a list"), (Kind::Object, "object")]
    {
        let reading = read(Cell { kind, text: "[1]" }, WHOLE);
        assert!(reading.explain("[1]").unwrap().message.contains(part), "{kind:?}");
    }
    assert_eq!(read(Cell { kind: Kind::Text, text: " \n" }, WHOLE), TimeReading::Empty);
    let workbook = read(Cell { kind: Kind::Date, text: "2027-03-01 09:00:00" }, WHOLE);
    assert_eq!(workbook.canonical().as_deref(), Some("2027-03-01 09:00"));
}

#[test]
fn no_word_that_begins_a_sentence_is_taken_for_a_part_of_a_date() {
    for text in
        ["May the 4th be with you", "Sat down at 9:00", "March on 2027", "so 9:00", "on", "T", "Z"]
    {
        let reading = read_text(text, WHOLE);
        assert!(matches!(reading, TimeReading::Invalid(_)), "{text}: {reading:?}");
    }
    assert_eq!(read_text("", WHOLE), TimeReading::Empty);
    assert!(matches!(read_text("9", TIME), TimeReading::Invalid(Trouble::Number)));
}

/// Texts near the pattern of the schema: most match it, some do not.
fn near_the_schema() -> impl Strategy<Value = String> {
    let number = |most: u32| {
        (0..=most).prop_flat_map(|n| prop_oneof![Just(format!("{n}")), Just(format!("{n:02}"))])
    };
    let date =
        (1995_u32..2105, prop_oneof!["-", "/"], number(13), prop_oneof!["-", "/"], number(32))
            .prop_map(|(year, one, month, two, day)| format!("{year}{one}{month}{two}{day}"));
    let clock = (number(25), number(61), prop_oneof!["", ":00", ":59", ":30.5", ":7", ".5"])
        .prop_map(|(hour, minute, rest)| format!("{hour}:{minute}{rest}"));
    let half = prop_oneof!["", "", " AM", " pm", "PM", " a"];
    let tail = prop_oneof![
        "",
        "Z",
        " Z",
        "z",
        "UTC",
        " UTC",
        r"[+-]0[0-9]:[0-5]0",
        r" [+-]1[0-9]:00",
        r"\+0[0-9]30",
        r"\+[0-9]",
        r"\+18:00",
        "-18:30",
        r"\+05:75",
        " GMT",
        r"\+"
    ];
    (date, prop_oneof![" ", "T", "  ", ""], clock, half, tail).prop_map(
        |(date, between, clock, half, tail)| format!("{date}{between}{clock}{half}{tail}"),
    )
}

fn matches_schema(text: &str) -> bool {
    static SCHEMA: LazyLock<(boon::Schemas, boon::SchemaIndex)> = LazyLock::new(schema);
    SCHEMA.0.validate(&serde_json::Value::String(text.to_owned()), SCHEMA.1).is_ok()
}

fn schema() -> (boon::Schemas, boon::SchemaIndex) {
    let mut compiler = boon::Compiler::new();
    let pattern = serde_json::json!({ "type": "string", "pattern": SCHEMA_PATTERN });
    compiler.add_resource("urn:when", pattern).unwrap();
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile("urn:when", &mut schemas).unwrap();
    (schemas, index)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_the_schema_lets_through_is_read_unless_there_is_no_such_date(text in near_the_schema()) {
        if matches_schema(&text) {
            let reading = read_text(&text, WHOLE);
            let is_fine = match reading {
                TimeReading::Wall(_) | TimeReading::Instant(_) => true,
                TimeReading::Invalid(trouble) => matches!(trouble, Trouble::NoSuchDay { .. }),
                _ => false,
            };
            prop_assert!(is_fine, "{text}: {reading:?}");
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(
        text in r"[0-9T:+.Zz /→年月日時午前AMPamp,()-]{0,32}|\PC{0,40}|[0-9]{1,4}[-/. ][0-9a-zA-Zä]{1,9}[-/. ,]{1,2}[0-9]{1,5}\PC{0,16}"
    ) {
        for rules in [WHOLE, DATE, TIME] {
            for numbers in [None, Some(NumberDates::Serial1900), Some(NumberDates::EpochMillis)] {
                for order in [None, Some(DateOrder::DayMonthYear), Some(DateOrder::Unclear)] {
                    let reading = read_text(&text, DateRules { numbers, order, ..rules });
                    let told = reading.explain(&text);
                    prop_assert_eq!(told.is_some(), reading.code().is_some());
                    if let Some(told) = told {
                        prop_assert!(told.message.ends_with('.') && told.remedy.ends_with('.'));
                    }
                }
            }
        }
        OrderEvidence::default().note(&text);
    }

    #[test]
    fn a_moment_reads_back_as_it_is_written(
        seconds in 0_i64..7_258_118_400, offset in -18_i16 * 60..=18 * 60,
    ) {
        let zone = chrono::FixedOffset::east_opt(i32::from(offset) * 60).unwrap();
        let text = chrono::DateTime::from_timestamp(seconds, 0).unwrap().with_timezone(&zone);
        let text = text.to_rfc3339();
        let reading = read_text(&text, WHOLE);
        let TimeReading::Instant(instant) = reading else { panic!("{text}: {reading:?}") };
        prop_assert_eq!((instant.at.0, instant.offset_minutes), (seconds * 1000, offset));
        let again = reading.canonical().unwrap();
        prop_assert!(matches_schema(&text) && matches_schema(&again), "{text}, {again}");
        prop_assert_eq!(read_text(&again, WHOLE).canonical(), Some(again));
        let wall = instant.wall.to_string();
        prop_assert!(matches_schema(&wall), "{wall}");
        prop_assert_eq!(read_text(&wall, WHOLE), TimeReading::Wall(instant.wall));
    }

    #[test]
    fn an_ordered_date_is_the_same_in_every_style(
        year in 2000_i16..2100, month in 1_i8..=12, day in 1_i8..=28, hour in 0_i8..24, minute in 0_i8..60,
    ) {
        let expected = format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}");
        let with = |order| DateRules { order: Some(order), ..WHOLE };
        let clock = format!("{hour}:{minute:02}");
        let half = format!("{}:{minute:02} {}", (hour + 11) % 12 + 1, if hour < 12 { "AM" } else { "PM" });
        for clock in [clock, half] {
            for mark in ['/', '.', '-'] {
                let day_first = format!("{day}{mark}{month}{mark}{year} {clock}");
                prop_assert_eq!(shown(&day_first, with(DateOrder::DayMonthYear)), expected.clone());
                let month_first = format!("{month:02}{mark}{day:02}{mark}{year} {clock}");
                prop_assert_eq!(shown(&month_first, with(DateOrder::MonthDayYear)), expected.clone());
            }
        }
    }
}
