//! What `roost sync --watch` does on a computer that has nothing to hand over.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::row;
use super::world::World;
use crate::bench::{Goal, Row, process};

/// Until everything that a start brings with it is done.
const SETTLED: Duration = Duration::from_secs(20);
/// How long it is looked at.
const WATCHED: Duration = Duration::from_secs(60);

/// Watches it, and returns wake-ups and processor time for each second.
pub(super) fn measure(world: &World, stored: u32) -> Result<Vec<Row>> {
    let mut watching = world.roost();
    watching.args(["sync", "--watch", "--exit-with-stdin"]);
    watching.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut watching = watching.spawn().context("roost could not be started")?;
    let seen = watch(watching.id());
    drop(watching.stdin.take());
    watching.wait()?;
    let (wake_ups, milliseconds) = seen?;
    let name = |what: &str| format!("idle, {stored} posts stored: {what} in a second");
    Ok(vec![
        Row { goal: Some(Goal::AtMost(1.0)), ..row(name("wake-ups"), "times", wake_ups) },
        row(name("processor"), "ms", milliseconds),
    ])
}

fn watch(id: u32) -> Result<(f64, f64)> {
    std::thread::sleep(SETTLED);
    let (woken, used) = (process::wake_ups(id)?, process::processor_seconds(id)?);
    std::thread::sleep(WATCHED);
    let (woken, used) = (process::wake_ups(id)? - woken, process::processor_seconds(id)? - used);
    let seconds = WATCHED.as_secs_f64();
    Ok((woken / seconds, used * 1000.0 / seconds))
}
