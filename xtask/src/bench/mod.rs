//! Side-by-side measurements: ours, the limit that nothing can pass, and what a person would run
//! otherwise, one after the other in the same run.

mod desktop;
mod handover;
mod import;
mod load;
mod page;
mod process;
mod program;
mod relay;
mod row;
mod scheduler;
mod store;
mod under_load;

use std::process::Command;

use anyhow::Result;
use serde::Serialize;

use crate::command::{self, command};
use crate::project;

pub(crate) use row::{Better, Goal, Row};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Which part.
    #[command(subcommand)]
    part: Part,
    /// Ends with one JSON document as its last line.
    #[arg(long, global = true)]
    json: bool,
    /// Writes the figures into docs/benchmarks.md.
    #[arg(long, global = true)]
    write: bool,
}

/// A part of Roost that can be measured by itself.
#[derive(Debug, Clone, clap::Subcommand)]
enum Part {
    /// The window with many posts, beside an empty Tauri window.
    Desktop(desktop::Arguments),
    /// Handing posts over, posts that are due at once, and a computer with nothing to hand over.
    Handover(handover::Arguments),
    /// From a file of posts to committed rows: the whole and its steps.
    Import(import::Arguments),
    /// Posts of the relay while idle connections, junk and forged deliveries come in.
    Load(under_load::Arguments),
    /// From a signed delivery to a result on disk: throughput, memory, start-up, size.
    Relay,
    /// Publishing, delivering, waiting.
    Scheduler(scheduler::Arguments),
    /// What commands cost over a store of many posts, beside an empty one.
    Store(store::Arguments),
}

impl Part {
    /// Whether it was asked for only to try it, as it is built for development.
    const fn takes_any_build(&self) -> bool {
        match self {
            // Nothing of what it measures runs in this process.
            Self::Desktop(_) => true,
            Self::Handover(arguments) => arguments.unoptimised,
            Self::Import(arguments) => arguments.unoptimised,
            Self::Load(arguments) => arguments.unoptimised,
            Self::Relay | Self::Scheduler(_) | Self::Store(_) => false,
        }
    }
}

/// The closing document.
#[derive(Debug, Serialize)]
struct Report<'a> {
    rows: &'a [Row],
}

/// Measures, and prints one row for each figure.
pub(crate) fn main(arguments: &Arguments) -> Result<()> {
    if cfg!(debug_assertions) && !arguments.part.takes_any_build() {
        return optimised();
    }
    let (part, rows): (&str, Vec<Row>) = match &arguments.part {
        Part::Desktop(arguments) => ("desktop", desktop::measure(*arguments)?),
        Part::Handover(arguments) => ("handover", handover::measure(*arguments)?),
        Part::Import(arguments) => ("import", import::measure(arguments)?),
        Part::Load(arguments) => ("load", under_load::measure(*arguments)?),
        Part::Relay => ("relay", relay::measure()?),
        Part::Scheduler(arguments) => ("scheduler", scheduler::measure(*arguments)?),
        Part::Store(arguments) => ("store", store::measure(*arguments)?),
    };
    for row in &rows {
        println!("{row}");
    }
    if arguments.write {
        page::write(part, &rows)?;
    }
    if arguments.json {
        println!("{}", serde_json::to_string(&Report { rows: &rows })?);
    }
    Ok(())
}

/// Load and limit must not be slower than what they measure: the same task again, optimised.
fn optimised() -> Result<()> {
    build_release(&["xtask"])?;
    let mut again = Command::new(project::release("xtask"));
    command::run(again.args(std::env::args_os().skip(1)))
}

/// Builds `packages` as they are shipped, and returns once their programs are in `target/release`.
pub(crate) fn build_release(packages: &[&str]) -> Result<()> {
    let mut build: Command = command("cargo", &["build", "--release", "--locked"], project::root());
    for package in packages {
        build.args(["--package", package]);
    }
    command::run(&mut build)
}
