//! Fixes of one click, for a row or for all rows that have the finding.

use std::cell::RefCell;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::limits::Subscription;
use roost_core::zone::{Zone, resolve, wall_time_of};

use super::edits::{CellChange, Decision};
use super::judge::{RowJudge, known_account};
use super::kept::Codes;
use super::{Result, Session, words};
use crate::finding::{Finding, FixId, entry};
use crate::fix;
use crate::row::{FieldCells, appended_length};

/// Which rows a fix is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This row, from 1.
    Row(u32),
    /// All rows to which it is offered because of this finding.
    Found(Code),
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
            Scope::Found(_) | Scope::All => (1..=self.rows()).collect(),
        };
        let because_of = match scope {
            Scope::Found(code) => Some(code),
            Scope::Row(_) | Scope::All => None,
        };
        let rows = self.offered(fix, because_of, rows);
        if !matches!(scope, Scope::Row(_))
            && !rows.is_empty()
            && let Some(choices) = fix::for_all(fix, &self.choices)
        {
            self.set_choices(choices, &super::unwatched)?;
            return Ok(Fixed { fixed: rows, judged: (1..=self.rows()).collect() });
        }
        let decision = match fix {
            FixId::LeaveOut => Decision::LeaveOut,
            FixId::MakeDraft => Decision::Draft,
            FixId::NextFreeTime => Decision::NextSlot,
            FixId::MoveWaitingPost => Decision::Update,
            FixId::Spread => {
                let cells = self.spread();
                return self.write(cells);
            }
            _ => {
                let cells = self.mended(fix, &rows);
                return self.write(cells);
            }
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

    /// Returns those of the rows to which a fix is offered, be it because of one finding or of any.
    fn offered(&self, fix: FixId, because_of: Option<Code>, rows: Vec<u32>) -> Vec<u32> {
        let mut judge = RowJudge::new(self.basis(), &self.decisions);
        let mut rows = rows;
        let counts = |code: Code| because_of.is_none_or(|it| it == code);
        let is_offered = |finding: &Finding| {
            counts(finding.problem.code) && finding.fixes.iter().any(|it| it.id == fix)
        };
        // What is wrong with the source is not counted among the codes of its rows.
        let is_of_source = self.file_findings.iter().any(is_offered);
        rows.retain(|row| {
            let offers =
                |code| counts(code) && entry(code).is_some_and(|entry| entry.fixes.contains(&fix));
            if !is_of_source && !self.codes(*row).any(offers) {
                return false;
            }
            let told = words::tell(self, &mut judge, *row);
            let findings = told.into_iter().flat_map(|told| [told.findings, told.of_source]);
            findings.flatten().any(|finding| is_offered(&finding))
        });
        rows
    }

    /// Returns what a fix makes of the cells of rows.
    fn mended(&self, fix: FixId, rows: &[u32]) -> Vec<CellChange> {
        let mut judge = RowJudge::new(self.basis(), &self.decisions);
        let mut changes = Vec::new();
        for row in rows {
            let cells =
                self.mend(&mut judge, *row, |cells, context| fix::cells(fix, cells, context));
            changes.extend(cells);
        }
        changes
    }

    /// Returns the cells that `write` makes of those of a row and of what is known about it.
    fn mend<'s>(
        &'s self,
        judge: &mut RowJudge<'s>,
        row: u32,
        write: impl FnOnce(&FieldCells<'_>, &fix::Context<'_>) -> fix::Cells,
    ) -> Vec<CellChange> {
        let Some(cells) = self.table.row(row as usize - 1) else { return Vec::new() };
        let meant = judge.judge(&cells, &mut Codes::default()).meant;
        let by_field = self.basis().cells(&cells);
        let account = known_account(&self.surroundings, meant.account);
        let limits = account.and_then(|it| it.limits.as_ref()).unwrap_or(&self.surroundings.limits);
        let subscription = account.map_or(Subscription::None, |account| account.subscription);
        let settings = &self.surroundings.zone;
        // A zone that is none is told without the account's: the same city is meant here.
        let of_account = account.filter(|_| meant.zone.is_some()).and_then(|it| it.zone.as_ref());
        let hints: Vec<&Zone> =
            self.rules.zone.iter().chain(of_account).chain([settings]).collect();
        let of_file = self.table.defaults.timezone.as_deref().or(self.choices.zone.as_deref());
        let context = fix::Context {
            limit: limits
                .length_for(subscription)
                .saturating_sub(appended_length(&by_field, &self.choices)),
            zone: meant.zone.as_ref().or(self.rules.zone.as_ref()).unwrap_or(settings),
            written_zone: meant.zone_word.as_deref().or(of_file),
            zone_in_time: meant.zoned_wall.is_some(),
            hints: &hints,
            wall: meant.when.map(|when| when.wall).or(meant.zoned_wall),
            at: meant.when.and_then(|when| when.at),
            next_free: None,
        };
        let mended = write(&by_field, &context).into_iter();
        mended.map(|(field, text)| CellChange { row, field, text }).collect()
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
        let cells = moved.flat_map(|(row, at)| {
            self.mend(&mut judge.borrow_mut(), row, |cells, context| {
                fix::move_to(at, cells, context)
            })
        });
        cells.collect()
    }
}
