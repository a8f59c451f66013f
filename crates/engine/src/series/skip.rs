//! Leaving an occurrence out, whether or not its post is made already.

use roost_core::failure::{Code, Problem};
use roost_core::status::Actor;
use roost_core::zone::WallTime;
use roost_store::{Error as StoreError, Label, Occurrence, Series, Tx, WithdrawTo};

use super::times::Times;
use super::{active, is_open, list, noted};
use crate::api::{SeriesSaved, SkipOccurrence};
use crate::state::EngineState;
use crate::{Error, Result};

/// Leaves an occurrence out. A post that it has is cancelled.
pub(crate) async fn skip(engine: &EngineState, asked: SkipOccurrence) -> Result<SeriesSaved> {
    let saved = engine
        .write("series.skip", move |store| {
            store.label(Label::SkipOccurrence);
            skip_in(store, &asked)
        })
        .await?;
    engine.wake.notify_one();
    Ok(saved)
}

fn skip_in(store: &mut Tx<'_>, asked: &SkipOccurrence) -> Result<SeriesSaved> {
    let series = active(store, asked.id, None)?;
    let wall_time = occurrence(store, &series, asked.occurrence.trim())?.to_string();
    let Series { id, state: before, .. } = series;
    let mut state = before.clone();
    let of = Occurrence { series: id, wall_time: wall_time.clone() };
    let mut removed = 0;
    if let Some(post) = store.post_of_occurrence(&of)? {
        if !is_open(&post) {
            return Err(Error::NotAllowed { post: post.id, status: post.status });
        }
        match store.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person) {
            Ok(_) => removed = 1,
            Err(StoreError::Refused { .. }) => {
                return Err(Error::NotAllowed { post: post.id, status: post.status });
            }
            Err(error) => return Err(error.into()),
        }
    }
    if !state.skipped.contains(&wall_time) {
        state.skipped.push(wall_time);
        state.skipped.sort();
        store.save_series(id, &state, true)?;
    }
    let change = (noted(&before)?, noted(&state)?);
    store.add_step(Label::SkipOccurrence, Some(id.to_string()), Some(change));
    let series = list::one(store, id)?;
    Ok(SeriesSaved { series, made: 0, changed: 0, removed, kept: 0, warnings: Vec::new() })
}

/// Returns the occurrence that a person names by its wall time, or by its day where that has one alone.
fn occurrence(store: &Tx<'_>, series: &Series, named: &str) -> Result<WallTime> {
    let refused = |message: String| {
        let problem = Problem::new(Code::RecurrenceInvalid, message).in_field("occurrence");
        Error::Invalid(vec![problem.with_remedy("Name one of its times, such as the next.")])
    };
    let times = Times::of(&series.state)?;
    if let Ok(wall) = WallTime::parse(named) {
        let of = Occurrence { series: series.id, wall_time: wall.to_string() };
        if times.recurrence.contains(wall) || store.post_of_occurrence(&of)?.is_some() {
            return Ok(wall);
        }
        return Err(refused(format!("The series has no time {wall}.")));
    }
    let on_that_day: Vec<WallTime> = times
        .recurrence
        .wall_times()
        .take_while(|wall| wall.date().as_str() <= named)
        .filter(|wall| wall.date() == named)
        .take(2)
        .collect();
    match on_that_day.as_slice() {
        [only] => Ok(*only),
        [] => Err(refused(format!("The series has no time on \"{named}\"."))),
        _ => Err(refused(format!(
            "The series has several times on {named}; name one with its hour."
        ))),
    }
}
