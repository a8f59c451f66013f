//! Series: posts that repeat by a rule. Each time of the rule becomes a post of its own, 90 days ahead, and
//! is from then on a post like any other: it is edited, cancelled, handed over and sent by the same code.
//! What lies in the past when it would be made is never made, so that nothing bursts out after a pause of
//! this computer.

pub(crate) mod create;
mod day;
pub(crate) mod edit;
pub(crate) mod end;
pub(crate) mod list;
pub(crate) mod make;
mod open_posts;
mod repeats;
mod retime;
pub(crate) mod skip;
mod terms;
mod times;

use roost_core::failure::{Code, Problem};
use roost_core::id::{SeriesId, Version};
use roost_store::{Read, Series, SeriesState};
use serde_json::Value;

pub(crate) use open_posts::{follows, give_up_occurrence, is_open};

use crate::{Error, Result};

/// Returns a series that makes posts, as the person saw it.
fn active(store: &Read<'_>, id: SeriesId, based_on: Option<Version>) -> Result<Series> {
    let series = store.series(id)?.filter(|series| series.state.removed_at.is_none());
    let series = series.ok_or(Error::NoSuchSeries(id))?;
    if series.state.ended_at.is_some() {
        let message = "The series has ended.";
        let problem = Problem::new(Code::ChangeNotAllowed, message)
            .with_remedy("Undo its end, or make another series.");
        return Err(Error::Invalid(vec![problem]));
    }
    if based_on.is_some_and(|seen| seen != series.version) {
        let message = "The series was changed since you saw it, and nothing was done.";
        return Err(Error::Invalid(vec![Problem::new(Code::Stale, message)]));
    }
    Ok(series)
}

/// Returns what a step of history keeps of a series.
fn noted(state: &SeriesState) -> Result<Value> {
    serde_json::to_value(state).map_err(|error| Error::Internal(error.to_string()))
}
