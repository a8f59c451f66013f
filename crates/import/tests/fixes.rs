//! Laws of the fixes: a fix removes its finding and changes nothing else.

use proptest::prelude::*;
use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::limits::{Limits, Subscription};
use roost_core::post::Content;
use roost_core::zone::{WallTime, Zone, resolve};
use roost_import::check::{content, time, zone};
use roost_import::choices::{Choices, UtcTimes};
use roost_import::field::Field;
use roost_import::finding::{Finding, FixId};
use roost_import::fix::{self, Context};
use roost_import::format::Format;
use roost_import::mapping::{ColumnUse, Mapping, RecognisedBy};
use roost_import::row::{Changes, FieldCells};
use roost_import::surroundings::Prices;
use roost_import::table::{Kind, RawTable};

fn findings(texts: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (limits, prices) = (Limits::default(), Prices::default());
    let content = Content::of_texts(texts.iter().copied());
    content::check(&content, &limits, Subscription::None, &prices, &mut findings);
    findings
}

fn codes(text: &str) -> Vec<Code> {
    findings(&[text]).into_iter().map(|finding| finding.problem.code).collect()
}

/// The cells of a row of one column per field.
fn fixed(row: &[(Field, Kind, &str)], fix: FixId, context: &Context<'_>) -> Vec<(Field, String)> {
    let mut table = RawTable::new(Format::Csv);
    table.begin_row(1);
    let mut mapping = Mapping::default();
    for (column, (field, kind, text)) in (0..).zip(row) {
        table.push(column, *kind, text);
        mapping.columns.push(ColumnUse {
            field: Some(*field),
            recognised_by: RecognisedBy::Name,
            ..ColumnUse::default()
        });
    }
    let changes = Changes::default();
    let row = table.row(0).unwrap();
    fix::cells(fix, &FieldCells::of(&row, &mapping, true, &changes), context)
}

fn context(zone: &Zone) -> Context<'_> {
    Context {
        limit: 280,
        zone,
        written_zone: None,
        zone_in_time: false,
        hints: &[],
        wall: None,
        at: None,
        next_free: None,
    }
}

#[test]
fn a_fix_of_a_text_removes_its_finding_and_leaves_the_rest_of_the_text() {
    for (text, fix, meant) in [
        ("Say **hi** &amp; Q&amp;A", FixId::DecodeEntities, "Say **hi** & Q&A"),
        ("<b>Big</b> &amp; bold", FixId::RemoveTags, "Big &amp; bold"),
        ("a\\nb **c**", FixId::DecodeEscapes, "a\nb **c**"),
        ("**a** and &lt;b&gt;", FixId::RemoveMarkdown, "a and &lt;b&gt;"),
        ("Tweet 7: main.py is done", FixId::RemoveLeftover, "main.py is done"),
        ("run deploy.sh &amp; go", FixId::BreakLink, "run deploy .sh &amp; go"),
        ("cafÃ© **now**", FixId::RepairEncoding, "café **now**"),
        ("a\u{feff}b\u{7} &amp;", FixId::RemoveCharacters, "ab &amp;"),
        ("$AAPL and $MSFT, $5", FixId::KeepOneCashtag, "$AAPL and MSFT, $5"),
    ] {
        let offers = |text: &str| {
            let found = findings(&[text]);
            found.iter().any(|finding| finding.fixes.iter().any(|it| it.id == fix))
        };
        let mended = fix::text(fix, text, 280).unwrap();
        assert_eq!(mended, meant);
        assert!(offers(text), "{text}");
        assert!(!offers(&mended), "{mended}");
        let mut left = codes(text);
        left.retain(|code| !codes(&mended).contains(code));
        assert_eq!(left.len(), 1, "{text}: one finding went, {left:?}");
        assert_eq!(fix::text(fix, &mended, 280), None, "a fix of a sound text changes nothing");
    }
}

#[test]
fn a_long_text_is_shortened_or_becomes_a_thread_and_each_post_fits() {
    let zone = Zone::default();
    let long = "A sentence of some words. ".repeat(20);
    let row = [(Field::Content, Kind::Text, long.as_str())];
    let short = fixed(&row, FixId::Shorten, &context(&zone));
    assert_eq!(short[0].0, Field::Content);
    assert_eq!(codes(&short[0].1), []);
    let thread = fixed(&row, FixId::MakeThread, &context(&zone));
    assert_eq!(thread[0], (Field::Content, String::new()));
    let parts: Vec<&str> = thread[1].1.split("\n---\n").collect();
    assert!(parts.len() >= 2);
    // Its parts may be repeats of each other here, and none is too long.
    assert!(findings(&parts).iter().all(|it| it.problem.code == Code::DuplicateContent));
    let numbered = fixed(&row, FixId::MakeNumberedThread, &context(&zone));
    let parts: Vec<&str> = numbered[1].1.split("\n---\n").collect();
    assert!(parts[1].ends_with(&format!(" words. 2/{}", parts.len())), "{parts:?}");
    assert!(findings(&parts).is_empty());
}

#[test]
fn a_list_of_parts_is_mended_part_by_part() {
    let zone = Zone::default();
    let list = r#"["Q&amp;A", "plain", "**x**"]"#;
    let row = [(Field::Thread, Kind::List, list)];
    let cells = fixed(&row, FixId::DecodeEntities, &context(&zone));
    assert_eq!(cells, [(Field::Thread, "Q&A\n---\nplain\n---\n**x**".to_owned())]);
    assert_eq!(fixed(&row, FixId::BreakLink, &context(&zone)), []);
}

#[test]
fn a_time_marked_as_utc_is_read_on_the_clock_of_its_zone_by_row_and_by_file() {
    let new_york = Zone::parse("America/New_York").unwrap();
    let utc = Zone::parse("UTC").unwrap();
    let at = resolve(&WallTime::parse("2027-03-01 09:00").unwrap(), &utc).instant;
    let context = Context { at: Some(at), ..context(&new_york) };
    let row = [(Field::ScheduledAt, Kind::Text, "2027-03-01T09:00:00Z")];
    let cells = fixed(&row, FixId::ReadAsWallTime, &context);
    assert_eq!(cells, [(Field::ScheduledAt, "2027-03-01 09:00".to_owned())]);
    let all = fix::for_all(FixId::ReadAsWallTime, &Choices::default()).unwrap();
    assert_eq!(all, Choices { utc_times: UtcTimes::WallTime, ..Choices::default() });
    assert_eq!(fix::for_all(FixId::DecodeEntities, &Choices::default()), None);
}

#[test]
fn a_citys_zone_is_written_beside_the_time_or_into_its_own_cell() {
    let est = Zone::parse("EST").unwrap();
    let toronto = Zone::parse("America/Toronto").unwrap();
    let hints = [&toronto];
    let wall = WallTime::parse("2027-07-01 09:00").unwrap();
    let mut context =
        Context { written_zone: Some("EST"), hints: &hints, wall: Some(wall), ..context(&est) };
    let row = [(Field::ScheduledAt, Kind::Text, "2027-07-01 09:00 EST")];
    let zone_alone = fixed(&row, FixId::UseZone, &context);
    assert_eq!(zone_alone, [(Field::Timezone, "America/Toronto".to_owned())]);
    context.zone_in_time = true;
    let both = fixed(&row, FixId::UseZone, &context);
    assert_eq!(
        both,
        [
            (Field::ScheduledAt, "2027-07-01 09:00".to_owned()),
            (Field::Timezone, "America/Toronto".to_owned())
        ]
    );
    let mut findings: Vec<Finding> = Vec::new();
    zone::abbreviation(&both[1].1, &hints, &mut findings);
    assert_eq!(findings, []);
}

#[test]
fn a_time_that_clocks_skip_moves_to_either_side_and_exists_there() {
    let berlin = Zone::parse("Europe/Berlin").unwrap();
    let wall = WallTime::parse("2027-03-28 02:30").unwrap();
    let context = Context { wall: Some(wall), ..context(&berlin) };
    let row = [(Field::Date, Kind::Text, "2027-03-28"), (Field::Time, Kind::Text, "02:30")];
    for (fix, clock) in [(FixId::AfterGap, "03:30"), (FixId::BeforeGap, "01:30")] {
        let cells = fixed(&row, fix, &context);
        let expected = [(Field::Date, "2027-03-28".to_owned()), (Field::Time, clock.to_owned())];
        assert_eq!(cells, expected);
        let moved = WallTime::parse(&format!("2027-03-28 {clock}")).unwrap();
        let mut findings: Vec<Finding> = Vec::new();
        assert!(time::clocks(&moved, &berlin, &mut findings).is_some());
        assert_eq!(findings, []);
    }
}

#[test]
fn a_row_moves_to_the_next_free_time_becomes_a_draft_or_is_left_out() {
    let tokyo = Zone::parse("Asia/Tokyo").unwrap();
    let free = resolve(&WallTime::parse("2027-03-01 13:30").unwrap(), &tokyo).instant;
    let context = Context { next_free: Some(free), ..context(&tokyo) };
    let row = [(Field::ScheduledAt, Kind::Text, "2026-01-01 09:00")];
    let moved = fixed(&row, FixId::NextFreeTime, &context);
    assert_eq!(moved, [(Field::ScheduledAt, "2027-03-01 13:30".to_owned())]);
    assert_eq!(fixed(&row, FixId::MakeDraft, &context), [(Field::Draft, "true".to_owned())]);
    assert_eq!(fixed(&row, FixId::LeaveOut, &context), [(Field::Status, "cancelled".to_owned())]);
    assert!(
        time::past(WallTime::parse("2026-01-01 09:00").unwrap(), UnixMillis(0), free).is_some()
    );
}

proptest! {
    #[test]
    fn no_fix_panics_and_a_sound_text_is_never_changed(
        text in "([a-z]{1,8}[ ,.!?\n]|&amp;|<p>|\\\\n|\\*\\*[a-z]+\\*\\*|README\\.md |\\PC){0,40}"
    ) {
        let found = findings(&[&text]);
        for id in FixId::ALL {
            let offered = found.iter().any(|it| it.fixes.iter().any(|fix| fix.id == *id));
            let changes = fix::text(*id, &text, 280).is_some();
            // Shortening trims the end.
            if changes && *id != FixId::Shorten && !text.trim().is_empty() {
                prop_assert!(offered, "{id:?} changes {text:?} without a finding");
            }
        }
    }
}
