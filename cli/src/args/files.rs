//! Files of posts, and texts to count.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use roost_core::id::ImportId;
use roost_core::status::Status;
use roost_import::export::ExportFormat;

use super::status;

/// `roost import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The file, or `-` for standard input.
    pub(crate) file: String,
    /// The account for posts that name none: its handle.
    #[arg(long, value_name = "HANDLE")]
    pub(crate) account: Option<String>,
    /// The zone for times that name none, like Asia/Kolkata; the file's own `timezone` wins.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// What to do with times in the past.
    #[arg(long, value_enum, default_value = "error", value_name = "POLICY")]
    pub(crate) past: PastArg,
    /// What to do with texts that are there already.
    #[arg(long, value_enum, default_value = "skip", value_name = "POLICY")]
    pub(crate) duplicates: DuplicatesArg,
    /// Tell what would happen, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What to do with times in the past.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum PastArg {
    /// Refuse the file.
    Error,
    /// Leave those posts out.
    Skip,
    /// Keep them as drafts.
    Draft,
    /// Move them to the next free time.
    NextSlot,
}

/// What to do with texts that are there already.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DuplicatesArg {
    /// Leave them out.
    Skip,
    /// Import them too.
    Keep,
}

/// `roost undo-import`
#[derive(Debug, Args)]
pub(crate) struct UndoImport {
    /// The import's id, as `import` printed it.
    pub(crate) id: ImportId,
}

/// `roost export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The format: `json` and `csv` and `xlsx` are imported again without loss, `ics` is a calendar
    /// [default: what the name of the file ends in, or else json].
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<FormatArg>,
    /// Posts with this status; may be given several times [default: drafts and what is still to go
    /// out]. Times that have passed are read again with `import --past`.
    #[arg(long, value_name = "STATUS", value_parser = status(), ignore_case = true)]
    pub(crate) status: Vec<Status>,
    /// Posts with every status. What went out already is not scheduled when it is imported again.
    #[arg(long, conflicts_with = "status")]
    pub(crate) all: bool,
    /// Only this import.
    #[arg(long, value_name = "ID")]
    pub(crate) import: Option<ImportId>,
    /// Where to write [default: standard output].
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite that file when it is there already; without this you are asked on a terminal.
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// `roost count`
#[derive(Debug, Args)]
pub(crate) struct Count {
    /// The text, or `-` for standard input.
    #[arg(allow_hyphen_values = true)]
    pub(crate) text: String,
}

/// A format of exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// What an import reads again without loss.
    Json,
    /// Values between commas, for spreadsheets.
    Csv,
    /// A workbook of Excel.
    Xlsx,
    /// A calendar of the posts that have a time.
    Ics,
}

impl From<FormatArg> for ExportFormat {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Json => Self::Json,
            FormatArg::Csv => Self::Csv,
            FormatArg::Xlsx => Self::Xlsx,
            FormatArg::Ics => Self::Ics,
        }
    }
}
