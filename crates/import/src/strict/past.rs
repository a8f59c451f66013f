//! Rows whose time has passed and that are to go out all the same: each takes the next free
//! half-hour of its account. Half-hours, so that a backlog alone stays under the 50 posts a day
//! that X allows an unverified account.

use std::collections::{BTreeSet, HashMap};

use super::options::Options;
use super::parsed::Row;
use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Findings, Problem};
use roost_core::id::XUserId;
use roost_core::zone::wall_time_of;

/// Slots begin at the whole hour and at half past.
pub const SLOT_MINUTES: i64 = 30;
const SLOT_MILLIS: i64 = SLOT_MINUTES * 60 * 1000;

/// Gives each of the `late` rows the next free slot, in the order of their times, and says so.
pub(super) fn place(
    mut late: Vec<Row>,
    on_time: &[Row],
    options: &Options,
    findings: &mut Findings,
) -> Vec<Row> {
    late.sort_by_key(|row| (row.scheduled_at, row.row));
    let mut taken: HashMap<Option<XUserId>, BTreeSet<UnixMillis>> = HashMap::new();
    for row in on_time {
        taken.entry(row.account.clone()).or_default().extend(row.scheduled_at);
    }
    // Times only move forward, so that each account's slots are walked over once.
    let mut next: HashMap<Option<XUserId>, i64> = HashMap::new();
    let first = (options.now.0.div_euclid(SLOT_MILLIS) + 1) * SLOT_MILLIS;
    for row in &mut late {
        let slot = next.entry(row.account.clone()).or_insert(first);
        let busy = |from: i64| {
            let span = UnixMillis(from)..UnixMillis(from + SLOT_MILLIS);
            [taken.get(&row.account), options.known.times(&row.account)]
                .into_iter()
                .flatten()
                .any(|times| times.range(span.clone()).next().is_some())
        };
        while busy(*slot) {
            *slot += SLOT_MILLIS;
        }
        move_to(row, UnixMillis(*slot), findings);
        *slot += SLOT_MILLIS;
    }
    late
}

fn move_to(row: &mut Row, slot: UnixMillis, findings: &mut Findings) {
    let before = row.wall_time;
    let after = wall_time_of(slot, &row.zone);
    row.scheduled_at = Some(slot);
    row.wall_time = Some(after);
    findings.at_row(row.row, row.line);
    let Some(before) = before else { return };
    findings.warn(|| {
        let message = format!("{before} has passed; the post moves to {after}.");
        Problem::new(Code::TimeMoved, message).in_field("scheduledAt")
    });
}
