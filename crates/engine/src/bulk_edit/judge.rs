//! Whether a post can be what a change makes of it, by the rules by which it is written alone.

use roost_core::failure::{Code, Findings, Problem};
use roost_core::id::XUserId;
use roost_core::post::{check_content, check_tags, check_wall_time, past};
use roost_core::status::Status;
use roost_store::Read;

use super::fields::read_contents;
use super::ground::Ground;
use super::row::Row;
use crate::api::HandoverChange;
use crate::{Result, compose};

/// Reads what those posts say whose texts are to be judged.
pub(super) fn needed_contents(store: &Read<'_>, rows: &mut [Row]) -> Result<()> {
    read_contents(store, rows, |row| {
        row.after.account.is_some() || row.after.status == Some(Status::Pending)
    })
}

/// Refuses a post that can't be so, warns of what the person should know, and says what becomes of it at the
/// scheduler.
pub(super) fn judge(row: &mut Row, ground: &Ground) {
    row.drop_what_stays();
    if !row.is_changed() {
        return;
    }
    if let Some(content) = &row.after.content {
        row.cost_after = content.cost_at(&ground.prices).0;
    }
    if row.is_taken_back() {
        row.cost_after = 0;
    }
    let mut findings = Findings::telling(usize::MAX);
    judge_time(row, ground, &mut findings);
    judge_account(row, ground, &mut findings);
    judge_text(row, ground, &mut findings);
    if let Some(tags) = &row.after.tags {
        check_tags(tags, &mut findings);
    }
    let Findings { errors, warnings, .. } = findings;
    row.warnings.extend(warnings.listed);
    if let Some(error) = errors.listed.into_iter().next() {
        row.refused = Some(error);
        row.cost_after = row.post.cost_micros;
        return;
    }
    row.handover = handover(row, ground);
}

fn is_newly_armed(row: &Row) -> bool {
    row.after.status == Some(Status::Pending)
}

/// What goes out can't go out in the past; a draft may stand there.
fn judge_time(row: &Row, ground: &Ground, findings: &mut Findings) {
    let Some(time) = row.time_after() else { return };
    if row.after.time.is_some() {
        let mut clocks = Findings::telling(usize::MAX);
        check_wall_time(&time.wall, &time.zone, &mut clocks);
        // The rule for a time that clocks skip is known: the first instant after it.
        for told in clocks.errors.listed.into_iter().chain(clocks.warnings.listed) {
            findings.warn(|| told);
        }
    }
    if time.at > ground.now() || !(row.after.time.is_some() || is_newly_armed(row)) {
        return;
    }
    let problem = || past(&time.wall, &time.zone);
    if row.is_armed_after() { findings.error(problem) } else { findings.warn(problem) }
}

fn judge_account(row: &Row, ground: &Ground, findings: &mut Findings) {
    if !is_newly_armed(row) || row.account_after().is_some() {
        return;
    }
    let (none_connected, problem) = compose::without_account(&ground.accounts);
    if none_connected { findings.warn(|| problem) } else { findings.error(|| problem) }
}

/// The text rules of the account that it has then. A draft may be unfinished.
fn judge_text(row: &Row, ground: &Ground, findings: &mut Findings) {
    let changes = row.after.content.is_some() || row.after.account.is_some();
    let Some(content) = row.after.content.as_ref().or(row.content.as_ref()) else { return };
    if !(changes || is_newly_armed(row)) {
        return;
    }
    let account: Option<&XUserId> = row.account_after();
    let rules = ground.rules(account);
    let mut told = Findings::telling(usize::MAX);
    check_content(content, &rules.limits, rules.subscription, &mut told);
    let is_armed = row.is_armed_after();
    for problem in told.errors.listed {
        if is_armed { findings.error(|| problem) } else { findings.warn(|| problem) }
    }
    told.warnings.listed.into_iter().for_each(|problem| findings.warn(|| problem));
}

fn handover(row: &Row, ground: &Ground) -> HandoverChange {
    if !row.touches_delivery() {
        return HandoverChange::None;
    }
    let was_handed_over = row.post.may_be_on_relay();
    let is_armed = row.is_armed_after();
    let is_due = row.time_after().is_some_and(|time| time.at < ground.facts.horizon_end);
    match (is_armed && is_due, was_handed_over) {
        (true, _) => HandoverChange::Armed,
        (false, true) => HandoverChange::Withdrawn,
        (false, false) => HandoverChange::None,
    }
}

/// Whether a problem says that a post would stand in the past.
pub(super) fn is_past(problem: &Problem) -> bool {
    problem.code == Code::TimeInPast
}
