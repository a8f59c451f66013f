//! The rules of a delivery: one outcome per post over all its revisions. Pure: no clock, no
//! database, no network.

mod decide;
mod event;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod table;

pub(crate) use decide::{Decision, Standing, Why, decide};
pub(crate) use event::{Event, Timing};
