//! Posts of one account that come too near to each other by a change.

use std::collections::BTreeMap;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem};
use roost_core::id::XUserId;
use roost_core::status::Status;
use roost_store::Read;

use super::ground::Ground;
use super::row::Row;
use crate::Result;

/// Warns of every post that comes too near to another of its account by the change: one that is selected
/// as well, or one that is not.
pub(super) fn warn(store: &Read<'_>, rows: &mut [Row], ground: &Ground) -> Result<()> {
    if ground.near.is_zero() {
        return Ok(());
    }
    let mut by_account: BTreeMap<XUserId, Vec<usize>> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate().filter(|(_, row)| is_placed(row)) {
        if let Some(account) = row.account_after() {
            by_account.entry(account.clone()).or_default().push(place);
        }
    }
    for (account, places) in by_account {
        let times = all_times(store, &account, rows, ground)?;
        for place in places {
            let Some(at) = rows[place].time_after().map(|time| time.at) else { continue };
            if is_crowded(&times, at, ground.near) {
                rows[place].warnings.push(problem(ground.near));
            }
        }
    }
    Ok(())
}

fn problem(near: Duration) -> Problem {
    let minutes = near.as_secs() / 60;
    let span = if minutes == 1 { "a minute".to_owned() } else { format!("{minutes} minutes") };
    let message = format!("Another post of the account is less than {span} away.");
    Problem::new(Code::TimesCollide, message)
}

/// Whether the change puts a post that goes out among those of an account.
fn is_placed(row: &Row) -> bool {
    let moves =
        row.after.time.is_some() || row.after.account.is_some() || row.after.status.is_some();
    row.is_changed() && moves && row.is_armed_after()
}

/// Whether a post counts among the times of its account before the change.
const fn counts(status: Status) -> bool {
    matches!(status, Status::Pending | Status::Queued | Status::Held)
}

/// Returns the times of an account after the change, in order: of what is not selected, of what stays,
/// and of what the change puts there.
fn all_times(
    store: &Read<'_>,
    account: &XUserId,
    rows: &[Row],
    ground: &Ground,
) -> Result<Vec<UnixMillis>> {
    let is_of = |of: Option<&XUserId>| of == Some(account);
    let placed = rows.iter().filter(|row| is_placed(row) && is_of(row.account_after()));
    let after: Vec<UnixMillis> =
        placed.filter_map(|row| row.time_after()).map(|time| time.at).collect();
    let Some((first, last)) = after.iter().min().zip(after.iter().max()) else {
        return Ok(Vec::new());
    };
    let (from, until) = (first.minus(ground.near), last.plus(ground.near));
    let mut times = store.times_of(account, from, until)?;
    times.sort_unstable();
    let was = |row: &&Row| {
        let had = is_of(row.post.account.as_ref()) && counts(row.post.status);
        had && row.is_changed() && row.touches_delivery()
    };
    // What stays within the account is among those that are put there.
    let mut gone: Vec<UnixMillis> = rows
        .iter()
        .filter(was)
        .filter(|row| is_placed(row) || !is_of(row.account_after()) || !row.is_armed_after())
        .filter_map(|row| row.time.as_ref().map(|time| time.at))
        .collect();
    gone.sort_unstable();
    let mut gone = gone.into_iter().peekable();
    times.retain(|at| {
        while gone.next_if(|it| it < at).is_some() {}
        gone.next_if_eq(at).is_none()
    });
    times.extend(after);
    times.sort_unstable();
    Ok(times)
}

/// Returns whether a time has a neighbour beside itself.
fn is_crowded(times: &[UnixMillis], at: UnixMillis, near: Duration) -> bool {
    let from = times.partition_point(|time| *time <= at.minus(near));
    let within = times[from..].iter().take_while(|time| **time < at.plus(near));
    within.take(2).count() > 1
}
