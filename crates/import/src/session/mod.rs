//! An import while a person looks at it: a table, a mapping, choices and changed cells, and what becomes
//! of each row under them.
//!
//! What is judged depends on nothing but these: rows are the same whether a file had a text from the
//! beginning or a person wrote it into a cell, and in whatever order cells, mapping and choices were set.
//!
//! A row is judged in two steps. `judge` reads and checks it by itself and keeps some words of memory
//! (`kept`); `across` compares what is kept of all rows. Words are made of a row when it is shown.

mod across;
mod change;
mod count;
mod edits;
mod file;
mod fixes;
mod found;
mod judge;
mod kept;
mod listed;
mod outcome;
mod pass;
mod ready;
mod rows;
mod summary;
mod view;
mod words;

use std::ops::ControlFlow;

use roost_core::failure::Code;

use crate::choices::Choices;
use crate::finding::{Finding, Severity};
use crate::mapping::Mapping;
use crate::row::{Basis, Changes, Rules};
use crate::surroundings::{LookupFailed, Surroundings};
use crate::table::RawTable;
use across::{Across, Ground, KnownPosts};
use edits::Decisions;
use judge::RowJudge;
use kept::{Codes, FoundSets, Kept};
use listed::Listed;
use pass::Asked;

pub use change::{new_status, over};
pub use edits::{CellChange, Decision, Edits, RowDecision};
pub use fixes::{Fixed, Scope};
pub use outcome::{Outcome, SkipReason};
pub use ready::{ReadyRow, Reject};
pub use summary::{CodeCount, DayCount, MonthCost, Summary};
pub use view::{FieldChange, RowFilter, RowPage, RowView, UpdatedPost};

/// Beyond as many changed rows all are compared anew: that is quicker.
const COMPARED_ONE_BY_ONE_MAX: usize = 32;
/// Beyond as many changed rows the texts of all are compared anew, on their own.
const TEXTS_COMPARED_AGAIN_MAX: usize = 1_000;
/// Rows whose texts are compared between two words about how far it is.
const TEXTS_COMPARED_ROWS: u32 = 8_192;

/// An import that is open.
#[derive(Debug)]
pub struct Session {
    table: RawTable,
    mapping: Mapping,
    choices: Choices,
    surroundings: Surroundings,
    changes: Changes,
    decisions: Decisions,
    rules: Rules,
    file_findings: Vec<Finding>,
    facts: Vec<Kept>,
    sets: FoundSets,
    known: KnownPosts,
    across: Across,
    summary: Summary,
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

/// Goes on whatever is told.
fn unwatched(_: u32) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

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
        Self::open_watched(table, mapping, choices, surroundings, Edits::default(), &unwatched)
    }

    /// Judges all rows of a table with what a person changed before, and tells how far it is. Changes of
    /// rows that the table does not have are left out.
    ///
    /// # Errors
    /// When the store can't be read, or the person gave it up.
    pub fn open_watched(
        table: RawTable,
        mapping: Mapping,
        choices: Choices,
        surroundings: Surroundings,
        edits: impl Into<Edits>,
        watch: Watch<'_>,
    ) -> Result<Self> {
        let edits: Edits = edits.into();
        let rows = row_count(&table);
        let is_there = |row: u32| (1..=rows).contains(&row);
        let mut changes = Changes::new();
        for cell in edits.cells.iter().filter(|cell| is_there(cell.row)) {
            edits::write(&mut changes, cell);
        }
        let decisions = edits.decisions.iter().filter(|it| is_there(it.row));
        let decisions = decisions.map(|it| (it.row, it.decision)).collect();
        let rules =
            Rules::new(&table, &mapping, &choices, &surroundings, &mut Vec::<Finding>::new());
        let mut session = Self {
            table,
            mapping,
            choices,
            surroundings,
            changes,
            decisions,
            rules,
            file_findings: Vec::new(),
            facts: Vec::new(),
            sets: FoundSets::new(),
            known: KnownPosts::default(),
            across: Across::default(),
            summary: Summary::default(),
        };
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

    /// Returns how many rows there are.
    #[must_use]
    pub fn rows(&self) -> u32 {
        row_count(&self.table)
    }

    /// Returns the cells that a person changed, by row and field.
    pub fn changes(&self) -> impl Iterator<Item = CellChange> {
        self.edits().cells.into_iter()
    }

    /// Returns all that a person changed.
    #[must_use]
    pub fn edits(&self) -> Edits {
        Edits::of(&self.changes, &self.decisions)
    }

    /// Writes texts into cells, in their order, and returns the rows that end otherwise because of it,
    /// from 1 and in order, those named among them.
    ///
    /// # Errors
    /// When a row is none, and then nothing is changed; when the store can't be read.
    pub fn set_cells(&mut self, cells: &[CellChange]) -> Result<Vec<u32>> {
        let mut rows: Vec<u32> = cells.iter().map(|cell| cell.row).collect();
        self.expect_rows(&rows)?;
        for cell in cells {
            edits::write(&mut self.changes, cell);
        }
        rows.sort_unstable();
        rows.dedup();
        self.judge_rows(&rows)
    }

    /// Decides what becomes of single rows, or takes that back where there is no decision. Returns the
    /// rows that end otherwise because of it, from 1 and in order, those named among them.
    ///
    /// # Errors
    /// When a row is none, and then nothing is changed; when the store can't be read.
    pub fn decide(&mut self, rows: &[u32], decision: Option<Decision>) -> Result<Vec<u32>> {
        self.expect_rows(rows)?;
        for row in rows {
            match decision {
                Some(decision) => self.decisions.insert(*row, decision),
                None => self.decisions.remove(row),
            };
        }
        let mut rows = rows.to_vec();
        rows.sort_unstable();
        rows.dedup();
        self.judge_rows(&rows)
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

    /// Compares the texts of all rows with each other and with the posts of their accounts, and warns of
    /// those that are nearly the same.
    ///
    /// # Errors
    /// When the store can't be read, or the person gave it up.
    pub fn compare_texts(&mut self, watch: Watch<'_>) -> Result<()> {
        let mut compared = 0;
        while self.compare_some_texts(TEXTS_COMPARED_ROWS)? {
            compared += TEXTS_COMPARED_ROWS;
            if watch(compared.min(self.rows())) == ControlFlow::Break(()) {
                return Err(SessionError::GivenUp);
            }
        }
        Ok(())
    }

    /// Compares the texts of at most `most` further rows, and returns whether rows are left. It takes
    /// longer than all other checks together, and is done on its own once rows are shown; what is
    /// changed meanwhile and afterwards is compared at once.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn compare_some_texts(&mut self, most: u32) -> Result<bool> {
        if self.across.has_compared_texts() {
            return Ok(false);
        }
        let mut across = std::mem::take(&mut self.across);
        let compared = across.compare_texts(most as usize, self.ground());
        self.across = across;
        compared?;
        self.summarise();
        Ok(!self.across.has_compared_texts())
    }

    /// Returns what an import would do, in numbers.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Returns what concerns the source as a whole, errors first.
    #[must_use]
    pub fn file_findings(&self) -> Vec<Finding> {
        self.file_findings.clone()
    }

    /// Returns the first findings in the order of the source, at most `most` errors and as many
    /// warnings; what concerns the source as a whole stands in front. [`Summary`] counts all.
    #[must_use]
    pub fn findings(&self, most: usize) -> Vec<Finding> {
        let mut listed = Listed::new(most);
        self.file_findings.iter().cloned().for_each(|finding| listed.add(finding));
        let mut judge = RowJudge::new(self.basis(), &self.decisions);
        for row in 1..=self.rows() {
            if listed.is_full() {
                break;
            }
            // Words cost more than the judgement: they are made only of what is still listed.
            if !self.found(row).any(|(_, severity)| listed.has_room(severity)) {
                continue;
            }
            let told = words::tell(self, &mut judge, row).into_iter();
            told.flat_map(|told| told.findings).for_each(|finding| listed.add(finding));
        }
        listed.into_findings()
    }

    /// Returns the rows that a filter finds, from the `from`th on, at most `limit`.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn page(&self, filter: &RowFilter, from: u32, limit: u32) -> Result<RowPage> {
        rows::page(self, filter, from, limit)
    }

    /// Returns these rows as they are shown, in this order; rows that are none are left out.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn views(&self, rows: &[u32]) -> Result<Vec<RowView>> {
        let there: Vec<u32> =
            rows.iter().copied().filter(|row| (1..=self.rows()).contains(row)).collect();
        rows::views(self, &there)
    }

    /// Returns one row as it is shown.
    ///
    /// # Errors
    /// When there is no such row, or the store can't be read.
    pub fn row(&self, row: u32) -> Result<RowView> {
        self.expect_rows(&[row])?;
        let view = rows::views(self, &[row])?.pop();
        view.ok_or(SessionError::NoSuchRow { row, rows: self.rows() })
    }

    /// Returns the rows to store, in the order of the source, one at a time: ready rows and drafts.
    pub fn ready(&self) -> impl Iterator<Item = ReadyRow> {
        rows::ready(self)
    }

    /// Returns the rows that are not imported, each with the reason in words, in the order of the source.
    pub fn rejects(&self) -> impl Iterator<Item = Reject> {
        rows::rejects(self)
    }

    fn basis(&self) -> Basis<'_> {
        Basis {
            table: &self.table,
            mapping: &self.mapping,
            choices: &self.choices,
            surroundings: &self.surroundings,
            changes: &self.changes,
            rules: &self.rules,
        }
    }

    fn ground(&self) -> Ground<'_> {
        Ground {
            basis: self.basis(),
            facts: &self.facts,
            choices: &self.choices,
            surroundings: &self.surroundings,
            rules: &self.rules,
        }
    }

    /// Returns what was found in a row and is told, without its words.
    fn found(&self, row: u32) -> impl Iterator<Item = (Code, Severity)> {
        let end = self.across.end(row);
        let found = self.sets.get(self.facts[row as usize - 1].found);
        let by_itself = found.iter().filter(|_| end.is_told()).copied();
        by_itself.chain(found::among_others(end))
    }

    fn codes(&self, row: u32) -> impl Iterator<Item = Code> {
        self.found(row).map(|(code, _)| code)
    }

    fn expect_rows(&self, rows: &[u32]) -> Result<()> {
        let last = self.rows();
        match rows.iter().find(|row| !(1..=last).contains(*row)) {
            Some(row) => Err(SessionError::NoSuchRow { row: *row, rows: last }),
            None => Ok(()),
        }
    }

    fn judge_all(&mut self, watch: Watch<'_>) -> Result<()> {
        let mut findings: Vec<Finding> = Vec::new();
        self.rules = Rules::new(
            &self.table,
            &self.mapping,
            &self.choices,
            &self.surroundings,
            &mut findings,
        );
        let passed = pass::run(self.basis(), &self.decisions, watch)?;
        (self.facts, self.sets, self.known) = (passed.facts, passed.sets, passed.known);
        self.across = Across::new(self.ground(), &self.known);
        self.file_findings = findings;
        self.summarise();
        Ok(())
    }

    /// Judges rows anew, and compares what changed.
    fn judge_rows(&mut self, rows: &[u32]) -> Result<Vec<u32>> {
        let mut judged = Vec::with_capacity(rows.len());
        let mut known = std::mem::take(&mut self.known);
        let asked = self.judge_again(rows, &mut judged, &mut known);
        self.known = known;
        asked?;
        let mut changed = rows.to_vec();
        let one_by_one = rows.len() <= COMPARED_ONE_BY_ONE_MAX;
        let ends_before = if one_by_one { Vec::new() } else { self.across.ends().to_vec() };
        for (row, kept, found) in judged {
            let found = self.sets.place(&found);
            let place = row as usize - 1;
            let before = std::mem::replace(&mut self.facts[place], Kept { found, ..kept });
            if one_by_one {
                let mut across = std::mem::take(&mut self.across);
                let others = across.change(row, &before, self.ground(), &self.known);
                let near = across.compare_again(&[row], others.iter().copied(), self.ground());
                self.across = across;
                changed.extend(others.into_iter().chain(near));
            }
        }
        if !one_by_one {
            let mut across = Across::new(self.ground(), &self.known);
            if rows.len() <= TEXTS_COMPARED_AGAIN_MAX {
                across.keep_texts_of(&mut self.across);
                across.compare_again(rows, 1..=self.rows(), self.ground());
            }
            self.across = across;
            let both = (1..).zip(ends_before.iter().zip(self.across.ends()));
            changed.extend(both.filter(|(_, (old, new))| old != new).map(|(row, _)| row));
        }
        self.summarise();
        changed.sort_unstable();
        changed.dedup();
        Ok(changed)
    }

    fn judge_again(
        &self,
        rows: &[u32],
        judged: &mut Vec<(u32, Kept, Vec<kept::Found>)>,
        known: &mut KnownPosts,
    ) -> Result<()> {
        let mut judge = RowJudge::new(self.basis(), &self.decisions);
        let mut asked = Asked::default();
        for row in rows {
            let Some(cells) = self.table.row(*row as usize - 1) else { continue };
            let mut codes = Codes::default();
            let one = judge.judge(&cells, &mut codes);
            codes.0.sort_unstable();
            judged.push((*row, one.facts, codes.0));
            asked.add(*row, one, self.basis());
        }
        asked.answer(self.basis(), known)?;
        Ok(())
    }

    fn summarise(&mut self) {
        let mut findings: Vec<Finding> = Vec::new();
        file::findings(self, &mut findings);
        self.file_findings = findings;
        self.summary = count::summary(self);
    }
}

fn row_count(table: &RawTable) -> u32 {
    u32::try_from(table.len()).unwrap_or(u32::MAX)
}
