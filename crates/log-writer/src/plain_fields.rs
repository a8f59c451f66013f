//! Fields without colours. The fields of a span are written once for each *type* of formatter: with
//! the terminal's own, a file would get the terminal's colours.

use std::fmt;

use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultFields, Writer};

/// The default fields, under a type of their own.
#[derive(Debug, Default)]
pub(crate) struct PlainFields(DefaultFields);

impl FormatFields<'_> for PlainFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'_>, fields: R) -> fmt::Result {
        self.0.format_fields(writer, fields)
    }
}
