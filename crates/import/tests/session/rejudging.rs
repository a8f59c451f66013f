//! A session judges by what is there, and not by the way it came there.

use proptest::prelude::*;
use roost_core::post::{DuplicatePolicy, PastPolicy};
use roost_import::choices::{Choices, ProblemPolicy};
use roost_import::field::Field;
use roost_import::format::Format;
use roost_import::mapping::{ColumnUse, Mapping, RecognisedBy};
use roost_import::session::{CellChange, Edits, RowView, Session};
use roost_import::surroundings::{Surroundings, WeeklySlot};
use roost_import::table::{Column, Kind, RawTable};

use crate::common::*;

const FIELDS: [Field; 8] = [
    Field::Content,
    Field::ScheduledAt,
    Field::Account,
    Field::Timezone,
    Field::OwnId,
    Field::Status,
    Field::Draft,
    Field::Network,
];

/// Texts that are nearly the same.
const LONG: [&str; 3] = [
    "opens its doors at nine today: come early, and bring a friend along.",
    "opens its doors at nine today: come early, and bring your friends along.",
    "opens its doors at ten today: come early, and bring a friend along.",
];

/// A spreadsheet with these texts, a row each, in the order of [`FIELDS`].
fn sheet(rows: &[Vec<String>]) -> RawTable {
    let mut table = RawTable::new(Format::Csv);
    table.columns = FIELDS.iter().map(|field| Column { name: format!("{field:?}") }).collect();
    for (line, row) in (2..).zip(rows) {
        table.begin_row(line);
        for (column, text) in (0..).zip(row) {
            if !text.trim().is_empty() {
                table.push(column, Kind::Text, text);
            }
        }
    }
    table
}

fn columns() -> Mapping {
    let column = |field: &Field| ColumnUse::of(*field, RecognisedBy::Name);
    Mapping { columns: FIELDS.iter().map(column).collect() }
}

/// Few texts, so that rows repeat and collide.
fn text(field: usize) -> BoxedStrategy<String> {
    let of = |texts: &'static [&'static str]| {
        prop::sample::select(texts).prop_map(str::to_owned).boxed()
    };
    match FIELDS[field] {
        Field::Content => of(&[
            "one",
            "two",
            "three",
            "",
            "There already",
            "a\u{7}",
            "Doors open at nine today, come early and bring a friend along.",
            "Doors open at nine today, come early and bring your friends along.",
            "Doors open at ten today, come early and bring a friend along.",
        ]),
        Field::ScheduledAt => of(&[
            "2027-03-01 09:00",
            "2027-03-01 09:03",
            "2027-03-02 09:00",
            "2027-03-09 09:00",
            "2027-04-01 09:00",
            "2026-12-31 09:00",
            "2020-01-01 09:00",
            "2027-02-30 09:00",
            "",
        ]),
        Field::Account => of(&["", "", "roost_app", "@premium_bird", "nobody"]),
        Field::Timezone => of(&["", "", "Europe/Berlin", "Mars/Olympus"]),
        Field::OwnId => of(&["", "", "", "r1", "r2"]),
        Field::Status => of(&["", "", "", "scheduled", "published", "cancelled", "??"]),
        Field::Draft => of(&["", "", "", "yes", "perhaps"]),
        _ => of(&["", "", "", "X", "LinkedIn"]),
    }
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    (0..FIELDS.len()).map(text).collect::<Vec<_>>()
}

fn choices() -> impl Strategy<Value = Choices> {
    let past = prop::sample::select(PastPolicy::ALL);
    let duplicates = prop::sample::select(DuplicatePolicy::ALL);
    let problems = prop::sample::select(vec![
        ProblemPolicy::Refuse,
        ProblemPolicy::Draft,
        ProblemPolicy::Skip,
    ]);
    (past, duplicates, problems, any::<bool>()).prop_map(|(past, duplicates, problems, update)| {
        Choices { past, duplicates, problems, update, ..mine() }
    })
}

fn surroundings(has_slots: bool) -> Surroundings {
    let mut known = There::new(Some("11"), "two", Some("2027-03-05 09:00"));
    known.own_id = Some("r2".to_owned());
    let mut near = There::new(
        Some("11"),
        "Doors open at nine today! Come early, and bring the friends along.",
        Some("2027-03-20 09:00"),
    );
    near.own_id = Some("r1".to_owned());
    let mut surroundings = with_posts(vec![
        near,
        There::new(Some("11"), "There already", None),
        There::new(Some("11"), "one", Some("2027-03-03 09:00")),
        known,
    ]);
    if has_slots {
        surroundings.accounts[0].slots =
            (1..=7).map(|weekday| WeeklySlot { weekday, hour: 9, minute: 0 }).collect();
    }
    surroundings
}

fn open_sheet(rows: &[Vec<String>], choices: Choices, surroundings: Surroundings) -> Session {
    Session::open(sheet(rows), columns(), choices, surroundings).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_cells_set_in_any_order_judge_as_the_file_with_those_cells_would(
        mut rows in prop::collection::vec(texts(), 1..8),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..FIELDS.len(), texts()), 1..10),
        choices in choices(),
        has_slots in any::<bool>(),
    ) {
        let around = surroundings(has_slots);
        let mut session = open_sheet(&rows, choices.clone(), around.clone());
        session.compare_texts(&unwatched).unwrap();
        for (row, field, texts) in changes {
            let row = row.index(rows.len());
            let before = views(&session);
            rows[row][field] = texts[field].clone();
            let number = u32::try_from(row + 1).unwrap();
            let change = CellChange {
                row: number, field: FIELDS[field], text: texts[field].clone(),
            };
            let changed = session.set_cells(&[change]).unwrap();
            prop_assert!(changed.contains(&number));
            // What is not named did not change.
            for (old, new) in before.iter().zip(views(&session)) {
                if !changed.contains(&old.row) {
                    prop_assert_eq!(old.outcome, new.outcome);
                    prop_assert_eq!(old.when_at, new.when_at);
                    let codes = |row: &RowView| -> Vec<_> {
                        row.findings.iter().map(|it| it.problem.code).collect()
                    };
                    prop_assert_eq!(codes(old), codes(&new));
                }
            }
        }
        assert_adds_up(&session);
        let mut fresh = open_sheet(&rows, choices.clone(), around.clone());
        fresh.compare_texts(&unwatched).unwrap();
        assert_adds_up(&fresh);
        prop_assert_eq!(session.summary(), fresh.summary());
        prop_assert_eq!(ready(&session), ready(&fresh));
        let without_marks = |session: &Session| {
            let mut views = views(session);
            for view in &mut views {
                view.changed.clear();
                view.cells.retain(|_, text| !text.is_empty());
            }
            views
        };
        prop_assert_eq!(without_marks(&session), without_marks(&fresh));
        // What a person changed makes the same session again.
        let (again, edits) = (sheet(&rows), session.edits());
        let mut again =
            Session::open_watched(again, columns(), choices, around, edits, &unwatched).unwrap();
        again.compare_texts(&unwatched).unwrap();
        prop_assert_eq!(session.summary(), again.summary());
    }
}

#[test]
fn changes_of_many_rows_at_once_judge_like_one_after_the_other() {
    let rows: Vec<Vec<String>> = (0..80)
        .map(|row| {
            let mut texts = vec![String::new(); FIELDS.len()];
            texts[0] = format!("post {} {}", row % 40, LONG[row % 3]);
            texts[1] = format!("2027-03-{:02} 09:{:02}", row % 20 + 1, row % 7);
            texts
        })
        .collect();
    let changes: Vec<CellChange> = (1..=80)
        .map(|row| CellChange {
            row,
            field: Field::Content,
            text: format!("post {} {}", (row * 7) % 30, LONG[row as usize * 5 % 3]),
        })
        .collect();
    let mut at_once = open_sheet(&rows, mine(), surroundings(false));
    at_once.compare_texts(&unwatched).unwrap();
    at_once.set_cells(&changes).unwrap();
    let mut one_by_one = open_sheet(&rows, mine(), at_once.surroundings().clone());
    one_by_one.compare_texts(&unwatched).unwrap();
    for change in &changes {
        one_by_one.set_cells(std::slice::from_ref(change)).unwrap();
    }
    assert!(at_once.summary().texts_compared);
    assert_eq!(at_once.summary(), one_by_one.summary());
    assert_eq!(views(&at_once), views(&one_by_one));
    assert_eq!(at_once.edits(), one_by_one.edits());
}

#[test]
fn a_row_that_is_none_changes_nothing() {
    let rows = vec![vec![String::new(); FIELDS.len()]];
    let mut session = open_sheet(&rows, mine(), surroundings(false));
    let change = |row| CellChange { row, field: Field::Content, text: "x".to_owned() };
    for wrong in [0, 2, u32::MAX] {
        assert!(session.set_cells(&[change(1), change(wrong)]).is_err());
    }
    assert_eq!(session.edits(), Edits::default());
}

#[test]
fn a_pass_that_is_given_up_ends_and_tells_how_far_it_was() {
    let rows = vec![vec!["x".to_owned(); 1]; 5_000];
    let table = sheet(&rows);
    let told = std::sync::atomic::AtomicU32::new(0);
    let opened =
        Session::open_watched(table, columns(), mine(), connected(), Edits::default(), &|rows| {
            told.fetch_max(rows, std::sync::atomic::Ordering::Relaxed);
            std::ops::ControlFlow::Break(())
        });
    assert!(opened.is_err());
    assert!(told.into_inner() > 0);
}
