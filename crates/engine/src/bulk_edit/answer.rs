//! From what becomes of the rows to what a host is shown.

use roost_core::failure::Code;
use roost_core::reschedule::PlannedTime;

use super::ground::Ground;
use super::judge::is_past;
use super::row::Row;
use super::token;
use crate::api::{BulkEdit, BulkEditRow, MessagesNeeded, PostState, PostTime};
use crate::excerpt::excerpt;

/// Returns what a host is shown.
pub(super) fn of(
    rows: &[Row],
    ground: &Ground,
    messages: MessagesNeeded,
    is_applied: bool,
) -> BulkEdit {
    let count = |wanted: &dyn Fn(&Row) -> bool| {
        let found = rows.iter().filter(|row| wanted(row)).count();
        u32::try_from(found).unwrap_or(u32::MAX)
    };
    let changed = rows.iter().filter(|row| row.is_changed());
    let instants = changed.filter_map(|row| row.time_after().map(|time| time.at));
    let (first_at, last_at) = (instants.clone().min(), instants.max());
    let posts: Vec<BulkEditRow> = rows.iter().map(|row| shown(row, ground)).collect();
    let collides = |row: &Row| row.warnings.iter().any(|it| it.code == Code::TimesCollide);
    BulkEdit {
        changed: count(&Row::is_changed),
        unchanged: count(&|row| row.refused.is_none() && !row.is_changed()),
        refused: count(&|row| row.refused.is_some()),
        past: count(&|row| row.refused.iter().chain(&row.warnings).any(is_past)),
        colliding: count(&collides),
        cost_before_micros: rows.iter().map(|row| row.post.cost_micros).sum(),
        cost_after_micros: rows.iter().map(|row| row.cost_after).sum(),
        first_at,
        last_at,
        messages,
        token: token::of(&posts),
        is_applied,
        posts,
    }
}

fn shown(row: &Row, ground: &Ground) -> BulkEditRow {
    let Row { post, .. } = row;
    BulkEditRow {
        id: post.id,
        version: post.version,
        excerpt: excerpt(&post.content),
        username: ground.rules(post.account.as_ref()).username.clone(),
        before: before(row),
        after: row.is_changed().then(|| after(row)),
        matches: row.matches.clone(),
        handover: row.handover,
        refused: row.refused.clone(),
        warnings: row.warnings.clone(),
    }
}

fn before(row: &Row) -> PostState {
    let shows_texts = row.after.content.is_some() || !row.matches.is_empty();
    let texts = row.content.as_ref().filter(|_| shows_texts);
    PostState {
        status: row.post.status,
        time: row.time.as_ref().map(time),
        account: row.post.account.clone(),
        texts: texts.map(|content| content.to_texts()).unwrap_or_default(),
        tags: row.tags.clone().unwrap_or_default(),
        note: row.post.note.clone().filter(|_| row.after.note.is_some()),
        cost_micros: row.post.cost_micros,
        is_deleted: false,
    }
}

fn after(row: &Row) -> PostState {
    let changed = row.after.content.as_ref();
    PostState {
        status: row.status_after(),
        time: row.time_after().map(time),
        account: row.account_after().cloned(),
        texts: changed.map(|content| content.to_texts()).unwrap_or_default(),
        tags: row.after.tags.clone().or_else(|| row.tags.clone()).unwrap_or_default(),
        note: row.after.note.clone().flatten(),
        cost_micros: row.cost_after,
        is_deleted: row.after.is_deleted,
    }
}

fn time(time: &PlannedTime) -> PostTime {
    PostTime { at: time.at, wall_time: time.wall.to_string(), zone: time.zone.name().to_owned() }
}
