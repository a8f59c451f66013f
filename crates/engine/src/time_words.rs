//! What a person's words for a time mean: core's parser, with the account's posting times beside it.

use roost_core::failure::{Code, Problem};
use roost_core::time_words::{self, Meaning, NotUnderstood, Now};
use roost_core::zone::{WallTime, Zone, wall_time_of};

use crate::api::{ReadTime, TimeRead};
use crate::state::EngineState;
use crate::{Result, compose, posting_times, preferences};

/// Returns what the words mean now; where they mean nothing, the answer says why.
pub(crate) async fn read(state: &EngineState, asked: ReadTime) -> Result<TimeRead> {
    let zone = match &asked.zone {
        Some(name) => Zone::parse(name)?,
        None => preferences::zone(state).await?,
    };
    let now = state.now();
    let usual = asked.usual.as_deref().and_then(time_of_day);
    let meaning = time_words::read(&asked.text, Now { at: now, zone: &zone, usual });
    let found = match meaning {
        Ok(Meaning::At { wall, at }) => Ok((wall, at)),
        Ok(Meaning::NextSlot) => next_slot(state, &asked, &zone).await?,
        Err(NotUnderstood { reason }) => Err(no_time(reason)),
    };
    let zone = zone.name().to_owned();
    Ok(match found {
        Ok((wall, at)) => {
            TimeRead { wall_time: Some(wall.to_string()), at: Some(at), zone, problem: None }
        }
        Err(problem) => TimeRead { wall_time: None, at: None, zone, problem: Some(problem) },
    })
}

type Found = std::result::Result<(WallTime, roost_core::clock::UnixMillis), Problem>;

/// Returns the next free posting time of the account, on the clocks of `zone`.
async fn next_slot(state: &EngineState, asked: &ReadTime, zone: &Zone) -> Result<Found> {
    let (name, now, usual_zone) =
        (asked.account.clone(), state.now(), preferences::zone(state).await?);
    let free = state
        .read(move |store| {
            let named = name.as_deref().map(str::trim).filter(|name| !name.is_empty());
            let account = compose::account(store, named, &store.accounts()?, &mut Vec::new())?;
            let Some(account) = account else { return Ok(None) };
            posting_times::next_free(store, &account.x_user_id, &usual_zone, now, 1).map(Some)
        })
        .await?;
    Ok(match free.map(|free| free.first().map(|slot| slot.at)) {
        Some(Some(at)) => Ok((wall_time_of(at, zone), at)),
        Some(None) => Err(no_time("The account has no weekly posting times.".to_owned())
            .with_remedy("Set them in Settings, or write a day and a time.")),
        None => Err(no_time("Choose the account first: posting times are its own.".to_owned())),
    })
}

fn no_time(reason: String) -> Problem {
    Problem::new(Code::TimeInvalid, reason).in_field("scheduledAt")
}

/// Returns hour and minute of `09:30`.
fn time_of_day(text: &str) -> Option<(i8, i8)> {
    let (hour, minute) = text.split_once(':')?;
    Some((hour.parse().ok()?, minute.parse().ok()?))
}
