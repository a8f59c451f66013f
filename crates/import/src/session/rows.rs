//! Rows as they are shown, stored and rejected.

use std::collections::{BTreeMap, HashMap};

use roost_core::cost::MicroDollars;
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_core::zone::wall_time_of;

use super::across::End;
use super::judge::{RowJudge, known_account};
use super::kept::{Codes, Flags};
use super::outcome::Outcome;
use super::ready::{ReadyRow, Reject};
use super::view::{RowFilter, RowPage, RowView, UpdatedPost};
use super::words::{self, Told};
use super::{Result, Session, SessionError, change, view};
use crate::field::Field;
use crate::surroundings::ShownPost;

/// Returns the rows that a filter finds, from the `from`th on, at most `limit`.
pub(super) fn page(
    session: &Session,
    filter: &RowFilter,
    from: u32,
    limit: u32,
) -> Result<RowPage> {
    let mut total = 0;
    let mut rows = Vec::new();
    let search = filter.search.as_deref().map(str::to_lowercase).filter(|it| !it.is_empty());
    for row in 1..=session.rows() {
        if !fits(session, row, filter)
            || !search.as_deref().is_none_or(|it| holds(session, row, it))
        {
            continue;
        }
        if total >= from && total - from < limit {
            rows.push(row);
        }
        total += 1;
    }
    Ok(RowPage { rows: views(session, &rows)?, total })
}

fn fits(session: &Session, row: u32, filter: &RowFilter) -> bool {
    let end = session.across.end(row);
    if !filter.outcomes.is_empty() && !filter.outcomes.contains(&end.outcome) {
        return false;
    }
    if filter.updates && !end.updates {
        return false;
    }
    if let Some(date) = &filter.date
        && (end.outcome != Outcome::Ready || view::date_of(end.day) != *date)
    {
        return false;
    }
    if filter.codes.is_empty() {
        return true;
    }
    session.codes(row).any(|code| filter.codes.contains(&code))
}

fn holds(session: &Session, row: u32, text: &str) -> bool {
    let Some(cells) = session.table.row(row as usize - 1) else { return false };
    let changed = session.changes.get(&row).into_iter().flat_map(BTreeMap::values);
    let mut texts = cells.cells().map(|(_, cell)| cell.text).chain(changed.map(|text| &**text));
    texts.any(|it| it.to_lowercase().contains(text))
}

/// Returns these rows as they are shown.
pub(super) fn views(session: &Session, rows: &[u32]) -> Result<Vec<RowView>> {
    let posts: Vec<PostId> =
        rows.iter().filter_map(|row| session.across.update(*row)).map(|post| post.id).collect();
    let shown = if posts.is_empty() {
        Vec::new()
    } else {
        session.surroundings.known.shown(&posts).map_err(SessionError::Lookup)?
    };
    let shown: HashMap<PostId, ShownPost> = shown.into_iter().map(|it| (it.id, it)).collect();
    let mut judge = RowJudge::new(session.basis(), &session.decisions);
    let views = rows.iter().filter_map(|row| {
        let told = words::tell(session, &mut judge, *row)?;
        Some(view(session, *row, told, &shown))
    });
    Ok(views.collect())
}

fn view(session: &Session, row: u32, told: Told, shown: &HashMap<PostId, ShownPost>) -> RowView {
    let Told { judged, mut findings, of_source, reason } = told;
    findings.splice(..0, of_source);
    let end = session.across.end(row);
    let meant = &judged.meant;
    let zone = meant.zone.as_ref().or(session.rules.zone.as_ref());
    let zone = zone.unwrap_or(&session.surroundings.zone);
    let account = known_account(&session.surroundings, meant.account);
    let when_at = end.at.get();
    let wall = match when_at {
        Some(at) => Some(wall_time_of(at, zone)),
        None => meant.when.map(|when| when.wall),
    };
    let reason = match reason {
        Some(reason) => reason.to_string(),
        None => words::remark(&judged, end).to_owned(),
    };
    let line = session.table.row(row as usize - 1).map_or(0, |it| it.line());
    let post = session.across.update(row).and_then(|post| shown.get(&post.id));
    RowView {
        row,
        line,
        outcome: end.outcome,
        reason,
        cells: cells(session, row),
        changed: session
            .changes
            .get(&row)
            .map(|it| it.keys().copied().collect())
            .unwrap_or_default(),
        parts: meant.content.to_texts(),
        when_wall: wall.map(|wall| wall.to_string()),
        when_at,
        zone: zone.name().to_owned(),
        account: account.map(|account| account.id.clone()),
        username: account.map(|account| account.username.clone()),
        cost_micros: i64::from(judged.facts.cost),
        weighted_length: meant.content.weighted_length(),
        has_link: judged.facts.flags.has(Flags::LINK),
        updates: post
            .map(|post| updated(session, post, &ready_row(session, row, end, line, judged))),
        findings,
    }
}

fn updated(session: &Session, post: &ShownPost, row: &ReadyRow) -> UpdatedPost {
    UpdatedPost {
        id: post.id,
        parts: post.content.to_texts(),
        when_wall: post.wall_time.clone(),
        when_at: post.at,
        changes: change::changes(row, post, &session.surroundings),
    }
}

/// Returns the texts of a row's cells by field, as they are after a person's changes.
fn cells(session: &Session, row: u32) -> BTreeMap<Field, String> {
    let Some(cells) = session.table.row(row as usize - 1) else { return BTreeMap::new() };
    let by_field = session.basis().cells(&cells);
    let mut texts = BTreeMap::new();
    for field in session.mapping.columns.iter().filter_map(|column| column.field) {
        let of_field: Vec<&str> = by_field.all(field).map(|cell| cell.text).collect();
        texts.insert(field, of_field.join("\n"));
    }
    for field in session.changes.get(&row).into_iter().flat_map(BTreeMap::keys) {
        let text = by_field.first(*field).map_or("", |cell| cell.text);
        texts.insert(*field, text.to_owned());
    }
    texts
}

/// Returns the rows to store, one at a time.
pub(super) fn ready(session: &Session) -> impl Iterator<Item = ReadyRow> {
    let mut judge = RowJudge::new(session.basis(), &session.decisions);
    let mut codes = Codes::default();
    let kept = (1..).zip(session.across.ends());
    let kept = kept.filter(|(_, end)| matches!(end.outcome, Outcome::Ready | Outcome::Draft));
    kept.filter_map(move |(row, end)| {
        let cells = session.table.row(row as usize - 1)?;
        codes.0.clear();
        let judged = judge.judge(&cells, &mut codes);
        Some(ready_row(session, row, end, cells.line(), judged))
    })
}

fn ready_row(
    session: &Session,
    row: u32,
    end: &End,
    line: u32,
    judged: super::judge::Judged,
) -> ReadyRow {
    let super::judge::Judged { facts, meant, key } = judged;
    let account = known_account(&session.surroundings, meant.account);
    let zone = meant.zone.or_else(|| session.rules.zone.clone());
    let zone = zone.unwrap_or_else(|| session.surroundings.zone.clone());
    let scheduled_at = end.at.get();
    // A post that is there stays with its account where the row names none.
    let is_said = !end.updates || meant.account_is_named;
    // A time that was moved is shown on the clocks of the row's zone.
    let own = meant.when.filter(|_| !end.waits).map(|when| when.wall);
    let wall_time = scheduled_at.map(|at| own.unwrap_or_else(|| wall_time_of(at, &zone)));
    ReadyRow {
        row,
        line,
        content: meant.content,
        wall_time,
        scheduled_at,
        zone,
        status: if end.outcome == Outcome::Draft { Status::Draft } else { Status::Pending },
        account: account.filter(|_| is_said).map(|account| account.id.clone()),
        tags: meant.tags,
        note: meant.note,
        follow_up: meant.follow_up,
        // The first row of an id has it; a row that names it again is kept without.
        own_id: meant.own_id.filter(|_| !end.has_same_id),
        plan: meant.plan,
        duplicate_key: key,
        cost: MicroDollars(i64::from(facts.cost)),
        updates: session.across.update(row).copied(),
    }
}

/// Returns the rows that are not imported, each with the reason in words.
pub(super) fn rejects(session: &Session) -> impl Iterator<Item = Reject> {
    let mut judge = RowJudge::new(session.basis(), &session.decisions);
    let out = (1..).zip(session.across.ends());
    let out = out.filter(|(_, end)| matches!(end.outcome, Outcome::Skipped | Outcome::Refused));
    out.filter_map(move |(row, _)| {
        let line = session.table.row(row as usize - 1)?.line();
        let told = words::tell(session, &mut judge, row)?;
        let errors = told.of_source.iter().chain(&told.findings);
        let errors = errors.filter(|it| it.severity == crate::finding::Severity::Error);
        let mut sentences: Vec<String> =
            errors.map(|it| format!("{} {}", it.problem.message, it.problem.remedy)).collect();
        if sentences.is_empty() {
            let words = told.reason.map_or_else(String::new, |reason| reason.to_string());
            sentences.push(format!("Left out: {words}."));
        }
        let changed = session.changes.get(&row).into_iter().flatten();
        let changed = changed.map(|(field, text)| (*field, text.to_string())).collect();
        Some(Reject { row, line, changed, reason: sentences.join(" ") })
    })
}
