//! From the start to a list that can be used, and what the window takes then.

use anyhow::Result;

use super::super::load::quantile;
use super::window::Opened;
use super::{Arguments, beside_empty, row};
use crate::bench::Row;

/// How many times an empty window's start ours may take.
const START_TIMES: f64 = 1.6;
/// How many times an empty window's memory ours may take.
const MEMORY_TIMES: f64 = 1.7;

/// Starts both windows in turn.
pub(super) fn measure(
    arguments: Arguments,
    ours: impl Fn() -> Result<Opened>,
    empty: impl Fn() -> Result<Opened>,
) -> Result<Vec<Row>> {
    let (mut our_starts, mut empty_starts) = (Vec::new(), Vec::new());
    let (mut our_memory, mut empty_memory) = (Vec::new(), Vec::new());
    // The first pair reads the programs from the disk.
    for round in 0..=arguments.starts.max(1) {
        let window = empty()?;
        if round > 0 {
            empty_starts.push(window.start_ms);
        }
        if round == 1 || round == arguments.starts {
            empty_memory.push(window.memory()?.both());
        }
        drop(window);
        let window = ours()?;
        if round > 0 {
            our_starts.push(window.start_ms);
        }
        if round == 1 || round == arguments.starts {
            our_memory.push(window.memory()?);
        }
    }
    eprintln!("starts: ours {our_starts:.0?} ms, empty {empty_starts:.0?} ms");
    let median = |values: &mut [f64]| quantile(values, 0.5);
    let of = |part: fn(&super::window::Memory) -> f64| {
        median(&mut our_memory.iter().map(part).collect::<Vec<_>>())
    };
    let stored = arguments.stored;
    Ok(vec![
        beside_empty(
            &format!("start to a usable list, {stored} posts stored"),
            "ms",
            median(&mut our_starts),
            median(&mut empty_starts),
            START_TIMES,
        ),
        beside_empty(
            &format!("memory, program and web process, {stored} posts stored"),
            "MB",
            of(|memory| memory.both()),
            median(&mut empty_memory),
            MEMORY_TIMES,
        ),
        row("of this the program", "MB", of(|memory| memory.program)),
        row("of this the web process", "MB", of(|memory| memory.web)),
    ])
}
