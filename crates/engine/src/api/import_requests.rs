//! What a host asks of an import.

use std::path::PathBuf;

use roost_core::failure::Code;
use roost_core::id::{ImportId, XUserId};
use roost_import::choices::Choices;
use roost_import::export::ExportFormat;
use roost_import::field::Field;
use roost_import::finding::FixId;
use roost_import::format::Format;
use roost_import::mapping::{DateOrder, NumberDates};
use roost_import::session::{CellChange, Decision, RowFilter};
use roost_import::surroundings::WeeklySlot;
use serde::{Deserialize, Serialize};

/// Opens files, or texts, as one import. Nothing is written to the store before it is committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct OpenImport {
    /// Where the posts come from; the rows of several follow one another.
    pub sources: Vec<PostSource>,
    /// Defaults, policies and switches; those that were used last where none are given.
    #[serde(default)]
    pub choices: Option<Choices>,
    /// The sheet of a workbook that has several.
    #[serde(default)]
    pub sheet: Option<String>,
    /// The list of a JSON file that has several, by its name.
    #[serde(default)]
    pub list: Option<String>,
    /// The format, where the source is not what it looks like.
    #[serde(default)]
    pub format: Option<Format>,
    /// The name of the person's own plan, within which the ids of rows count.
    #[serde(default)]
    pub plan: Option<String>,
    /// A name of the host's own, under which it asks how far the opening is, or gives it up.
    #[serde(default)]
    pub work: Option<String>,
}

/// Where posts come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(untagged, deny_unknown_fields)]
pub enum PostSource {
    /// A file on this computer.
    Path {
        /// Its path.
        path: PathBuf,
    },
    /// A text, such as what was pasted.
    Text {
        /// The text.
        text: String,
        /// What it is called in messages and in the list of imports.
        #[serde(default)]
        name: Option<String>,
    },
}

/// Names an import that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct OneSession {
    /// The open import.
    pub session: ImportId,
}

/// Reopens an import that was left open, such as when the window ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct ReopenImport {
    /// The open import.
    pub session: ImportId,
    /// Whether a source that changed since is judged as it is now. Without this it is refused.
    #[serde(default)]
    pub read_anew: bool,
}

/// Names what is being done with an import: the name that the host gave, or the id of the open import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct ImportWork {
    /// The name.
    pub work: String,
}

/// Asks for rows of an open import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct ImportRowsQuery {
    /// The open import.
    pub session: ImportId,
    /// Which rows.
    #[serde(default)]
    pub filter: RowFilter,
    /// How many of them come before the first that is wanted.
    #[serde(default)]
    pub from: u32,
    /// Rows at most; 0 means 50, and more than 500 are never given.
    #[serde(default)]
    pub limit: u32,
}

/// Sets cells of an open import, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct SetImportCells {
    /// The open import.
    pub session: ImportId,
    /// The cells; 10,000 at most.
    pub cells: Vec<CellChange>,
}

/// Says what columns of an open import are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct SetImportMapping {
    /// The open import.
    pub session: ImportId,
    /// The columns that are to be something else; the others stay.
    pub columns: Vec<ColumnChoice>,
}

/// What a column is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct ColumnChoice {
    /// The column, from 0.
    pub column: u16,
    /// The field that it is; `None` leaves it out.
    pub field: Option<Field>,
    /// In which order its dates name day and month; `None` leaves that as it is.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
    /// What its numbers count, where they are dates; `None` leaves that as it is.
    #[serde(default)]
    pub numbers: Option<NumberDates>,
}

/// Chooses policies and switches of an open import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct SetImportChoices {
    /// The open import.
    pub session: ImportId,
    /// All choices as they are to be.
    pub choices: Choices,
}

/// Reads the sources of an open import in another way. Rows of another sheet or list are others: what was
/// changed in those before is given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct SetImportPart {
    /// The open import.
    pub session: ImportId,
    /// The sheet of a workbook that has several.
    #[serde(default)]
    pub sheet: Option<String>,
    /// The list of a JSON file that has several, by its name.
    #[serde(default)]
    pub list: Option<String>,
    /// The name of the person's own plan, within which the ids of rows count.
    #[serde(default)]
    pub plan: Option<String>,
}

/// Mends what a finding is about, in one row or in all that have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct FixImport {
    /// The open import.
    pub session: ImportId,
    /// The fix, by its id in the finding.
    pub fix: FixId,
    /// The row, from 1; `None` is every row that has such a finding.
    #[serde(default)]
    pub row: Option<u32>,
    /// The finding that is mended in every row; `None` is each that offers the fix.
    #[serde(default)]
    pub code: Option<Code>,
}

/// Decides what becomes of single rows, whatever the choices for all rows say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct DecideImportRows {
    /// The open import.
    pub session: ImportId,
    /// The rows, from 1.
    pub rows: Vec<u32>,
    /// What becomes of them; `None` takes a decision back.
    pub decision: Option<Decision>,
}

/// Saves the rows that are left out or refused, each with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct SaveImportRejects {
    /// The open import.
    pub session: ImportId,
    /// The file to write, in the format in which the rows came.
    pub path: PathBuf,
}

/// Asks for an account's weekly posting times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct GetSlots {
    /// X's id of the user.
    pub x_user_id: XUserId,
}

/// Asks for a file to fill in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct GetImportTemplate {
    /// The format: JSON, CSV, Excel, plain text or Markdown.
    pub format: Format,
    /// The file to write; without one the template is returned as a text, where it is one.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// The zone of its times; `None` is that of the account's posting times, or of the settings.
    #[serde(default)]
    pub zone: Option<String>,
    /// The account that is to post, by its handle; `None` is the only one that is connected.
    #[serde(default)]
    pub account: Option<String>,
}

/// Asks for words that make a language model write a file of posts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct GetImportPrompt {
    /// The zone of the times; `None` is that of the account's posting times, or of the settings.
    pub zone: Option<String>,
    /// The account that is to post, by its handle; `None` is the only one that is connected.
    pub account: Option<String>,
}

/// Sets an account's weekly posting times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct SetSlots {
    /// X's id of the user.
    pub x_user_id: XUserId,
    /// The zone on whose clocks the times stand; `None` keeps it, at first the settings' zone.
    #[serde(default)]
    pub zone: Option<String>,
    /// All times of the week; none takes them away.
    pub slots: Vec<WeeklySlot>,
}

/// Writes posts into a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct ExportPosts {
    /// The file's format.
    pub format: ExportFormat,
    /// Which posts: all that are not deleted, unless something is named.
    #[serde(default)]
    pub filter: ExportFilter,
    /// Only what a list shows, or the posts that its `ids` name, whatever page it asks for; beside `filter`.
    #[serde(default)]
    pub query: Option<crate::view::PostQuery>,
    /// The file to write.
    pub path: PathBuf,
}

/// Which posts are exported; what is empty does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct ExportFilter {
    /// Only posts with one of these statuses.
    pub statuses: Vec<roost_core::status::Status>,
    /// Only posts of this account.
    pub account: Option<XUserId>,
    /// Only posts of this import.
    pub import: Option<ImportId>,
}
