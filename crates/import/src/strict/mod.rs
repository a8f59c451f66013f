//! Reading a file of posts: JSON by a published schema, every row judged, nothing half done.
//!
//! [`parse`] refuses a file that cannot be read as a whole ([`ImportError`]). Otherwise it gives
//! the rows that are ready to store, those that were left out and why, and every problem with its
//! row, field, reason and remedy. Each row ends in exactly one of the three: ready, skipped or
//! failed.

mod accounts;
mod decode;
mod document;
mod duplicates;
mod fields;
mod options;
mod pace;
mod parsed;
mod past;
mod row;
mod syntax;

pub use crate::error::ImportError;
pub use options::{KnownAccount, KnownPosts, MAX_BYTES, MAX_LISTED, MAX_ROWS, Options};
pub use pace::span;
pub use parsed::{Parsed, Row, SkipReason, Skipped};
pub use past::SLOT_MINUTES;

/// Reads a file of posts and judges every row.
///
/// # Errors
/// [`ImportError`] when the file cannot be read as a whole: too large, no text, no JSON, nested
/// too deeply, of another shape, or with too many rows. Problems of single rows are no error here
/// but stand in [`Parsed::errors`].
pub fn parse(bytes: &[u8], options: &Options) -> Result<Parsed, ImportError> {
    if bytes.len() > options.max_bytes {
        return Err(ImportError::TooLarge { bytes: bytes.len(), limit: options.max_bytes });
    }
    let text = decode::decode(bytes)?;
    let document = document::read(&text, options.max_rows)?;
    let mut judge = row::Judge::new(&document, options);
    for row in &document.rows {
        judge.row(row);
    }
    Ok(judge.finish())
}
