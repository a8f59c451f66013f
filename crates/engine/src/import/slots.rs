//! The weekly posting times of an account: rows without a time take the next free ones.

use std::collections::HashSet;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_core::zone::Zone;
use roost_import::slots::{WeeklySchedule, print};
use roost_import::surroundings::WeeklySlot;
use roost_store::{Label, PostingSlot, PostingSlots, Tx};
use serde_json::Value;

use crate::api::{AccountSlots, SetSlots};
use crate::open_import::refused;
use crate::state::EngineState;
use crate::{Change, Error, Result, preferences};

/// Times that a week may have.
const SLOTS_MAX: usize = 500;
/// Free times that are shown.
const NEXT_FREE: usize = 3;

/// Returns the weekly posting times of an account.
pub(crate) async fn get(state: &EngineState, x_user_id: XUserId) -> Result<AccountSlots> {
    let (of, now) = (x_user_id.clone(), state.now());
    let (is_known, kept, taken) = state
        .read(move |store| {
            let taken = store.taken_times(Some(&of), now)?;
            Ok((store.account(&of)?.is_some(), store.posting_slots(&of)?, taken))
        })
        .await?;
    if !is_known {
        return Err(Error::UnknownAccount { name: x_user_id.0, connected: String::new() });
    }
    let zone = match kept.zone {
        Some(zone) => zone,
        None => preferences::zone(state).await?.name().to_owned(),
    };
    let slots: Vec<WeeklySlot> = kept.slots.into_iter().map(weekly).collect();
    let taken: HashSet<UnixMillis> = taken.into_iter().collect();
    let free = WeeklySchedule::new(&slots, Zone::parse(&zone)?).next_free(
        now,
        |at| taken.contains(&at),
        NEXT_FREE,
    );
    let next_free = free.into_iter().map(|slot| slot.at).collect();
    Ok(AccountSlots { x_user_id, zone, text: print(&slots), slots, next_free })
}

/// Sets the weekly posting times of an account.
pub(crate) async fn set(state: &EngineState, set: SetSlots) -> Result<AccountSlots> {
    let SetSlots { x_user_id, zone, slots } = set;
    // It is known: otherwise this says so.
    get(state, x_user_id.clone()).await?;
    if slots.len() > SLOTS_MAX {
        let message =
            format!("These are {} times a week; at most {SLOTS_MAX} are kept.", slots.len());
        return Err(refused(Code::BadRequest, message));
    }
    if slots.iter().any(|it| !(1..=7).contains(&it.weekday) || it.hour > 23 || it.minute > 59) {
        let message = "A posting time is on a day from 1 to 7, and from 0:00 to 23:59.";
        return Err(refused(Code::BadRequest, message));
    }
    let zone = zone.map(|zone| Zone::parse(&zone)).transpose()?;
    let of = x_user_id.clone();
    state
        .write("slots.set", move |store| {
            let kept = store.posting_slots(&of)?.zone;
            let zone = zone.map(|zone| zone.name().to_owned()).or(kept);
            let slots = slots.into_iter().map(stored).collect();
            let change = keep(store, &of, &PostingSlots { zone, slots })?;
            if let Some((before, after)) = change {
                store.add_step(Label::Slots, Some(of.0), Some((before, after)));
            }
            Ok(())
        })
        .await?;
    state.publish(Change::Accounts);
    get(state, x_user_id).await
}

/// Keeps the posting times of an account within a transaction. Returns them as they were and as they are,
/// when they differ.
pub(crate) fn keep(
    store: &mut Tx<'_>,
    account: &XUserId,
    wanted: &PostingSlots,
) -> Result<Option<(Value, Value)>> {
    let before = store.posting_slots(account)?;
    store.save_posting_slots(account, wanted)?;
    let after = store.posting_slots(account)?;
    let json = |slots: &PostingSlots| {
        serde_json::to_value(slots).map_err(|error| Error::Internal(error.to_string()))
    };
    if before == after { Ok(None) } else { Ok(Some((json(&before)?, json(&after)?))) }
}

/// Returns a time of the week with hour and minute.
pub(crate) const fn weekly(slot: PostingSlot) -> WeeklySlot {
    #[expect(clippy::cast_possible_truncation, reason = "a day has 1440 minutes")]
    let (hour, minute) = ((slot.minute / 60) as u8, (slot.minute % 60) as u8);
    WeeklySlot { weekday: slot.weekday, hour, minute }
}

fn stored(slot: WeeklySlot) -> PostingSlot {
    let minute = u16::from(slot.hour) * 60 + u16::from(slot.minute);
    PostingSlot { weekday: slot.weekday, minute }
}
