//! An import while a person looks at it: a table, a mapping, choices and changed cells, and what becomes
//! of each row under them.
//!
//! What is judged depends on nothing but these: rows are the same whether a file had a text from the
//! beginning or a person wrote it into a cell, and in whatever order cells, mapping and choices were set.

mod outcome;
mod ready;
mod summary;
mod view;

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::choices::Choices;
use crate::field::Field;
use crate::finding::Finding;
use crate::mapping::Mapping;
use crate::row::Changes;
use crate::surroundings::{LookupFailed, Surroundings};
use crate::table::RawTable;

pub use crate::facts::{AccountIndex, NO_ACCOUNT, RowFacts};
pub use outcome::{Outcome, SkipReason};
pub use ready::ReadyRow;
pub use summary::{CodeCount, DayCount, MonthCost, Summary};
pub use view::{RowFilter, RowPage, RowView, UpdatedPost};

/// An import that is open.
#[derive(Debug)]
pub struct Session {
    table: RawTable,
    mapping: Mapping,
    choices: Choices,
    surroundings: Surroundings,
    changes: Changes,
    summary: Summary,
}

/// The text that a person gave a field of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CellChange {
    /// The row, from 1.
    pub row: u32,
    /// The field.
    pub field: Field,
    /// Its text; an empty one takes it away.
    pub text: String,
}

/// Which rows a fix is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This row, from 1.
    Row(u32),
    /// All rows that it fits.
    All,
}

/// Told from time to time how many rows are judged; answers whether to go on.
pub type Watch<'w> = &'w (dyn Fn(u32) -> ControlFlow<()> + Sync);

/// Why a session did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The store can't be read.
    #[error(transparent)]
    Lookup(#[from] LookupFailed),
    /// There is no such row.
    #[error("The source has {rows} rows; there is no row {row}.")]
    NoSuchRow {
        /// The row asked for, from 1.
        row: u32,
        /// How many there are.
        rows: u32,
    },
    /// The person gave it up while rows were judged.
    #[error("The import was given up.")]
    GivenUp,
}

/// What came of a session's work.
pub type Result<T> = std::result::Result<T, SessionError>;

impl Session {
    /// Judges all rows of a table.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn open(
        table: RawTable,
        mapping: Mapping,
        choices: Choices,
        surroundings: Surroundings,
    ) -> Result<Self> {
        Self::open_watched(table, mapping, choices, surroundings, Vec::new(), &|_| {
            ControlFlow::Continue(())
        })
    }

    /// Judges all rows of a table with the cells that a person changed before, and tells how far it is.
    ///
    /// # Errors
    /// When the store can't be read, or the person gave it up.
    pub fn open_watched(
        table: RawTable,
        mapping: Mapping,
        choices: Choices,
        surroundings: Surroundings,
        changes: Vec<CellChange>,
        watch: Watch<'_>,
    ) -> Result<Self> {
        let changes = changes
            .into_iter()
            .map(|change| ((change.row, change.field), change.text.into_boxed_str()))
            .collect();
        let summary = Summary::default();
        let mut session = Self { table, mapping, choices, surroundings, changes, summary };
        session.judge_all(watch)?;
        Ok(session)
    }

    /// Returns the cells as the source has them.
    #[must_use]
    pub const fn table(&self) -> &RawTable {
        &self.table
    }

    /// Returns which column is which field.
    #[must_use]
    pub const fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Returns the person's choices.
    #[must_use]
    pub const fn choices(&self) -> &Choices {
        &self.choices
    }

    /// Returns what the rows are judged against.
    #[must_use]
    pub const fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Returns the cells that a person changed, by row and field.
    pub fn changes(&self) -> impl Iterator<Item = CellChange> {
        self.changes.iter().map(|((row, field), text)| CellChange {
            row: *row,
            field: *field,
            text: text.to_string(),
        })
    }

    /// Writes texts into cells, and returns the rows that were judged anew because of it, from 1 and in
    /// order: those named, and rows that stand to them as repeats or neighbours.
    ///
    /// # Errors
    /// When a row is none, and then nothing is changed; when the store can't be read.
    pub fn set_cells(&mut self, cells: &[CellChange]) -> Result<Vec<u32>> {
        let rows = u32::try_from(self.table.len()).unwrap_or(u32::MAX);
        if let Some(wrong) = cells.iter().find(|cell| cell.row == 0 || cell.row > rows) {
            return Err(SessionError::NoSuchRow { row: wrong.row, rows });
        }
        for cell in cells {
            self.changes.insert((cell.row, cell.field), cell.text.as_str().into());
        }
        self.judge_all(&|_| ControlFlow::Continue(()))?;
        let mut named: Vec<u32> = cells.iter().map(|cell| cell.row).collect();
        named.sort_unstable();
        named.dedup();
        Ok(named)
    }

    /// Takes another mapping, and judges all rows by it.
    ///
    /// # Errors
    /// When the store can't be read, or the person gave it up.
    pub fn set_mapping(&mut self, mapping: Mapping, watch: Watch<'_>) -> Result<()> {
        self.mapping = mapping;
        self.judge_all(watch)
    }

    /// Takes other choices, and judges all rows by them.
    ///
    /// # Errors
    /// When the store can't be read, or the person gave it up.
    pub fn set_choices(&mut self, choices: Choices, watch: Watch<'_>) -> Result<()> {
        self.choices = choices;
        self.judge_all(watch)
    }

    /// Takes other surroundings: time went on, an account was connected, posts were made.
    ///
    /// # Errors
    /// When the store can't be read, or the person gave it up.
    pub fn set_surroundings(&mut self, surroundings: Surroundings, watch: Watch<'_>) -> Result<()> {
        self.surroundings = surroundings;
        self.judge_all(watch)
    }

    /// Returns what an import would do, in numbers.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Returns what concerns the source as a whole, errors first.
    #[must_use]
    pub fn file_findings(&self) -> Vec<Finding> {
        Vec::new()
    }

    /// Returns the first findings of rows in the order of the source, at most `most` errors and as many
    /// warnings; what concerns the source as a whole stands in front. [`Summary`] counts all.
    #[must_use]
    pub fn findings(&self, most: usize) -> Vec<Finding> {
        let mut findings = self.file_findings();
        findings.truncate(most);
        findings
    }

    /// Returns the rows that a filter finds, from the `from`th on, at most `limit`.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn page(&self, _filter: &RowFilter, _from: u32, _limit: u32) -> Result<RowPage> {
        Ok(RowPage { rows: Vec::new(), total: 0 })
    }

    /// Returns one row as it is shown.
    ///
    /// # Errors
    /// When there is no such row, or the store can't be read.
    pub fn row(&self, row: u32) -> Result<RowView> {
        let rows = u32::try_from(self.table.len()).unwrap_or(u32::MAX);
        Err(SessionError::NoSuchRow { row, rows })
    }

    /// Returns the rows to store, in the order of the source, one at a time: ready rows and drafts.
    pub fn ready(&self) -> impl Iterator<Item = ReadyRow> {
        std::iter::empty()
    }

    /// Returns the rows that are not imported and have a reason that a person can mend or wants to know,
    /// each with that reason in words, in the order of the source.
    pub fn rejects(&self) -> impl Iterator<Item = Reject> {
        std::iter::empty()
    }

    fn judge_all(&mut self, _watch: Watch<'_>) -> Result<()> {
        self.summary = Summary {
            rows: u32::try_from(self.table.len()).unwrap_or(u32::MAX),
            ..Summary::default()
        };
        Ok(())
    }
}

/// A row that is not imported: to be saved with its reason, mended and imported again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Its place in the source, from 1; its cells stand in [`Session::table`].
    pub row: u32,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// The cells that a person changed.
    pub changed: Vec<(Field, String)>,
    /// Why, in sentences.
    pub reason: String,
}
