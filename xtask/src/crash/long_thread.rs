//! The story of one long thread, each part of which has pictures.

use anyhow::Result;

use super::harness::Harness;
use super::planned_post::Planned;
use super::scenario::{drain, import};

/// Sign-ins that the story itself needs.
pub(crate) const SIGN_INS: u32 = 1;
/// X allows so many to a part.
const PICTURES_OF_EACH: u16 = 4;
/// From the command to the first part: time to upload everything and to hand over.
const LEAD_TIME_MS: i64 = 6_000;

/// Imports a thread and waits until it stands on X; returns what was planned.
pub(crate) fn play(harness: &mut Harness, parts: usize) -> Result<Vec<Planned>> {
    let thread = begin(harness, parts)?;
    drain(harness, &thread)?;
    Ok(thread)
}

/// Imports a thread of so many parts.
pub(crate) fn begin(harness: &mut Harness, parts: usize) -> Result<Vec<Planned>> {
    harness.begin()?;
    harness.lag(harness.plan.timeline_lag_ms())?;
    harness.engine.start()?;
    let due_at = (super::now() + LEAD_TIME_MS).div_euclid(1000) * 1000;
    let thread = Planned::new("thread", parts, due_at).with_pictures(PICTURES_OF_EACH);
    for file in thread.files.iter().flatten() {
        file.write_into(&harness.folder)?;
    }
    let thread = vec![thread];
    import(harness, &thread)?;
    Ok(thread)
}
