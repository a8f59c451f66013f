//! The weekly posting times of accounts that are still free.

use std::collections::HashSet;

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use roost_core::zone::Zone;
use roost_import::slots::{SlotTime, WeeklySchedule};
use roost_store::{Error as StoreError, Read};

use crate::import::slots::weekly;

/// Returns the next posting times of an account later than `after` at which it has no post yet, in their
/// order. Times without a zone of their own are on the clocks of `zone`.
pub(crate) fn next_free(
    store: &Read<'_>,
    account: &XUserId,
    zone: &Zone,
    after: UnixMillis,
    count: usize,
) -> Result<Vec<SlotTime>, StoreError> {
    let Some((schedule, taken)) = schedule(store, account, zone, after)? else {
        return Ok(Vec::new());
    };
    Ok(schedule.next_free(after, |at| taken.contains(&at), count))
}

/// Returns those from `after` until a moment, at most `most`.
pub(crate) fn free_until(
    store: &Read<'_>,
    account: &XUserId,
    zone: &Zone,
    (after, until): (UnixMillis, UnixMillis),
    most: usize,
) -> Result<Vec<SlotTime>, StoreError> {
    let Some((schedule, taken)) = schedule(store, account, zone, after)? else {
        return Ok(Vec::new());
    };
    let within = schedule.after(after).take_while(|slot| slot.at < until);
    Ok(within.filter(|slot| !taken.contains(&slot.at)).take(most).collect())
}

fn schedule(
    store: &Read<'_>,
    account: &XUserId,
    zone: &Zone,
    after: UnixMillis,
) -> Result<Option<(WeeklySchedule, HashSet<UnixMillis>)>, StoreError> {
    let kept = store.posting_slots(account)?;
    if kept.slots.is_empty() {
        return Ok(None);
    }
    // A zone that this version does not know was kept by another: the store's is the nearest to it.
    let own = kept.zone.as_deref().and_then(|name| Zone::parse(name).ok());
    let slots: Vec<_> = kept.slots.into_iter().map(weekly).collect();
    let taken = store.taken_times(Some(account), after)?.into_iter().collect();
    Ok(Some((WeeklySchedule::new(&slots, own.unwrap_or_else(|| zone.clone())), taken)))
}
