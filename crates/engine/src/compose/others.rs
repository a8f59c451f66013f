//! What is said of a post because of those that stand near it.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem};
use roost_core::id::PostId;
use roost_core::zone::{Zone, wall_time_of};
use roost_store::{Error, Read};

use super::Reading;
use crate::preferences;

/// Returns that the account's limits will make the post wait, by what is planned already.
pub(super) fn crowded(store: &Read<'_>, reading: &Reading) -> Result<Option<Problem>, Error> {
    let Some((account, at)) = reading.draft.account.as_ref().zip(reading.draft.scheduled_at())
    else {
        return Ok(None);
    };
    let span = Duration::from_secs(reading.limits.memory_seconds().into());
    let mut others = store.times_of(account, at.minus(span), at.plus(span))?;
    // Being edited, the post itself is among them.
    if let Some(itself) = others.iter().position(|other| *other == at) {
        others.swap_remove(itself);
    }
    let over = reading.limits.overrun(reading.subscription, &others, at);
    Ok(over.map(|(rate, posts)| {
        let message = format!(
            "With this one, {posts} posts of the account fall within {}; the limit is {}.",
            rate.span(),
            rate.max
        );
        Problem::new(Code::RateLimited, message)
            .in_field("scheduledAt")
            .with_remedy("Choose another time; what is over waits for the next free slot.")
    }))
}

/// Returns which post of the account stands nearer than the person wants posts to be, if one does.
pub(super) fn neighbour(
    store: &Read<'_>,
    reading: &Reading,
    editing: Option<PostId>,
    zone: &Zone,
) -> Result<Option<Problem>, Error> {
    let near = Duration::from_mins(preferences::collision_minutes(store)?.into());
    let Some((account, at)) = reading.draft.account.as_ref().zip(reading.draft.scheduled_at())
    else {
        return Ok(None);
    };
    if near.is_zero() {
        return Ok(None);
    }
    let itself = match editing {
        Some(id) => store.post(id)?.and_then(|post| post.schedule).map(|planned| planned.at),
        None => None,
    };
    let mut times = store.times_of(account, at.minus(near), at.plus(near))?;
    if let Some(place) = times.iter().position(|time| Some(*time) == itself) {
        times.swap_remove(place);
    }
    let distance = |time: &UnixMillis| time.0.abs_diff(at.0);
    let nearest =
        times.into_iter().filter(|time| distance(time) < near_ms(near)).min_by_key(distance);
    Ok(nearest.map(|time| {
        let minutes = distance(&time).div_ceil(60_000);
        let how_far = match (minutes, time < at) {
            (0, _) => "at the same time".to_owned(),
            (1, true) => "a minute before".to_owned(),
            (1, false) => "a minute later".to_owned(),
            (minutes, true) => format!("{minutes} minutes before"),
            (minutes, false) => format!("{minutes} minutes later"),
        };
        let clock = wall_time_of(time, zone);
        let message = format!(
            "Another post of the account goes out {how_far}, at {:02}:{:02}.",
            clock.hour(),
            clock.minute()
        );
        Problem::new(Code::TimesCollide, message).in_field("scheduledAt")
    }))
}

fn near_ms(near: Duration) -> u64 {
    u64::try_from(near.as_millis()).unwrap_or(u64::MAX)
}
