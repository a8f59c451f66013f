//! Fixes of a text.

use roost_core::post::is_refused;
use roost_core::text::{cashtags, split};

use super::Cells;
use super::length::shorten;
use crate::check::text::{Edit, apply, edits};
use crate::field::Field;
use crate::finding::FixId;
use crate::row::{FieldCell, FieldCells, split_thread};
use crate::table::Kind;

/// What stands between the parts of a thread in one cell, on a line of its own.
const SEPARATOR: &str = "\n---\n";
/// Marks of Markdown may stand within others: so often the text is read again.
const ROUNDS_MAX: usize = 4;

/// Returns what a fix makes of one text; `None` where it changes nothing. `limit` is what the text may
/// weigh.
#[must_use]
pub fn text(fix: FixId, text: &str, limit: u32) -> Option<String> {
    let mended = match fix {
        FixId::RemoveCharacters => text.chars().filter(|letter| !is_refused(*letter)).collect(),
        FixId::KeepOneCashtag => keep_one_cashtag(text),
        FixId::Shorten => shorten(text, limit),
        FixId::RemoveMarkdown => {
            let mut mended = text.to_owned();
            for _ in 0..ROUNDS_MAX {
                mended = apply(&mended, &edits(fix, &mended));
            }
            mended
        }
        _ => apply(text, &edits(fix, text)),
    };
    (mended != text).then_some(mended)
}

fn keep_one_cashtag(text: &str) -> String {
    let further = cashtags(text).into_iter().skip(1);
    let signs: Vec<Edit> =
        further.map(|tag| Edit { range: tag.start..tag.start + 1, with: String::new() }).collect();
    apply(text, &signs)
}

/// Returns what a fix makes of the cells that hold a row's text.
pub(super) fn of_cells(fix: FixId, cells: &FieldCells<'_>, limit: u32) -> Cells {
    let mut changed = Vec::new();
    for field in [Field::Content, Field::Thread] {
        let parts = parts(cells, field);
        let mended: Vec<Option<String>> = parts.iter().map(|part| text(fix, part, limit)).collect();
        if mended.iter().any(Option::is_some) {
            let whole: Vec<String> =
                parts.into_iter().zip(mended).map(|(part, it)| it.unwrap_or(part)).collect();
            changed.push((field, joined(field, whole)));
        }
    }
    changed
}

/// Returns the cells of a row whose text becomes a thread of posts that fit, with their numbers where they
/// are to have them.
pub(super) fn thread(cells: &FieldCells<'_>, limit: u32, numbered: bool) -> Cells {
    let fields = [Field::Content, Field::Thread];
    let whole: Vec<String> = fields.into_iter().flat_map(|field| parts(cells, field)).collect();
    let texts: Vec<&str> = whole.iter().map(String::as_str).collect();
    let parts = split(&texts, limit, numbered).concat();
    if parts.len() == whole.len() {
        return Vec::new();
    }
    vec![(Field::Content, String::new()), (Field::Thread, joined(Field::Thread, parts))]
}

/// The texts of a field as the row's reader takes them; none where it can't read them.
fn parts(cells: &FieldCells<'_>, field: Field) -> Vec<String> {
    let several = cells.has_several(field);
    if field == Field::Content && several {
        return Vec::new();
    }
    let parts = cells.all(field).map(|cell| match (cell.kind, field) {
        (Kind::Broken | Kind::Object, _) => None,
        (Kind::List, _) => list(cell),
        (_, Field::Thread) => list(cell).or_else(|| {
            Some(if several { vec![cell.text.to_owned()] } else { split_thread(cell.text) })
        }),
        _ => Some(vec![cell.text.to_owned()]),
    });
    parts.collect::<Option<Vec<_>>>().unwrap_or_default().concat()
}

fn list(cell: FieldCell<'_>) -> Option<Vec<String>> {
    serde_json::from_str(cell.text).ok()
}

/// The text of a cell that is read as these parts again.
fn joined(field: Field, parts: Vec<String>) -> String {
    let whole = parts.join(SEPARATOR);
    if field != Field::Thread || (split_thread(&whole) == parts && !whole.starts_with('[')) {
        return whole;
    }
    serde_json::Value::from(parts).to_string()
}
