//! What real people's files do wrong, each kind with what a person would expect of it.
//!
//! The kinds are those of a collection of public bug reports. `ROOST_IMPORT_QUIRKS` names the folder of
//! its files, which are not ours to keep: without it their test is skipped. A file of the corpus stands
//! for each kind, and its report is compared always.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use roost_core::failure::Code;
use roost_core::post::PastPolicy;
use roost_import::choices::{Choices, ProblemPolicy, UtcTimes};
use roost_import::field::Field;
use roost_import::finding::FixId;
use roost_import::mapping::{DateOrder, Mapping};
use roost_import::session::{Outcome, RowView, Scope, Session};
use roost_import::source::{ReadOptions, read};
use roost_import::surroundings::Surroundings;
use serde_json::Value;

use crate::common::{Posts, There, account, assert_adds_up, ready, views};
use crate::surroundings::{fixed, with_two_accounts};
use crate::{folder, report_path};

/// Where the files of others are.
const FOLDER: &str = "ROOST_IMPORT_QUIRKS";

/// Each kind: its file, and how each of its rows ends with what is found in it while nothing is chosen.
/// What is found in the file as a whole stands behind the rows.
const EXPECTED: &[(&str, &[&str])] = &[
    ("01-code-fence-and-prose.json", &["ready", "ready", "file source_repaired"]),
    ("02-comments-and-trailing-commas.json", &["ready", "ready", "file source_repaired"]),
    ("04-utf8-bom-crlf.json", &["ready"]),
    ("05-utf16le-bom.json", &["ready", "ready"]),
    ("06-windows-1252.json", &["ready", "ready", "file file_encoding_guessed"]),
    (
        "07-z-contradicts-zone.json",
        &["ready utc_time", "ready utc_time", "ready utc_time", "ready utc_time"],
    ),
    (
        "08-est-abbreviation.json",
        &[
            "ready zone_abbreviation",
            "ready zone_abbreviation",
            "ready zone_abbreviation",
            "ready zone_abbreviation",
            "refused unknown_zone",
        ],
    ),
    (
        "09-serial-and-epoch-dates.json",
        &[
            "refused number_is_no_date",
            "refused number_is_no_date",
            "refused number_is_no_date",
            "refused number_is_no_date",
            "refused number_is_no_date",
        ],
    ),
    (
        "10-spreadsheet-date-styles.json",
        // A row with the day 25 says how the column writes its dates.
        &[
            "ready",
            "ready",
            "ready",
            "ready times_collide",
            "ready times_collide",
            "ready",
            "ready",
            "ready times_collide",
            "ready",
            "ready times_collide",
            "refused time_invalid",
            "refused time_of_day_missing",
        ],
    ),
    (
        "11-html-entities.json",
        &["ready html_entities", "ready html_entities", "ready html_tags", "ready html_entities"],
    ),
    ("12-literal-backslash-n.json", &["ready literal_escapes", "ready literal_escapes", "ready"]),
    (
        "13-content-calendar-columns.json",
        &[
            "ready",
            "skipped other_network",
            "draft",
            "file column_unused column_unused unknown_column unknown_column unknown_column \
             unknown_column unknown_column unknown_column unknown_column",
        ],
    ),
    (
        "15-one-bad-row-of-twelve.json",
        &[
            "ready",
            "ready",
            "ready",
            "ready",
            "ready",
            "ready",
            "refused text_too_long",
            "ready",
            "ready",
            "ready",
            "ready",
            "ready",
        ],
    ),
    (
        "16-accidental-links.json",
        &[
            "ready accidental_link",
            "ready accidental_link",
            "ready accidental_link",
            "ready",
            "ready",
        ],
    ),
    (
        "17-evergreen-weekly.json",
        &["ready", "ready repeated_text", "ready repeated_text", "ready repeated_text"],
    ),
    (
        "18-dst-gap-and-fold.json",
        &["refused time_in_gap", "ready time_twice", "ready", "ready", "ready"],
    ),
    ("19-half-an-emoji.json", &["ready", "refused invalid_character", "ready"]),
    (
        "22-excel-semicolon-bom.csv",
        &[
            "refused account_unknown date_order_unclear",
            "refused account_unknown date_order_unclear",
        ],
    ),
    (
        "23-notion-export.csv",
        &["ready", "refused text_missing time_invalid", "file unknown_column"],
    ),
    (
        "25-time-only-cells.json",
        &["refused date_missing", "draft made_draft", "draft made_draft", "refused time_invalid"],
    ),
    ("25b-time-only-next-slot.json", &["refused date_missing"]),
    (
        "26-markdown-and-placeholders.json",
        &[
            "ready markdown_marks",
            "ready markdown_marks",
            "ready placeholder_left",
            "ready chat_leftover",
        ],
    ),
    ("28-counts.json", &["ready", "ready", "ready", "ready", "ready", "ready"]),
];

/// The file of the corpus for each kind, with a code that must be in its report; none where nothing is to
/// be told.
const OWN: &[(&str, &str)] = &[
    ("good/chat-answer.md", "source_repaired"),
    ("good/comments.json", "source_repaired"),
    ("good/bom-crlf.json", ""),
    ("good/windows-breaks.json", ""),
    ("good/utf16.json", ""),
    ("good/windows-1252.json", "file_encoding_guessed"),
    ("good/utc-beside-zone.json", "utc_time"),
    ("good/est.json", "zone_abbreviation"),
    ("good/file-says-est.json", "zone_abbreviation"),
    ("bad/dates-of-spreadsheets.json", "number_is_no_date"),
    ("good/serials.csv", ""),
    ("good/epochs.json", ""),
    ("bad/date-styles.json", "time_invalid"),
    ("bad/day-or-month.csv", "date_order_unclear"),
    ("good/entities.json", "html_entities"),
    ("good/literal-escapes.json", "literal_escapes"),
    ("good/calendar-of-a-team.json", "unknown_column"),
    ("bad/too-long.json", "text_too_long"),
    ("good/accidental-links.json", "accidental_link"),
    ("good/evergreen.json", "repeated_text"),
    ("good/moved-by-a-day.json", "waits_elsewhere"),
    ("bad/gap.json", "time_in_gap"),
    ("good/fold-and-offset.json", "time_twice"),
    ("bad/half-an-emoji.json", "invalid_character"),
    ("good/excel-german.csv", ""),
    ("good/notion.csv", "unknown_column"),
    ("good/notion-range.csv", "time_invalid"),
    ("bad/dates-left-empty.json", "date_missing"),
    ("good/markdown-in-text.json", "markdown_marks"),
    ("good/placeholders.json", "placeholder_left"),
    ("good/numbered-by-a-model.json", "chat_leftover"),
    ("bad/counts.json", "text_too_long"),
    ("bad/two-accounts-none-named.json", "account_missing"),
];

#[test]
fn a_file_of_the_corpus_stands_for_each_kind_of_quirk() {
    for (file, code) in OWN {
        let report = fs::read_to_string(report_path(&folder().join(file))).expect(file);
        let report: Value = serde_json::from_str(&report).expect(file);
        assert_eq!(report.get("refused"), None, "{file}");
        let found = report.to_string().contains(&format!("\"{code}\""));
        assert!(code.is_empty() || found, "{file} lacks {code}");
    }
}

/// Returns a session of a file of others; `None` where their folder is not there.
fn opened(file: &str, choices: Choices, surroundings: Surroundings) -> Option<Session> {
    opened_as(file, choices, surroundings, |_| ())
}

fn opened_as(
    file: &str,
    choices: Choices,
    surroundings: Surroundings,
    map: impl FnOnce(&mut Mapping),
) -> Option<Session> {
    let folder = std::env::var_os(FOLDER)?;
    let bytes = fs::read(Path::new(&folder).join(file)).expect(file);
    let table = read(&bytes, Some(file), &ReadOptions::default()).expect(file);
    let mut mapping = Mapping::recognise(&table);
    map(&mut mapping);
    let session = Session::open(table, mapping, choices, surroundings).expect(file);
    assert_adds_up(&session);
    Some(session)
}

fn codes<'f>(found: impl IntoIterator<Item = &'f roost_import::finding::Finding>) -> String {
    let mut codes: Vec<&str> =
        found.into_iter().map(|finding| finding.problem.code.as_str()).collect();
    codes.sort_unstable();
    codes.join(" ")
}

fn told(row: &RowView) -> String {
    let outcome = match row.outcome {
        Outcome::Ready => "ready",
        Outcome::Draft => "draft",
        Outcome::Skipped => "skipped",
        Outcome::Refused => "refused",
    };
    format!("{outcome} {}", codes(&row.findings)).trim().to_owned()
}

#[test]
fn each_row_of_the_quirks_ends_as_a_person_would_expect() {
    for (file, expected) in EXPECTED {
        let Some(session) = opened(file, Choices::default(), fixed()) else { return };
        let mut told: Vec<String> = views(&session).iter().map(told).collect();
        let of_file = codes(&session.file_findings());
        told.extend(Some(format!("file {of_file}")).filter(|_| !of_file.is_empty()));
        assert_eq!(told, *expected, "{file}");
    }
}

#[test]
fn times_with_a_z_are_read_as_wall_times_with_one_switch() {
    let choices = Choices { utc_times: UtcTimes::WallTime, ..Choices::default() };
    let Some(session) = opened("07-z-contradicts-zone.json", choices, fixed()) else { return };
    let walls: Vec<_> = views(&session).into_iter().map(|row| row.when_wall.unwrap()).collect();
    assert_eq!(
        walls,
        ["2027-03-01 09:00", "2027-03-01 12:00", "2027-03-01 18:30", "2027-03-02 09:00"]
    );
}

#[test]
fn an_abbreviation_becomes_the_city_in_all_rows_with_one_click() {
    let Some(mut session) = opened("08-est-abbreviation.json", Choices::default(), fixed()) else {
        return;
    };
    session.apply(FixId::UseZone, Scope::All).unwrap();
    let zones: Vec<_> = views(&session).into_iter().map(|row| row.zone).collect();
    assert_eq!(
        zones,
        [
            "America/New_York",
            "America/New_York",
            "America/Denver",
            "Europe/London",
            "America/Los_Angeles"
        ]
    );
    assert_eq!(session.summary().ready, 5);
}

#[test]
fn one_bad_row_of_twelve_is_left_out_or_becomes_a_draft_as_chosen() {
    let with = |problems| {
        let choices = Choices { problems, ..Choices::default() };
        let session = opened("15-one-bad-row-of-twelve.json", choices, fixed())?;
        let summary = session.summary();
        Some([summary.ready, summary.drafts, summary.skipped, summary.refused])
    };
    let Some(refused) = with(ProblemPolicy::Refuse) else { return };
    assert_eq!(refused, [11, 0, 0, 1]);
    assert_eq!(with(ProblemPolicy::Draft), Some([11, 1, 0, 0]));
    assert_eq!(with(ProblemPolicy::Skip), Some([11, 0, 1, 0]));
}

#[test]
fn a_plan_that_moved_by_a_day_offers_to_move_its_waiting_posts() {
    let first = opened("17-evergreen-weekly.json", Choices::default(), fixed());
    let Some(first) = first else { return };
    let waiting = ready(&first).into_iter().map(There::of_row).collect();
    let surroundings = Surroundings { known: Arc::new(Posts(waiting)), ..fixed() };
    let moved = "17b-same-file-moved-by-a-day.json";
    let mut session = opened(moved, Choices::default(), surroundings).unwrap();
    for row in views(&session) {
        assert!(row.findings.iter().any(|it| it.problem.code == Code::WaitsElsewhere), "{row:?}");
    }
    assert_eq!((session.summary().skipped, session.summary().ready), (4, 0));
    session.apply(FixId::MoveWaitingPost, Scope::All).unwrap();
    let rows = ready(&session);
    assert_eq!((session.summary().updated, rows.len()), (4, 4));
    let mut changed: Vec<_> = rows.iter().map(|row| row.updates.unwrap().id).collect();
    changed.sort_unstable();
    changed.dedup();
    assert_eq!(changed.len(), 4, "each row moves a post of its own");
}

#[test]
fn a_german_file_of_excel_is_read_once_the_order_of_its_dates_is_said() {
    let accounts = vec![account("33", "example", Default::default())];
    let surroundings = Surroundings { accounts, ..fixed() };
    let day_first = |mapping: &mut Mapping| {
        let dates = mapping.columns.iter_mut().find(|it| it.field == Some(Field::Date));
        dates.unwrap().date_order = Some(DateOrder::DayMonthYear);
    };
    let file = "22-excel-semicolon-bom.csv";
    let session = opened_as(file, Choices::default(), surroundings, day_first);
    let Some(session) = session else { return };
    let rows = ready(&session);
    let texts: Vec<&str> = rows.iter().map(|row| row.content.first_text()).collect();
    assert_eq!(texts, ["Guten Morgen; heute \"geöffnet\"", "Zeile eins\nZeile zwei"]);
    assert_eq!(rows[1].wall_time.unwrap().to_string(), "2027-03-02 09:00");
}

#[test]
fn a_cell_without_a_date_is_no_late_post_whatever_is_chosen_for_those() {
    let choices = Choices { past: PastPolicy::NextSlot, ..Choices::default() };
    for (file, refused) in [("25-time-only-cells.json", 4), ("25b-time-only-next-slot.json", 1)] {
        let Some(session) = opened(file, choices.clone(), fixed()) else { return };
        assert_eq!(session.summary().refused, refused, "{file}");
    }
}

#[test]
fn a_file_that_names_no_account_asks_for_one_while_two_are_connected() {
    let file = "29-two-accounts-none-named.json";
    let Some(mut session) = opened(file, Choices::default(), with_two_accounts()) else { return };
    assert_eq!(codes(&session.file_findings()), "account_missing");
    assert_eq!(session.summary().refused, 1);
    let chosen = Choices { account: Some("@Premium_Bird".to_owned()), ..Choices::default() };
    session.set_choices(chosen, &|_| std::ops::ControlFlow::Continue(())).unwrap();
    assert_eq!(ready(&session)[0].account.as_ref().unwrap().0, "22");
}
