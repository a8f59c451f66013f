//! The rows that are not imported, as a file of their own: each as it came, with a person's changes and the
//! reason beside it, ready to be mended and imported again.
//!
//! What the file or the person said of all rows stands in it too, so that a mended row means what it meant.

mod rows;
mod write;

use crate::export::ExportError;
use crate::format::Format;
use crate::session::{Reject, Session};
use rows::Rows;

pub use crate::mapping::REASON;

/// A file of rows that are not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectsFile {
    /// The file.
    pub bytes: Vec<u8>,
    /// The rows in it.
    pub rows: u64,
    /// Its format: that of the source where Roost writes it, JSON or a workbook of Excel otherwise.
    pub format: Format,
}

/// Returns the format in which the rows of a source are given back.
#[must_use]
pub const fn format_of(source: Format) -> Format {
    match source {
        Format::Csv | Format::Tsv | Format::Xlsx | Format::Json | Format::JsonLines => source,
        Format::Ods => Format::Xlsx,
        Format::Text | Format::Markdown | Format::XArchive => Format::Json,
    }
}

/// Returns the file; `None` where all rows are imported.
///
/// # Errors
/// When the format has no place for a row.
pub fn file(session: &Session) -> Result<Option<RejectsFile>, ExportError> {
    let rejects: Vec<Reject> = session.rejects().collect();
    if rejects.is_empty() {
        return Ok(None);
    }
    let format = format_of(session.table().format);
    let rows = Rows::new(session, &rejects);
    let bytes = match format {
        Format::Tsv => write::separated(&rows, '\t').into_bytes(),
        Format::Xlsx => write::workbook(&rows)?,
        Format::JsonLines => write::lines(&rows)?,
        Format::Json => write::json(&rows)?,
        _ => write::separated(&rows, ',').into_bytes(),
    };
    Ok(Some(RejectsFile { bytes, rows: rejects.len() as u64, format }))
}
