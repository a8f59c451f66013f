//! Posts onto the next free weekly posting times of their accounts.

use std::collections::{BTreeMap, HashSet};

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem};
use roost_core::id::XUserId;
use roost_core::reschedule::{self, PlannedTime};
use roost_core::zone::Zone;
use roost_import::slots::WeeklySchedule;
use roost_store::Read;

use super::ground::Ground;
use super::invalid;
use super::row::Row;
use crate::Result;
use crate::import::slots::weekly;

/// Gives the movable posts of each account its next free posting times. Those of an account that has none
/// are refused.
pub(super) fn take(
    store: &Read<'_>,
    rows: &mut [Row],
    movable: &[usize],
    times: &[PlannedTime],
    ground: &Ground,
) -> Result<()> {
    let mut by_account: BTreeMap<Option<XUserId>, Vec<usize>> = BTreeMap::new();
    for (number, place) in movable.iter().enumerate() {
        by_account.entry(rows[*place].post.account.clone()).or_default().push(number);
    }
    for (account, numbers) in by_account {
        let Some(account) = account else {
            let problem = Problem::new(Code::AccountMissing, "It names no account.");
            refuse(rows, movable, &numbers, &problem);
            continue;
        };
        let own: Vec<PlannedTime> = numbers.iter().map(|it| times[*it].clone()).collect();
        let free = free(store, &account, &own, ground)?;
        if free.is_empty() {
            let message = "Its account has no weekly posting times.";
            let problem = Problem::new(Code::TimeMissing, message);
            let problem = problem.with_remedy("Give the account posting times first.");
            refuse(rows, movable, &numbers, &problem);
            continue;
        }
        let placed = reschedule::to_slots(&own, free).map_err(invalid::times)?;
        for (number, time) in numbers.into_iter().zip(placed) {
            rows[movable[number]].after.time = Some(time);
        }
    }
    Ok(())
}

fn refuse(rows: &mut [Row], movable: &[usize], numbers: &[usize], problem: &Problem) {
    for number in numbers {
        rows[movable[*number]].refused = Some(problem.clone());
    }
}

/// Returns as many free posting times as there are posts. What the posts themselves hold is free.
fn free(
    store: &Read<'_>,
    account: &XUserId,
    own: &[PlannedTime],
    ground: &Ground,
) -> Result<Vec<PlannedTime>> {
    let kept = store.posting_slots(account)?;
    let zone = kept.zone.as_deref().map(Zone::parse).transpose()?;
    let zone = zone.unwrap_or_else(|| ground.facts.scene.zone.clone());
    let weekly: Vec<_> = kept.slots.into_iter().map(weekly).collect();
    let held: HashSet<UnixMillis> = own.iter().map(|time| time.at).collect();
    let taken = store.taken_times(Some(account), ground.now())?;
    let taken: HashSet<UnixMillis> = taken.into_iter().filter(|at| !held.contains(at)).collect();
    let schedule = WeeklySchedule::new(&weekly, zone.clone());
    let free = schedule.next_free(ground.now(), |at| taken.contains(&at), own.len());
    let time = |wall, at| PlannedTime { wall, zone: zone.clone(), at };
    Ok(free.into_iter().map(|slot| time(slot.wall, slot.at)).collect())
}
