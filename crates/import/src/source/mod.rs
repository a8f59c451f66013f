//! From the bytes of a file to the cells of a table.
//!
//! [`read`] recognises a file by what it holds; its name only decides between formats that look alike.
//! Whatever the bytes are, it ends with a table or with an [`ImportError`]. What is wrong with one row
//! stays with that row: a cell that is [`Kind::Broken`](crate::table::Kind::Broken), or a
//! [`RowFault`](crate::fault::RowFault).

mod columns;
mod encoding;
mod header;
mod json;
mod limits;
mod lines;
mod markdown_table;
mod prose;
mod recognise;
mod separated;
mod workbook;
mod x_archive;

pub use limits::{FILE_BYTES_MAX, Limits};

use crate::error::ImportError;
use crate::format::Format;
use crate::table::RawTable;

/// What a person says about a file that Roost would otherwise find out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The format.
    pub format: Option<Format>,
    /// What stands between two values of a row, in CSV and TSV: one ASCII character.
    pub separator: Option<char>,
    /// Whether the first row names the columns, in CSV, TSV and workbooks.
    pub header: Option<bool>,
    /// The encoding of a text, by any name that browsers know, such as `windows-1252`.
    pub encoding: Option<String>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The list of a JSON file that has several, by its name: `scheduled`, or `data.scheduled`.
    pub list: Option<String>,
    /// How much is read.
    pub limits: Limits,
}

/// Reads a file into cells. `name` is its name, or its path, where it has one.
///
/// # Errors
/// [`ImportError`] where the file can't be read as a whole, or where a person has to choose a sheet or a list.
pub fn read(
    bytes: &[u8],
    name: Option<&str>,
    options: &ReadOptions,
) -> Result<RawTable, ImportError> {
    let limit = options.limits.bytes;
    if bytes.len() > limit {
        return Err(ImportError::TooLarge { bytes: bytes.len(), limit });
    }
    if let Some(table) = workbook::read(bytes, options) {
        return table;
    }
    recognise::refuse_unsupported(bytes)?;
    let decoded = encoding::decode(bytes, options.encoding.as_deref())?;
    let mut table = RawTable::new(Format::Json);
    table.reading.encoding = Some(decoded.encoding);
    table.notes.extend(decoded.note());
    text(&decoded.text, name, options, &mut table)?;
    Ok(table)
}

fn text(
    text: &str,
    name: Option<&str>,
    options: &ReadOptions,
    table: &mut RawTable,
) -> Result<(), ImportError> {
    let extension = recognise::extension(name);
    let limits = &options.limits;
    let json = json::JsonOptions { list: options.list.as_deref(), limits };
    let format = options.format.unwrap_or_else(|| recognise::text_format(text, &extension));
    table.format = format;
    match format {
        Format::JsonLines => json::read(text, true, table, json),
        Format::Json if !json::begins(text) => json::read_within(text, table, json)
            .unwrap_or_else(|| json::read(text, false, table, json)),
        Format::Json => json::read(text, false, table, json),
        Format::XArchive => x_archive::read(text, table, limits),
        Format::Markdown if markdown_table::looks_like(text) => {
            markdown_table::read(text, table, limits)
        }
        Format::Text | Format::Markdown => prose::read(text, table, limits),
        Format::Csv | Format::Tsv | Format::Xlsx | Format::Ods => {
            separated::text(text, options, table)
        }
    }
}
