//! Exports, and texts to count.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use roost_core::id::ImportId;
use roost_core::status::Status;
use roost_import::export::ExportFormat;

use super::status;

/// `roost schema`
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// A file to fill in instead, in this format; its times lie ahead.
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "prompt")]
    pub(crate) template: Option<TemplateArg>,
    /// Words for a language model instead, which make it write a file that is imported as it stands.
    #[arg(long)]
    pub(crate) prompt: bool,
    /// The zone of the times [default: of the account's posting times, or of the settings].
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// The account that is to post, by its handle [default: the only one].
    #[arg(long, value_name = "HANDLE")]
    pub(crate) account: Option<String>,
    /// Where to write [default: standard output].
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite that file when it is there already; without this you are asked on a terminal.
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// The format of a file to fill in.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum TemplateArg {
    Json,
    Csv,
    Xlsx,
    Text,
    Markdown,
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

/// `roost check-media`
#[derive(Debug, Args)]
pub(crate) struct CheckMedia {
    /// The pictures and videos.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// For an account that may post videos of more than 140 seconds, as Premium accounts may.
    #[arg(long)]
    pub(crate) long_videos: bool,
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
