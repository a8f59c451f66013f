//! The rows as bytes.

use serde_json::{Map, Value};

use super::REASON;
use super::rows::Rows;
use crate::export::xlsx::Table;
use crate::export::{ExportError, csv};
use crate::session::Reject;
use crate::table::{Cell, Kind};

/// Returns the rows as a table of texts, which begins with the mark by which Excel knows UTF-8.
pub(super) fn separated(rows: &Rows<'_>, separator: char) -> String {
    let mut text = csv::BYTE_ORDER_MARK.to_owned();
    csv::separated(&mut text, &header(rows), separator);
    for reject in rows.rejects {
        csv::separated(&mut text, &rows.texts(reject), separator);
    }
    text
}

/// Returns the rows as a workbook of texts.
pub(super) fn workbook(rows: &Rows<'_>) -> Result<Vec<u8>, ExportError> {
    let mut table = Table::new(&header(rows))?;
    for (line, reject) in (1..).zip(rows.rejects) {
        table.row(line, &rows.texts(reject))?;
    }
    table.finish()
}

/// Returns the rows as a list in an object that says what the source said of all of them.
pub(super) fn json(rows: &Rows<'_>) -> Result<Vec<u8>, ExportError> {
    let posts: Vec<Value> = rows.rejects.iter().map(|it| object(rows, it).into()).collect();
    let mut file = Map::new();
    if let Some(plan) = &rows.session.table().defaults.plan {
        file.insert("plan".to_owned(), plan.clone().into());
    }
    file.insert("posts".to_owned(), posts.into());
    let mut text = serde_json::to_vec_pretty(&file).map_err(unwritable)?;
    text.push(b'\n');
    Ok(text)
}

/// Returns the rows, each on a line.
pub(super) fn lines(rows: &Rows<'_>) -> Result<Vec<u8>, ExportError> {
    let mut text = Vec::new();
    for reject in rows.rejects {
        serde_json::to_writer(&mut text, &object(rows, reject)).map_err(unwritable)?;
        text.push(b'\n');
    }
    Ok(text)
}

fn header<'r>(rows: &'r Rows<'_>) -> Vec<&'r str> {
    let names = rows.names.iter().map(String::as_str);
    names.chain(rows.added.iter().map(|added| added.field.word())).chain([REASON]).collect()
}

fn object(rows: &Rows<'_>, reject: &Reject) -> Map<String, Value> {
    let mut object = Map::new();
    for ((column, field), name) in (0_u16..).zip(rows.fields()).zip(&rows.names) {
        let changed = field.and_then(|field| rows.changed(reject, field));
        let value = match changed {
            Some(text) => Some(text).filter(|text| !text.is_empty()).map(Value::from),
            None => rows.cell(reject, column).map(value),
        };
        // Of a field that a row names twice the first counts.
        if let Some(value) = value.filter(|_| !object.contains_key(name)) {
            object.insert(name.clone(), value);
        }
    }
    for added in &rows.added {
        let text = rows.changed(reject, added.field).or(added.of_all.as_deref());
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            object.insert(added.field.word().to_owned(), text.into());
        }
    }
    object.insert(REASON.to_owned(), reject.reason.clone().into());
    object
}

fn value(cell: Cell<'_>) -> Value {
    match cell.kind {
        Kind::Number | Kind::Bool | Kind::List | Kind::Object => {
            serde_json::from_str(cell.text).unwrap_or_else(|_| cell.text.into())
        }
        Kind::Text | Kind::Date | Kind::Broken => cell.text.into(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn unwritable(error: serde_json::Error) -> ExportError {
    ExportError::Unwritable(error.to_string())
}
