//! One action on many posts: each by the rules for one, all in one transaction. A post that the rules
//! refuse stays as it was, and is named with the reason.

use std::collections::HashMap;

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, XUserId};
use roost_core::zone::{Zone, wall_time_of};
use roost_store::{Error as StoreError, Label, Schedule, Tx};

use crate::row::Scene;
use crate::state::EngineState;
use crate::view::{BulkDone, RefusedPost};
use crate::{Edit, Error, Result, Target, compose, horizon, posts};

/// How far apart posts of one account are scheduled that are tried again at once.
const RETRY_INTERVAL_MS: i64 = 60_000;

/// Schedules failed, missed and cancelled posts again: at their times, or where these have passed from
/// now on, in the order given, a minute apart for each account.
pub(crate) async fn retry(engine: &EngineState, again: Vec<PostId>) -> Result<BulkDone> {
    let mut next: HashMap<Option<XUserId>, UnixMillis> = HashMap::new();
    let targets = again.into_iter().map(Target::from).collect();
    each(engine, "bulk.retry", Label::Retry, targets, move |store, scene, target| {
        let before = compose::live(store, target.id)?;
        let planned = before.schedule.as_ref();
        if planned.is_some_and(|it| it.at > scene.now) {
            return compose::retry_in(store, scene, target, None).map(drop);
        }
        let soonest = compose::at_once(&before, scene)?;
        let account = before.account.clone();
        let at = next.get(&account).copied().unwrap_or(soonest.at);
        compose::retry_in(store, scene, target, Some(at_instant(at, &soonest.zone))).map(drop)?;
        next.insert(account, UnixMillis(at.0 + RETRY_INTERVAL_MS));
        Ok(())
    })
    .await
}

/// Gives posts new times in the order given: the first at `from`, the others `interval_minutes` apart.
pub(crate) async fn reschedule(
    engine: &EngineState,
    moved: Vec<PostId>,
    from: UnixMillis,
    zone: Zone,
    interval_minutes: u32,
) -> Result<BulkDone> {
    let horizon_end = horizon::end(engine).await?;
    let (mut at, interval) = (from, i64::from(interval_minutes) * 60_000);
    let targets = moved.into_iter().map(Target::from).collect();
    each(engine, "bulk.reschedule", Label::Edit, targets, move |store, scene, target| {
        let edit = Edit {
            wall_time: Some(wall_time_of(at, &zone).to_string()),
            zone: Some(zone.name().to_owned()),
            restore: true,
            ..Edit::default()
        };
        compose::edit_in(store, scene, horizon_end, target.id, &edit)?;
        at = UnixMillis(at.0 + interval);
        Ok(())
    })
    .await
}

fn at_instant(at: UnixMillis, zone: &str) -> Schedule {
    let wall_time = match Zone::parse(zone) {
        Ok(zone) => wall_time_of(at, &zone).to_string(),
        Err(_) => wall_time_of(at, &Zone::default()).to_string(),
    };
    Schedule { at, wall_time, zone: zone.to_owned() }
}

async fn each(
    engine: &EngineState,
    point: &'static str,
    label: Label,
    targets: Vec<Target>,
    mut step: impl FnMut(&mut Tx<'_>, &Scene, Target) -> Result<()> + Send + 'static,
) -> Result<BulkDone> {
    let scene = posts::scene(engine).await?;
    let done = engine
        .write(point, move |store| {
            store.label(label);
            let mut done = BulkDone::default();
            for target in targets {
                match step(store, &scene, target) {
                    Ok(()) => done.done.push(target.id),
                    Err(error) if is_of_the_post(&error) => done.refused.push(RefusedPost {
                        id: target.id,
                        code: error.code(),
                        message: error.to_string(),
                    }),
                    Err(error) => return Err(error),
                }
            }
            Ok(done)
        })
        .await?;
    engine.wake.notify_one();
    Ok(done)
}

/// Whether an error is about one post and came before anything of it was written.
const fn is_of_the_post(error: &Error) -> bool {
    matches!(
        error,
        Error::Invalid(_)
            | Error::NotAllowed { .. }
            | Error::NoSuchPost(_)
            | Error::RestoreFirst(_)
            | Error::Stale(_)
            | Error::TooLate { .. }
            | Error::Store(StoreError::Refused { .. })
    )
}
