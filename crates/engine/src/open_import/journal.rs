//! An open import on the disk: where it comes from, and all that a person changed of it.
//!
//! A journal is a file of JSON lines. The first says what was opened, each further one a change; the last
//! word on a cell, on the mapping and on the choices counts, so that it is read in one go whatever came
//! between. A line that can't be read, or that the end of a process cut off, is left out.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;

use roost_core::clock::UnixMillis;
use roost_core::id::ImportId;
use roost_import::choices::Choices;
use roost_import::field::Field;
use roost_import::format::Format;
use roost_import::mapping::Mapping;
use roost_import::session::{CellChange, Decision, Edits, RowDecision};
use serde::{Deserialize, Serialize};

use super::source::{Fingerprint, unwritable};
use crate::{Error, Result};

/// What was opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Opened {
    /// Its id; the import keeps it once it is committed.
    pub(crate) id: ImportId,
    /// The sources, in the order of their rows.
    pub(crate) sources: Vec<Fingerprint>,
    /// The format that the person named.
    pub(crate) format: Option<Format>,
    /// The sheet that the person named.
    pub(crate) sheet: Option<String>,
    /// The list of a JSON file that the person named.
    #[serde(default)]
    pub(crate) list: Option<String>,
    /// The plan that the person named.
    pub(crate) plan: Option<String>,
    /// Rows of the sources.
    pub(crate) rows: u64,
    /// Whether it was found in the watched folder.
    #[serde(default)]
    pub(crate) is_watched: bool,
}

/// A line of a journal.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    at: UnixMillis,
    #[serde(flatten)]
    entry: Entry,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "value")]
pub(crate) enum Entry {
    /// What was opened.
    Opened(Opened),
    /// Which column is which field.
    Mapping(Mapping),
    /// Defaults, policies and switches.
    Choices(Choices),
    /// Cells that were changed.
    Cells(Vec<CellChange>),
    /// What becomes of single rows.
    Decisions(Vec<RowDecision>),
    /// Rows of which nothing is decided any more.
    Undecided(Vec<u32>),
}

/// All that a journal says, the last word on each thing.
#[derive(Debug, Clone)]
pub(crate) struct Contents {
    pub(crate) opened: Opened,
    pub(crate) opened_at: UnixMillis,
    pub(crate) changed_at: UnixMillis,
    pub(crate) mapping: Option<Mapping>,
    pub(crate) choices: Choices,
    pub(crate) cells: BTreeMap<(u32, Field), String>,
    pub(crate) decisions: BTreeMap<u32, Decision>,
}

/// The journal of one open import, to be written on.
#[derive(Debug)]
pub(crate) struct Journal(File);

impl Journal {
    /// Returns the journal in a file, to be written on at the file's end.
    pub(super) const fn on(file: File) -> Self {
        Self(file)
    }

    /// Notes a change. It is with the system when this returns, and survives the end of the process.
    pub(crate) fn note(&mut self, at: UnixMillis, entry: Entry) -> Result<()> {
        let mut line = serde_json::to_vec(&Line { at, entry })
            .map_err(|error| Error::Internal(error.to_string()))?;
        line.push(b'\n');
        self.0.write_all(&line).map_err(|error| unwritable(&error))
    }
}

/// What the bytes of a journal say.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) contents: Contents,
    /// The bytes up to the end of the last whole line.
    pub(super) whole: u64,
    /// Whole lines that can't be read.
    pub(super) damaged: u64,
}

/// Returns what the lines say; none when the first is no beginning.
pub(super) fn read(text: &[u8]) -> Option<Reading> {
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut lines = text[..whole].split(|byte| *byte == b'\n');
    let first = serde_json::from_slice::<Line>(lines.next()?).ok()?;
    let Entry::Opened(opened) = first.entry else { return None };
    let mut contents = Contents::of(opened, first.at);
    let mut damaged = 0;
    for line in lines.filter(|line| !line.is_empty()) {
        match serde_json::from_slice::<Line>(line) {
            Ok(line) => contents.take(line.entry, line.at),
            Err(_) => damaged += 1,
        }
    }
    Some(Reading { contents, whole: whole as u64, damaged })
}

impl Contents {
    fn of(opened: Opened, at: UnixMillis) -> Self {
        Self {
            opened,
            opened_at: at,
            changed_at: at,
            mapping: None,
            choices: Choices::default(),
            cells: BTreeMap::new(),
            decisions: BTreeMap::new(),
        }
    }

    /// Returns all that a person changed in cells and decided about rows.
    pub(crate) fn edits(&self) -> Edits {
        let cells = self.cells.iter().map(|((row, field), text)| CellChange {
            row: *row,
            field: *field,
            text: text.clone(),
        });
        let decisions = self.decisions.iter();
        let decisions =
            decisions.map(|(row, decision)| RowDecision { row: *row, decision: *decision });
        Edits { cells: cells.collect(), decisions: decisions.collect() }
    }

    fn take(&mut self, entry: Entry, at: UnixMillis) {
        self.changed_at = at;
        match entry {
            // The source was read anew.
            Entry::Opened(opened) => self.opened = opened,
            Entry::Mapping(mapping) => self.mapping = Some(mapping),
            Entry::Choices(choices) => self.choices = choices,
            Entry::Cells(cells) => {
                let cells = cells.into_iter().map(|cell| ((cell.row, cell.field), cell.text));
                self.cells.extend(cells);
            }
            Entry::Decisions(decisions) => {
                self.decisions.extend(decisions.into_iter().map(|it| (it.row, it.decision)));
            }
            Entry::Undecided(rows) => {
                for row in rows {
                    self.decisions.remove(&row);
                }
            }
        }
    }
}
