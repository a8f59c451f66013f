//! The rows that are not imported, as a file of their own: each as it came, with the reason beside it,
//! ready to be mended and imported again.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use roost_core::failure::Code;
use roost_import::field::Field;
use roost_import::format::Format;
use roost_import::formula;
use roost_import::session::{Reject, Session};
use roost_import::table::{Cell, Kind};
use serde_json::{Map, Value};

use crate::Result;
use crate::open_import::refused;

/// The name under which the reason stands beside a row; an import does not read it.
const REASON: &str = "reason";

/// Writes the rows into a file, and returns how many there are. Without any, no file is written.
pub(super) fn write(session: &Session, path: &Path) -> Result<u64> {
    let rejects: Vec<Reject> = session.rejects().collect();
    if rejects.is_empty() {
        return Ok(0);
    }
    let text = match session.table().format {
        Format::Csv | Format::Xlsx | Format::Ods => separated(session, &rejects, b','),
        Format::Tsv => separated(session, &rejects, b'\t'),
        Format::JsonLines => lines(session, &rejects)?,
        Format::Json | Format::Text | Format::Markdown | Format::XArchive => {
            json(session, &rejects)?
        }
    };
    replace(path, &text).map_err(|error| {
        let code = match error.kind() {
            std::io::ErrorKind::StorageFull => Code::DiskFull,
            _ => Code::FileUnreadable,
        };
        refused(code, format!("{} can't be written: {error}.", path.display()))
    })?;
    Ok(rejects.len() as u64)
}

/// Puts a whole file in the place of one that may be there: never half of it.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = roost_private_files::beside(path, ".part");
    let written = (|| {
        let mut file =
            roost_private_files::options().write(true).create(true).truncate(true).open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    })();
    if written.is_err() {
        // It says nothing that the sources don't.
        drop(std::fs::remove_file(&part));
    }
    written
}

fn json(session: &Session, rejects: &[Reject]) -> Result<Vec<u8>> {
    let posts: Vec<Value> =
        rejects.iter().map(|reject| Value::Object(object(session, reject))).collect();
    let mut file = Map::new();
    let defaults = &session.table().defaults;
    let said = [
        ("timezone", &defaults.timezone),
        ("account", &defaults.account),
        ("plan", &defaults.plan),
    ];
    for (key, value) in said {
        if let Some(value) = value {
            file.insert(key.to_owned(), value.clone().into());
        }
    }
    file.insert("posts".to_owned(), posts.into());
    let mut text = serde_json::to_vec_pretty(&file)
        .map_err(|error| crate::Error::Internal(error.to_string()))?;
    text.push(b'\n');
    Ok(text)
}

fn lines(session: &Session, rejects: &[Reject]) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    for reject in rejects {
        let line = serde_json::to_vec(&object(session, reject))
            .map_err(|error| crate::Error::Internal(error.to_string()))?;
        text.extend(line);
        text.push(b'\n');
    }
    Ok(text)
}

/// Returns a row with the person's changes as an object, the reason in it.
fn object(session: &Session, reject: &Reject) -> Map<String, Value> {
    let table = session.table();
    let mut changed: BTreeMap<Field, &str> =
        reject.changed.iter().map(|(field, text)| (*field, text.as_str())).collect();
    let mut object = Map::new();
    let row = usize::try_from(reject.row - 1).ok().and_then(|at| table.row(at));
    for (column, cell) in row.iter().flat_map(|row| row.cells()) {
        let Some(named) = table.columns.get(usize::from(column)) else { continue };
        let field = session.mapping().columns.get(usize::from(column)).and_then(|it| it.field);
        let value = match field.and_then(|field| changed.remove(&field)) {
            Some("") => continue,
            Some(text) => text.into(),
            None => value(cell),
        };
        let key = if named.name.is_empty() { default_name(field) } else { &named.name };
        object.insert(key.to_owned(), value);
    }
    for (field, text) in changed.into_iter().filter(|(_, text)| !text.is_empty()) {
        object.insert(field.word().to_owned(), text.into());
    }
    object.insert(REASON.to_owned(), reject.reason.clone().into());
    object
}

fn default_name(field: Option<Field>) -> &'static str {
    field.map_or("content", Field::word)
}

fn value(cell: Cell<'_>) -> Value {
    match cell.kind {
        Kind::Number | Kind::Bool | Kind::List | Kind::Object => {
            serde_json::from_str(cell.text).unwrap_or_else(|_| cell.text.into())
        }
        Kind::Text | Kind::Date | Kind::Broken => cell.text.into(),
    }
}

fn separated(session: &Session, rejects: &[Reject], separator: u8) -> Vec<u8> {
    let table = session.table();
    let mut extra: Vec<Field> = rejects
        .iter()
        .flat_map(|reject| reject.changed.iter().map(|(field, _)| *field))
        .filter(|field| !session.mapping().columns.iter().any(|it| it.field == Some(*field)))
        .collect();
    extra.sort_unstable();
    extra.dedup();
    // The mark by which Excel knows UTF-8.
    let mut text = "\u{feff}".as_bytes().to_vec();
    let names = table.columns.iter().map(|column| column.name.as_str());
    let fields = extra.iter().map(|field| field.word());
    record(&mut text, names.chain(fields).chain([REASON]), separator);
    for reject in rejects {
        let changed: BTreeMap<Field, &str> =
            reject.changed.iter().map(|(field, text)| (*field, text.as_str())).collect();
        let row = usize::try_from(reject.row - 1).ok().and_then(|at| table.row(at));
        // What can't be read is told by the reason, and is no text of the person's.
        let cell = |column: u16| {
            let cell = row.and_then(|row| row.cell(column)).filter(|it| it.kind != Kind::Broken);
            cell.map_or("", |cell| cell.text)
        };
        let own = (0u16..).zip(&session.mapping().columns).map(|(column, used)| {
            let changed = used.field.and_then(|field| changed.get(&field).copied());
            changed.unwrap_or_else(|| cell(column))
        });
        let added = extra.iter().map(|field| changed.get(field).copied().unwrap_or_default());
        record(&mut text, own.chain(added).chain([reject.reason.as_str()]), separator);
    }
    text
}

/// Writes one record by RFC 4180.
fn record<'a>(text: &mut Vec<u8>, values: impl Iterator<Item = &'a str>, separator: u8) {
    for (place, value) in values.enumerate() {
        if place > 0 {
            text.push(separator);
        }
        let quoted =
            value.bytes().any(|byte| matches!(byte, b'"' | b'\n' | b'\r') || byte == separator);
        // A spreadsheet must not run what a post says.
        let value = formula::escape(value);
        if quoted {
            text.push(b'"');
            text.extend(value.replace('"', "\"\"").bytes());
            text.push(b'"');
        } else {
            text.extend(value.bytes());
        }
    }
    text.extend(b"\r\n");
}
