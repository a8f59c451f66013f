//! Fixes of one click, for a row or for all rows that have the finding.

use std::cell::RefCell;

use roost_core::clock::UnixMillis;
use roost_core::zone::{Zone, resolve, wall_time_of};

use super::edits::{CellChange, Decision};
use super::judge::RowJudge;
use super::kept::Codes;
use super::{Result, Session, words};
use crate::field::Field;
use crate::finding::{FixId, entry};

/// Which rows a fix is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This row, from 1.
    Row(u32),
    /// All rows to which it is offered.
    All,
}

/// What a fix did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fixed {
    /// The rows that it changed, from 1 and in order.
    pub fixed: Vec<u32>,
    /// The rows that end otherwise because of it, those that it changed among them.
    pub judged: Vec<u32>,
}

impl Session {
    /// Applies a fix to rows to which it is offered. A row to which it is not is left as it is.
    ///
    /// # Errors
    /// When the row is none, or the store can't be read.
    pub fn apply(&mut self, fix: FixId, scope: Scope) -> Result<Fixed> {
        let rows = match scope {
            Scope::Row(row) => {
                self.expect_rows(&[row])?;
                vec![row]
            }
            Scope::All => (1..=self.rows()).collect(),
        };
        let rows = self.offered(fix, rows);
        let decision = match fix {
            FixId::LeaveOut => Decision::LeaveOut,
            FixId::MakeDraft => Decision::Draft,
            FixId::NextFreeTime => Decision::NextSlot,
            FixId::MoveWaitingPost => Decision::Update,
            FixId::Spread => {
                let cells = self.spread();
                return self.write(cells);
            }
            _ => return Ok(Fixed::default()),
        };
        let judged = if rows.is_empty() { Vec::new() } else { self.decide(&rows, Some(decision))? };
        Ok(Fixed { fixed: rows, judged })
    }

    fn write(&mut self, cells: Vec<CellChange>) -> Result<Fixed> {
        if cells.is_empty() {
            return Ok(Fixed::default());
        }
        let judged = self.set_cells(&cells)?;
        let mut fixed: Vec<u32> = cells.into_iter().map(|cell| cell.row).collect();
        fixed.sort_unstable();
        fixed.dedup();
        Ok(Fixed { fixed, judged })
    }

    /// Returns those of the rows to which a fix is offered.
    fn offered(&self, fix: FixId, rows: Vec<u32>) -> Vec<u32> {
        let mut judge = RowJudge::new(self.basis(), &self.decisions);
        let mut rows = rows;
        rows.retain(|row| {
            let offers = |code| entry(code).is_some_and(|entry| entry.fixes.contains(&fix));
            if !self.codes(*row).any(offers) {
                return false;
            }
            let told = words::tell(self, &mut judge, *row);
            let findings = told.into_iter().flat_map(|told| [told.findings, told.of_source]);
            findings.flatten().any(|finding| finding.fixes.iter().any(|it| it.id == fix))
        });
        rows
    }

    /// Returns new times for the rows that are more than X lets out: the same time of day on the next
    /// days that have room, on the clocks of each row's zone.
    fn spread(&self) -> Vec<CellChange> {
        let judge = RefCell::new(RowJudge::new(self.basis(), &self.decisions));
        let zone_of = |row: u32| -> Zone {
            let cells = self.table.row(row as usize - 1);
            let meant =
                cells.map(|cells| judge.borrow_mut().judge(&cells, &mut Codes::default()).meant);
            let zone = meant.and_then(|meant| meant.zone);
            zone.unwrap_or_else(|| self.surroundings.zone.clone())
        };
        let later = |at: UnixMillis, row: u32, days: i64| {
            let zone = zone_of(row);
            resolve(&wall_time_of(at, &zone).plus_hours(24 * days), &zone).instant
        };
        let moved = self.across.plan().spread(&later).into_iter();
        let cells = moved.map(|(row, at)| CellChange {
            row,
            field: Field::ScheduledAt,
            text: wall_time_of(at, &zone_of(row)).to_string(),
        });
        cells.collect()
    }
}
