//! Making the posts of series, some time ahead. A series notes how far its posts are made, in the
//! transaction that makes them: two processes on one store make none twice, and one that ends between two
//! transactions leaves nothing half made.

use std::collections::HashSet;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, SeriesId};
use roost_core::status::{Actor, Status};
use roost_core::zone::WallTime;
use roost_store::{Edit, NewPost, Occurrence, Post, Series, SeriesState, Tx, WithdrawTo};

use super::times::{Time, Times, turn};
use crate::Result;
use crate::state::EngineState;

/// Posts are made so long before their time.
pub(crate) const MADE_AHEAD: Duration = Duration::from_hours(90 * 24);
/// Posts that one transaction makes of a series; the next goes on.
const MADE_MAX: u32 = 400;
/// A series that can't be read is looked at again so much later.
const UNREADABLE_REST: Duration = Duration::from_hours(24);
/// What was written so much later than now was written by a clock that stood ahead.
const CLOCK_MARGIN: Duration = Duration::from_mins(10);

/// Makes what is to be made by now. Nothing is made while this computer's clock is known to be wrong: what
/// it takes for past would never be made.
pub(crate) async fn make_due(engine: &EngineState) -> Result<()> {
    if engine.health().own_clock_ahead_ms().is_some() {
        return Ok(());
    }
    // The relay may know posts that a store that was put back does not, and has yet to be asked.
    let may_learn = engine.services().is_ok();
    if may_learn && engine.read(|store| store.restored_mark()).await?.is_some() {
        return Ok(());
    }
    let now = engine.now();
    let due = engine.read(move |store| store.series_to_make(now, CLOCK_MARGIN)).await?;
    for id in due {
        if let Err(error) = engine.write("series.make", move |store| make_one(store, id)).await {
            tracing::warn!(%error, %id, "the posts of a series can't be made");
        }
    }
    Ok(())
}

fn make_one(store: &mut Tx<'_>, id: SeriesId) -> Result<()> {
    // Another process may have made them, or ended the series, since it was found.
    let series = store.series(id)?.filter(|series| series.state.is_active());
    let Some(Series { mut state, updated_at, .. }) = series else { return Ok(()) };
    let is_from_ahead = updated_at > store.now().plus(CLOCK_MARGIN);
    if !is_from_ahead && state.make_next_at.is_none_or(|at| at > store.now()) {
        return Ok(());
    }
    match Times::of(&state) {
        Ok(times) => {
            let settled = match is_from_ahead {
                true => start_over(store, id, &mut state, &times)?,
                false => HashSet::new(),
            };
            make(store, id, &mut state, &times, Actor::Engine, &settled)?;
        }
        Err(error) => {
            tracing::warn!(%error, %id, "the rule of a series can't be read");
            state.make_next_at = Some(store.now().plus(UNREADABLE_REST));
        }
    }
    Ok(store.save_series(id, &state, false)?)
}

/// Has a series be made from the beginning that was last made by a clock that stood ahead of this one: what
/// that took for past may be still to come. Returns the times that had a post, which is in the trash.
fn start_over(
    store: &Tx<'_>,
    id: SeriesId,
    state: &mut SeriesState,
    times: &Times,
) -> Result<HashSet<String>> {
    tracing::warn!(%id, "a series was made by a clock that was ahead: it is made from its beginning");
    state.made_until = None;
    let (now, end) = (store.now(), store.now().plus(MADE_AHEAD));
    let mut settled = HashSet::new();
    for time in times.ahead(state, now).take_while(|time| time.at <= end) {
        let occurrence = time.occurrence.to_string();
        let known = store.post(PostId::of_series(id, &occurrence))?;
        if known.is_some_and(|post| post.deleted_at.is_some()) {
            settled.insert(occurrence);
        }
    }
    Ok(settled)
}

/// Makes the posts of a series up to 90 days ahead and notes in `state` how far they are made; occurrences
/// in `settled` are not made. Returns how many were made.
pub(super) fn make(
    store: &mut Tx<'_>,
    id: SeriesId,
    state: &mut SeriesState,
    times: &Times,
    by: Actor,
    settled: &HashSet<String>,
) -> Result<u32> {
    let now = store.now();
    let end = now.plus(MADE_AHEAD);
    let after = made_until(state, times, end);
    let mut made = 0;
    state.make_next_at = None;
    for time in times.after(after) {
        if time.at > end || made == MADE_MAX {
            let next = if time.at > end { time.at.minus(MADE_AHEAD) } else { now };
            state.make_next_at = Some(next);
            break;
        }
        let occurrence = time.occurrence.to_string();
        let is_wanted =
            time.at > now && !state.skipped.contains(&occurrence) && !settled.contains(&occurrence);
        if is_wanted && create(store, id, state, times, time, by)? {
            made += 1;
        }
        state.made_until = Some(occurrence);
    }
    Ok(made)
}

/// Returns up to which wall time posts are made. A clock that stood years ahead may have gone far beyond:
/// then it starts over, and what is there is not made again.
fn made_until(state: &SeriesState, times: &Times, end: UnixMillis) -> Option<WallTime> {
    let until = WallTime::parse(state.made_until.as_deref()?).ok()?;
    (times.time(until).at <= end.plus(Duration::from_hours(24))).then_some(until)
}

/// Makes the post of one occurrence. Returns whether it did: one that is there is not made again.
fn create(
    store: &mut Tx<'_>,
    id: SeriesId,
    state: &mut SeriesState,
    times: &Times,
    time: Time,
    by: Actor,
) -> Result<bool> {
    let occurrence = Occurrence { series: id, wall_time: time.occurrence.to_string() };
    if store.post_of_occurrence(&occurrence)?.is_some() {
        return Ok(false);
    }
    let known = store.post(PostId::of_series(id, &occurrence.wall_time))?;
    let is_free = |post: &Post| {
        post.occurrence.is_none()
            && post.deleted_at.is_none()
            && post.withdraw_to != Some(WithdrawTo::Deleted)
    };
    if let Some(known) = known.filter(is_free) {
        // A store that was put back learned it from the relay: it is the post of this occurrence.
        let edit = Edit { occurrence: Some(Some(occurrence)), ..Edit::default() };
        store.edit_read_post(&known, &edit, by)?;
        state.next_variant = turn(state.next_variant, 1, state.variants.len());
        return Ok(false);
    }
    let variant = usize::try_from(state.next_variant).unwrap_or_default();
    let Some(content) = state.variants.get(variant % state.variants.len().max(1)) else {
        return Ok(false);
    };
    let new = NewPost {
        account: state.account.clone(),
        schedule: Some(times.schedule(time)),
        status: Status::Pending,
        tags: state.tags.clone(),
        ..NewPost::draft(free_id(store, &occurrence)?, content.clone())
    };
    store.create_post(&NewPost { occurrence: Some(occurrence), ..new }, by)?;
    state.next_variant = turn(state.next_variant, 1, state.variants.len());
    Ok(true)
}

/// Returns the id of the post of an occurrence: always the same, but where an earlier post of it lies in the
/// trash.
fn free_id(store: &Tx<'_>, of: &Occurrence) -> Result<PostId> {
    let mut id = PostId::of_series(of.series, &of.wall_time);
    let mut again = 1;
    while store.post(id)?.is_some() {
        id = PostId::of_series(of.series, &format!("{}#{again}", of.wall_time));
        again += 1;
    }
    Ok(id)
}
