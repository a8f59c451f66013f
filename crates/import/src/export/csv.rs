//! An export as CSV.
//!
//! It begins with a byte order mark, because Excel takes a CSV without one for the encoding of the
//! system and breaks every letter beyond ASCII; other readers skip the mark. Lines end as RFC 4180 has
//! it. Each value that is not a plain word stands in quotation marks, so that readers which look for
//! the separator are not misled by what a text holds. Texts that a spreadsheet would run as a formula
//! get an apostrophe in front, which an import takes away again.

use super::ExportRow;
use super::cells::{COLUMNS, cells};
use crate::formula;

/// What a CSV begins with.
pub(crate) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Returns the posts as a table with a header.
pub(super) fn write(rows: &[ExportRow]) -> Vec<u8> {
    let mut text = String::from(BYTE_ORDER_MARK);
    record(&mut text, &COLUMNS);
    for row in rows {
        record(&mut text, &cells(row));
    }
    text.into_bytes()
}

/// Writes one line of a table, each value in quotation marks that is not a plain word.
pub(crate) fn record<T: AsRef<str>>(text: &mut String, values: &[T]) {
    separated(text, values, ',');
}

/// Writes one line of a table whose values have `separator` between them.
pub(crate) fn separated<T: AsRef<str>>(text: &mut String, values: &[T], separator: char) {
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            text.push(separator);
        }
        let value = formula::escape(value.as_ref());
        if value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" -_.:/".contains(&byte))
            && value.trim() == value
        {
            text.push_str(&value);
        } else {
            text.push('"');
            text.push_str(&value.replace('"', "\"\""));
            text.push('"');
        }
    }
    text.push_str("\r\n");
}
