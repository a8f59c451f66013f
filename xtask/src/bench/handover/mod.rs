//! Handing over: ten thousand posts beside the pace that is kept for the scheduler's sake, a thousand
//! that are due in one second, and what a computer does that has nothing to hand over.

mod burst;
mod idle;
mod passes;
mod world;

use anyhow::Result;
use roost_core::clock::{Clock as _, SystemClock};

use super::{Better, Goal, Row, build_release};
use world::{Planned, World};

/// Posts that go into one request to relay and scheduler.
const CHUNK_POSTS: u32 = 100;
/// Between the starts of two such requests, in seconds.
const CHUNK_INTERVAL_SECONDS: f64 = 0.5;
/// Accounts that the posts are spread over.
const ACCOUNTS: u32 = 50;
/// From now to the first post that is only handed over, and to the last: within the horizon, and far
/// from being sent.
const HANDED_OVER_HOURS: (i64, i64) = (3, 21);
/// How much more memory ten times as many posts may take, MB.
const MORE_MB: f64 = 4.0;

/// How much to measure.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Arguments {
    /// Posts that are handed over.
    #[arg(long, default_value_t = 10_000)]
    posts: u32,
    /// Posts that lie in the store for later years.
    #[arg(long, default_value_t = 100_000)]
    stored: u32,
    /// Takes the programs that were built for development: only to try the measurement.
    #[arg(long)]
    pub(super) unoptimised: bool,
}

/// Measures and returns one row for each figure.
pub(crate) fn measure(arguments: Arguments) -> Result<Vec<Row>> {
    if !arguments.unoptimised {
        build_release(&["roost-cli", "roost-relay", "roost-scheduler", "roost-x-sandbox"])?;
    }
    let world = World::begin(!arguments.unoptimised, ACCOUNTS)?;
    let empty = passes::without_work(&world)?;
    let few = arguments.posts / 10;
    let (_, few_mb) = hand_over(&world, "few", few)?;
    let (seconds, many_mb) = hand_over(&world, "many", arguments.posts)?;
    let chunks = arguments.posts.div_ceil(CHUNK_POSTS).saturating_sub(1);
    let pace = f64::from(chunks) * CHUNK_INTERVAL_SECONDS;
    let mut rows = vec![
        Row {
            floor: Some(pace),
            goal: Some(Goal::AtMost((pace * 11.0).ceil() / 10.0)),
            ..row(format!("{} posts handed over", arguments.posts), "s", seconds)
        },
        Row {
            floor: Some(few_mb),
            goal: Some(Goal::AtMost((few_mb + MORE_MB).round())),
            ..row(format!("memory for it, beside {few} posts"), "MB", many_mb)
        },
    ];
    rows.extend(burst::measure(&world)?);
    world.store_for_later(arguments.stored)?;
    let full = passes::without_work(&world)?;
    let stored = arguments.stored;
    rows.push(Row {
        floor: Some(empty),
        goal: Some(Goal::AtMost((empty + 5.0).round())),
        ..row(format!("a pass without work, {stored} posts stored"), "ms", full)
    });
    rows.extend(idle::measure(&world, stored)?);
    Ok(rows)
}

/// Hands posts over; returns the seconds that it took, and the most memory, in MB.
fn hand_over(world: &World, word: &str, count: u32) -> Result<(f64, f64)> {
    let now = SystemClock.now().0;
    let (from, until) = HANDED_OVER_HOURS;
    let apart = (until - from) * 3_600_000 / i64::from(count.max(1));
    let posts = (0..count).map(|number| Planned {
        text: format!("{word} {number}: what a calendar says of a day that is still to come"),
        at: now + from * 3_600_000 + i64::from(number) * apart,
        account: number % ACCOUNTS,
    });
    world.import(word, posts)?;
    let took = world.sync()?;
    eprintln!("{count} posts handed over in {:.1} s, {:.1} MB at the most", took.0, took.1);
    Ok(took)
}

fn row(name: String, unit: &'static str, ours: f64) -> Row {
    Row { name, unit, better: Better::Lower, ours, floor: None, peer: None, goal: None }
}
