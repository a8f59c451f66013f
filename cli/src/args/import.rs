//! Files of posts: in, and back out.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use roost_core::id::ImportId;

/// `roost import`
#[derive(Debug, Args)]
#[command(after_help = "\
The columns of a file are recognised by their names and by what they hold; --map says what else they \
are. --dry-run shows what each was taken for, and writes nothing. A problem is named once for all rows \
that have it; --rejects saves those rows with the reason beside each, to be mended and imported again.

Exit codes: 0 imported, 1 refused and nothing written, 2 bad usage, 3 imported, and part was refused.")]
pub(crate) struct Import {
    /// The files, or `-` for standard input. The rows of several are imported together or not at all.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<String>,
    /// Which columns are which fields: `date=When,text=Copy`. A column goes by its name, or by its place
    /// as `#2`; `date=When:dmy` says that the day stands before the month, `ignore=Notes` leaves a column
    /// out. May be given several times.
    #[arg(long, value_name = "FIELD=COLUMN,…")]
    pub(crate) map: Vec<String>,
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
    /// What to do with rows that have an error.
    #[arg(long, value_enum, default_value = "refuse", value_name = "POLICY")]
    pub(crate) problems: ProblemsArg,
    /// Save the rows that are left out or refused in this file, each with its reason.
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// Rows whose id is known change the waiting post, and so do texts whose time is another.
    #[arg(long)]
    pub(crate) update: bool,
    /// Take in images and videos that lie outside the file's own folder, too.
    #[arg(long)]
    pub(crate) media_outside: bool,
    /// The name of your own plan, within which the ids of rows count [default: the file's own].
    #[arg(long, value_name = "NAME")]
    pub(crate) plan: Option<String>,
    /// The sheet of a workbook that has several.
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// The list of a JSON file that has several.
    #[arg(long, value_name = "NAME")]
    pub(crate) list: Option<String>,
    /// The format, where a file is not what it looks like.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<ImportFormatArg>,
    /// How times that end in `Z` or `+00:00` are meant while a zone is named.
    #[arg(long, value_enum, default_value = "instant", value_name = "READING")]
    pub(crate) utc_times: UtcTimesArg,
    /// Tell what would happen, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What to do with times in the past.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum PastArg {
    /// They are errors.
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

/// What to do with rows that have an error.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ProblemsArg {
    /// One such row, and nothing is imported.
    Refuse,
    /// Keep them as drafts, where they have a text.
    Draft,
    /// Leave them out.
    Skip,
}

/// How times in UTC are meant while a zone is named.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum UtcTimesArg {
    /// As the wall time of the zone: 09:00Z is nine o'clock there.
    Wall,
    /// As the instant that they name.
    Instant,
}

/// The format of a file.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ImportFormatArg {
    /// An object with a list of posts, or the list itself.
    Json,
    /// One JSON object a line.
    JsonLines,
    /// Values between commas or semicolons.
    Csv,
    /// Values between tabs.
    Tsv,
    /// A workbook of Excel.
    Xlsx,
    /// A spreadsheet of LibreOffice.
    Ods,
    /// Plain text, a post a paragraph.
    Text,
    /// Markdown, a post a paragraph or between rules.
    Markdown,
    /// The `tweets.js` of an archive that X hands out.
    XArchive,
}

/// `roost undo-import`
#[derive(Debug, Args)]
pub(crate) struct UndoImport {
    /// The import's id, as `import` printed it.
    pub(crate) id: ImportId,
    /// Tell what would happen to which posts, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}
