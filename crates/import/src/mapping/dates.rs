//! How the dates of a column are to be read: their order, and what its numbers count.

use super::question::Question;
use super::{ColumnUse, DateOrder};
use crate::table::{Kind, RawTable};
use crate::time::order::OrderEvidence;
use crate::time::{DateRules, NumberDates, TimeReading, read, read_text};

/// What all cells of a column of dates say together.
struct Evidence<'t> {
    order: OrderEvidence,
    /// A date that could be either way round.
    open: Option<&'t str>,
    /// A number that looks like a date, and what they all count; `None` inside where they disagree.
    number: Option<(&'t str, Option<NumberDates>)>,
}

/// Decides how the dates of a column are read, by all its cells; asks where they do not decide. What is
/// set already stays, unless the cells contradict it.
pub(super) fn decide(table: &RawTable, column: u16, entry: &mut ColumnUse) {
    let evidence = gather(table, column);
    let chosen = entry.date_order.filter(|order| *order != DateOrder::Unclear);
    entry.date_order = match (evidence.order.order(), chosen) {
        (Some(DateOrder::Unclear), Some(order)) if !evidence.order.is_contradictory() => {
            Some(order)
        }
        (order, _) => order,
    };
    if let (Some(DateOrder::Unclear), Some(text)) = (entry.date_order, evidence.open) {
        entry.question = order_question(text);
    }
    let Some((text, kind)) = evidence.number else { return };
    if entry.numbers.is_some() {
        return;
    }
    entry.numbers = kind;
    if entry.question.is_none() {
        entry.question = number_question(text);
    }
}

fn gather(table: &RawTable, column: u16) -> Evidence<'_> {
    let mut evidence = Evidence { order: OrderEvidence::default(), open: None, number: None };
    for cell in table.rows().filter_map(|row| row.cell(column)) {
        if !matches!(cell.kind, Kind::Text | Kind::Number) {
            continue;
        }
        // Dates that begin with their year, the most by far, need no order.
        let first = cell.text.trim_start();
        let year_first = first.as_bytes().get(4).is_some_and(|byte| !byte.is_ascii_digit())
            && first.bytes().take(4).all(|byte| byte.is_ascii_digit());
        if year_first {
            continue;
        }
        let open = evidence.order.open();
        evidence.order.note(cell.text);
        if evidence.open.is_none() && evidence.order.open() > open {
            evidence.open = Some(cell.text);
        }
        let could_be_number =
            first.bytes().all(|byte| byte.is_ascii_digit() || b"., ".contains(&byte));
        if could_be_number && let TimeReading::Number(number) = read(cell, DateRules::default()) {
            let seen = evidence.number.get_or_insert((cell.text, Some(number.kind)));
            seen.1 = seen.1.filter(|kind| *kind == number.kind);
        }
    }
    evidence
}

fn order_question(text: &str) -> Option<Question> {
    let shown = |order| {
        let reading = read_text(text, DateRules { order: Some(order), ..DateRules::default() });
        reading.canonical()
    };
    Some(Question::DateOrder {
        text: roost_core::failure::clip(text.trim(), 40),
        day_first: shown(DateOrder::DayMonthYear)?,
        month_first: shown(DateOrder::MonthDayYear)?,
    })
}

fn number_question(text: &str) -> Option<Question> {
    match read_text(text, DateRules::default()) {
        TimeReading::Number(number) => Some(Question::NumberDates {
            text: roost_core::failure::clip(text.trim(), 40),
            counts: number.kind,
            means: number.means.to_string(),
        }),
        _ => None,
    }
}
