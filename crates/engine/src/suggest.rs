//! Times that a composer offers: round, ahead, and free for the account.

use std::collections::HashSet;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::zone::{WallTime, Zone, resolve, wall_time_of};
use roost_store::{Account as XAccount, Error as StoreError, Read};

use crate::api::answers::{Suggestion, Suggestions};
use crate::api::requests::SuggestTimes;
use crate::state::EngineState;
use crate::{Result, compose, posting_times, preferences};

/// Between two times that may be offered.
const STEP: Duration = Duration::from_mins(5);
/// A day's last offer is not later than this after the one that was wanted.
const STEPS_MAX: u32 = 12;
/// Until this hour an evening is ahead.
const EVENING_IS_AHEAD_UNTIL_HOUR: i8 = 17;
const MORNING_HOUR: i8 = 9;
const EVENING_HOUR: i8 = 18;

/// Returns times on the clocks of the zone that was asked for.
pub(crate) async fn times(state: &EngineState, asked: SuggestTimes) -> Result<Suggestions> {
    let zone = match &asked.zone {
        Some(name) => Zone::parse(name)?,
        None => preferences::zone(state).await?,
    };
    let now = state.now();
    let usual = preferences::zone(state).await?;
    let (taken, slot) =
        state.read(move |store| taken(store, asked.account.as_deref(), now, &usual)).await?;
    Ok(Suggestions { times: offers(now, &zone, &taken, slot), zone: zone.name().to_owned() })
}

/// Returns the times of the next days at which the account posts already, and its next free posting time.
fn taken(
    store: &Read<'_>,
    account: Option<&str>,
    now: UnixMillis,
    zone: &Zone,
) -> std::result::Result<(HashSet<UnixMillis>, Option<UnixMillis>), StoreError> {
    let connected = store.accounts()?;
    let name = account.map(str::trim).filter(|name| !name.is_empty());
    let account = compose::account(store, name, &connected, &mut Vec::new())?;
    let Some(XAccount { x_user_id, .. }) = account else { return Ok((HashSet::new(), None)) };
    let times = store.times_of(&x_user_id, now, now.plus(Duration::from_hours(9 * 24)))?;
    let slot = posting_times::next_free(store, &x_user_id, zone, now, 1)?;
    Ok((times.into_iter().collect(), slot.first().map(|slot| slot.at)))
}

/// Returns the offers, soonest first.
fn offers(
    now: UnixMillis,
    zone: &Zone,
    taken: &HashSet<UnixMillis>,
    slot: Option<UnixMillis>,
) -> Vec<Suggestion> {
    let today = wall_time_of(now, zone);
    let day = |days: u32| today.plus_hours(24 * i64::from(days));
    let at = |days, hour| {
        let day = day(days);
        WallTime::new(day.year(), day.month(), day.day(), hour, 0, 0)
            .map(|wall| resolve(&wall, zone).instant)
    };
    // It is free, and comes first, so that no other offer takes it.
    let mut wanted = vec![("Next slot", slot)];
    wanted.push(("In an hour", Some(next_step(now.plus(Duration::from_hours(1))))));
    if today.hour() < EVENING_IS_AHEAD_UNTIL_HOUR {
        wanted.push(("This evening", at(0, EVENING_HOUR)));
    }
    wanted.push(("Tomorrow morning", at(1, MORNING_HOUR)));
    wanted.push(("Tomorrow evening", at(1, EVENING_HOUR)));
    wanted.push(("In a week", at(7, MORNING_HOUR)));
    let mut offered = HashSet::new();
    let mut offers = Vec::with_capacity(wanted.len());
    for (label, at) in wanted {
        let Some(at) = at.and_then(|at| free(at, taken, &offered)) else { continue };
        offered.insert(at);
        let wall_time = wall_time_of(at, zone).to_string();
        offers.push(Suggestion { label: label.to_owned(), wall_time, at });
    }
    offers.sort_by_key(|offer| offer.at);
    offers
}

/// Returns the first free time from `at` on; none within an hour.
fn free(
    at: UnixMillis,
    taken: &HashSet<UnixMillis>,
    offered: &HashSet<UnixMillis>,
) -> Option<UnixMillis> {
    let mut steps = (0..STEPS_MAX).map(|steps| at.plus(STEP * steps));
    steps.find(|at| !taken.contains(at) && !offered.contains(at))
}

/// Returns the first round time at or after an instant.
fn next_step(at: UnixMillis) -> UnixMillis {
    let step = i64::try_from(STEP.as_millis()).unwrap_or(i64::MAX);
    UnixMillis((at.0 + step - 1).div_euclid(step) * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2027-03-01 10:03 in Kolkata.
    const MORNING: UnixMillis = UnixMillis(1_803_840_600_000 + (9 * 60 + 43) * 60_000);

    fn offered(now: UnixMillis, taken: &[UnixMillis]) -> Vec<String> {
        let zone = Zone::parse("Asia/Kolkata").unwrap();
        let taken = taken.iter().copied().collect();
        offers(now, &zone, &taken, None).into_iter().map(|offer| offer.wall_time).collect()
    }

    #[test]
    fn offers_are_ahead_and_round() {
        assert_eq!(
            offered(MORNING, &[]),
            [
                "2027-03-01 11:05",
                "2027-03-01 18:00",
                "2027-03-02 09:00",
                "2027-03-02 18:00",
                "2027-03-08 09:00"
            ]
        );
        // Two hours before midnight, no evening is left.
        let evening = MORNING.plus(Duration::from_hours(12));
        assert_eq!(offered(evening, &[])[..2], ["2027-03-01 23:05", "2027-03-02 09:00"]);
    }

    #[test]
    fn a_time_at_which_the_account_posts_already_is_not_offered() {
        let zone = Zone::parse("Asia/Kolkata").unwrap();
        let evening = resolve(&WallTime::parse("2027-03-01 18:00").unwrap(), &zone).instant;
        let offered = offered(MORNING, &[evening, evening.plus(STEP)]);
        assert_eq!(offered[1], "2027-03-01 18:10");
    }

    #[test]
    fn no_time_is_offered_twice() {
        // At 16:56 an hour ahead is this evening.
        let late = MORNING.plus(Duration::from_mins(6 * 60 + 53));
        assert_eq!(offered(late, &[])[..2], ["2027-03-01 18:00", "2027-03-01 18:05"]);
    }
}
