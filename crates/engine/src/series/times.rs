//! The times of a series that is kept, and which of its variants each says.

use roost_core::clock::UnixMillis;
use roost_core::recurrence::{Recurrence, planned_at};
use roost_core::zone::{WallTime, Zone};
use roost_store::{Schedule, SeriesState};

use crate::api::SeriesTime;
use crate::{Error, Result};

/// The rule of a series, read.
pub(super) struct Times {
    pub(super) recurrence: Recurrence,
    pub(super) zone: Zone,
}

/// A time of a series.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time {
    /// The wall time of the rule.
    pub(super) occurrence: WallTime,
    /// The instant.
    pub(super) at: UnixMillis,
    /// What clocks show then.
    pub(super) shown: WallTime,
}

impl Times {
    /// Returns the times of a series.
    ///
    /// # Errors
    /// When it was kept by a release that knows other rules or zones.
    pub(super) fn of(state: &SeriesState) -> Result<Self> {
        let unknown = |what: String| Error::Internal(format!("a series can't be read: {what}"));
        let rule = state.rule.parse().map_err(|error| unknown(format!("{error}")))?;
        let first = WallTime::parse(&state.first).map_err(|error| unknown(error.to_string()))?;
        let recurrence =
            Recurrence::new(rule, first).map_err(|error| unknown(error.to_string()))?;
        let zone = Zone::parse(&state.zone).map_err(|error| unknown(error.to_string()))?;
        Ok(Self { recurrence, zone })
    }

    /// Returns the times after an occurrence, or all, in their order.
    pub(super) fn after(&self, after: Option<WallTime>) -> impl Iterator<Item = Time> {
        self.recurrence.after(after).map(|occurrence| self.time(occurrence))
    }

    /// Returns the times that are still to come, without those that `state` leaves out.
    pub(super) fn ahead(&self, state: &SeriesState, now: UnixMillis) -> impl Iterator<Item = Time> {
        let left_out = |time: &Time| state.skipped.contains(&time.occurrence.to_string());
        self.after(None).filter(move |time| time.at > now && !left_out(time))
    }

    /// Returns when an occurrence goes out.
    pub(super) fn time(&self, occurrence: WallTime) -> Time {
        let (at, shown) = planned_at(occurrence, &self.zone);
        Time { occurrence, at, shown }
    }

    /// Returns the time of a post for an occurrence.
    pub(super) fn schedule(&self, time: Time) -> Schedule {
        Schedule {
            at: time.at,
            wall_time: time.shown.to_string(),
            zone: self.zone.name().to_owned(),
        }
    }
}

impl Time {
    /// Returns the time as it is shown, which says the variant `variant`, from 0.
    pub(super) fn view(self, variant: u32) -> SeriesTime {
        SeriesTime {
            occurrence: self.occurrence.to_string(),
            at: self.at,
            wall_time: self.shown.to_string(),
            variant: variant + 1,
        }
    }
}

/// Returns the place of a variant that is the `number`th from `first` on, of so many.
pub(super) fn turn(first: u32, number: usize, variants: usize) -> u32 {
    let variants = variants.max(1);
    let first = usize::try_from(first).unwrap_or_default() % variants;
    u32::try_from((first + number % variants) % variants).unwrap_or_default()
}
