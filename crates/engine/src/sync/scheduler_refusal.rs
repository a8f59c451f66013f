//! The scheduler's refusals: remembered over processes, shown wherever somebody asks how things
//! stand, and obeyed: the next try comes when the scheduler says, within bounds. Another scheduler, or
//! another token for the same one, is asked at once.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_qstash::Error as SchedulerError;
use roost_store::{Error as StoreError, Read, Tx};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::error::scheduler_code;
use crate::state::{EngineState, RefusedBy};

/// The setting under which the refusal is kept.
const SCHEDULER_TROUBLE: &str = "scheduler_trouble";
/// A header that asks for longer is not believed: a day's count starts anew within a day.
const REST_MAX: Duration = Duration::from_hours(24);
/// A header that asks for less is no rest.
const REST_MIN: Duration = Duration::from_secs(1);

/// That the scheduler does not take messages, since when, and when it is asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SchedulerTrouble {
    /// The address of the scheduler that refused.
    #[serde(default)]
    pub(crate) scheduler: String,
    pub(crate) code: Code,
    /// The scheduler's own words.
    pub(crate) message: String,
    pub(crate) since: UnixMillis,
    pub(crate) next_try: UnixMillis,
    /// Posts refused_by message it did not take.
    pub(crate) posts: u64,
    /// Whether it may well be over by itself: a network, a restart, too many requests at once.
    pub(crate) passes: bool,
}

/// A refusal as a turn met it.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) error: SchedulerError,
    pub(crate) posts: u64,
}

/// Returns how long the scheduler asks to be left alone, within bounds; none when it does not.
pub(crate) fn rest(error: &SchedulerError) -> Option<Duration> {
    error.retry_after().map(|asked| asked.clamp(REST_MIN, REST_MAX))
}

/// Returns what is known of a refusal that still stands.
///
/// # Errors
/// When SQLite cannot read.
pub(crate) fn trouble(
    store: &Read<'_>,
    refused_by: &RefusedBy,
    now: UnixMillis,
) -> std::result::Result<Option<SchedulerTrouble>, StoreError> {
    let known = store.setting::<SchedulerTrouble>(SCHEDULER_TROUBLE)?;
    let theirs = known.filter(|known| match refused_by {
        RefusedBy::Scheduler(scheduler) => known.scheduler == *scheduler,
        RefusedBy::ThisComputer => !known.scheduler.is_empty(),
        RefusedBy::Unknown => false,
    });
    Ok(theirs.map(|known| {
        // No scheduler was obeyed for so long: this computer's clock was ahead when it was noted.
        let possible = known.next_try <= now.plus(REST_MAX);
        let next_try = if possible { known.next_try } else { now };
        SchedulerTrouble { next_try, since: known.since.min(now), ..known }
    }))
}

/// Notes what a turn met: a refusal with the time of the next try, or that all was taken.
pub(crate) fn record(
    store: &mut Tx<'_>,
    scheduler: &str,
    refusal: Option<&Refusal>,
    backoff: Duration,
) -> std::result::Result<Option<SchedulerTrouble>, StoreError> {
    let Some(Refusal { error, posts }) = refusal else {
        clear(store)?;
        return Ok(None);
    };
    let (code, now) = (scheduler_code(error), store.now());
    let known = trouble(store, &RefusedBy::Scheduler(scheduler.to_owned()), now)?;
    let trouble = SchedulerTrouble {
        scheduler: scheduler.to_owned(),
        code,
        message: error.to_string(),
        since: known.filter(|known| known.code == code).map_or(now, |known| known.since),
        next_try: now.plus(rest(error).unwrap_or(backoff)),
        posts: *posts,
        passes: matches!(
            error,
            SchedulerError::NotReached(_)
                | SchedulerError::NoAnswer(_)
                | SchedulerError::Failed { .. }
                | SchedulerError::RateLimited { .. }
        ),
    };
    store.save_setting(SCHEDULER_TROUBLE, &trouble)?;
    Ok(Some(trouble))
}

/// Forgets a refusal: all was taken, or it was said to another token.
pub(crate) fn clear(store: &mut Tx<'_>) -> std::result::Result<(), StoreError> {
    if store.setting::<serde_json::Value>(SCHEDULER_TROUBLE)?.is_some() {
        store.remove_setting(SCHEDULER_TROUBLE)?;
    }
    Ok(())
}

/// Returns until when the scheduler is left alone because it asked for it.
pub(crate) async fn backs_off_until(engine: &EngineState) -> Result<Option<UnixMillis>> {
    let (refused_by, now) = (engine.current_refuser(), engine.now());
    let known = engine.read(move |store| trouble(store, &refused_by, now)).await?;
    Ok(known.map(|trouble| trouble.next_try).filter(|next| *next > now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_obeyed_within_bounds() {
        let daily = |seconds| SchedulerError::DailyLimit {
            retry_after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(rest(&daily(3600)), Some(Duration::from_hours(1)));
        assert_eq!(rest(&daily(0)), Some(REST_MIN));
        assert_eq!(rest(&daily(10_000_000)), Some(REST_MAX));
        assert_eq!(rest(&SchedulerError::RateLimited { retry_after: None }), None);
        assert_eq!(rest(&SchedulerError::NotReached("refused".to_owned())), None);
    }
}
