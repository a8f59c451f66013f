//! A time that a person types into a cell in words, as in the composer: `tomorrow 9:45`, `12 dec`, `in 3h`.
//!
//! Times of the file itself are read by the rules of their column. Words mean a moment from now, and are
//! written into the cell as that moment, so that they mean the same tomorrow.

use roost_core::clock::UnixMillis;
use roost_core::time_words::{self, Meaning, Now};
use roost_core::zone::{When, Zone};
use roost_import::field::Field;
use roost_import::session::{CellChange, Session};

/// Letters that stand beside digits in times of files, and make no words.
const HALVES_OF_DAY: [&str; 4] = ["am", "pm", "a.m.", "p.m."];

/// Returns the cells with the times that their words mean at `now`; what is no time in words stays as it is.
pub(super) fn in_digits(
    cells: Vec<CellChange>,
    session: &Session,
    now: UnixMillis,
) -> Vec<CellChange> {
    let digits = |cell: CellChange| {
        let text = meant(&cell, session, now).unwrap_or(cell.text);
        CellChange { text, ..cell }
    };
    cells.into_iter().map(digits).collect()
}

fn meant(cell: &CellChange, session: &Session, now: UnixMillis) -> Option<String> {
    let (Field::ScheduledAt | Field::Date) = cell.field else { return None };
    if !has_words(&cell.text) || When::parse(cell.text.trim()).is_ok() {
        return None;
    }
    let zone = Zone::parse(&session.row(cell.row).ok()?.zone).ok()?;
    let Meaning::At { wall, .. } =
        time_words::read(&cell.text, Now { at: now, zone: &zone, usual: None }).ok()?
    else {
        return None;
    };
    let wall = wall.to_string();
    match cell.field {
        Field::Date => wall.get(..10).map(str::to_owned),
        _ => Some(wall),
    }
}

/// Returns whether a word of letters stands in it: digits alone are read by the rules of their column, where
/// `12/04` may be either day.
fn has_words(text: &str) -> bool {
    let text = text.to_lowercase();
    text.split_whitespace().any(|word| {
        word.chars().next().is_some_and(char::is_alphabetic) && !HALVES_OF_DAY.contains(&word)
    }) && !text.contains('/')
}
