//! The window with many posts, beside an empty Tauri window: both started in turn on a display of their own,
//! driven by WebDriver, with their figures side by side.

mod actions;
mod display;
mod driver;
mod frames;
mod posts;
mod sizes;
mod start;
mod window;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::{Better, Goal, Row};
use crate::command::{self, command};
use crate::project;
use display::Display;
use posts::Stored;
use window::{EMPTY, Opened, ROOST};

/// How the programs were built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Profile {
    /// As they are shipped.
    Release,
    /// For development: only to try the measurement.
    Dev,
}

/// How much to measure.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Arguments {
    /// How the programs are built.
    #[arg(long, value_enum, default_value_t = Profile::Release)]
    profile: Profile,
    /// Takes the programs that are there, and builds nothing.
    #[arg(long)]
    no_build: bool,
    /// Posts in the store.
    #[arg(long, default_value_t = 100_000)]
    stored: u32,
    /// Those of them that are planned: lists and calendar scroll over them.
    #[arg(long, default_value_t = 10_000)]
    planned: u32,
    /// Starts of each window.
    #[arg(long, default_value_t = 7)]
    starts: u32,
    /// Actions after which the memory must be what it was.
    #[arg(long, default_value_t = 10_000)]
    actions: u32,
    /// Seconds for which an idle window is watched.
    #[arg(long, default_value_t = 30)]
    idle_seconds: u64,
}

impl Arguments {
    /// Returns where a program is.
    fn program(self, name: &str) -> PathBuf {
        match self.profile {
            Profile::Release => project::release(name),
            Profile::Dev => project::binary(name),
        }
    }
}

/// Measures and returns one row for each figure.
pub(crate) fn measure(arguments: Arguments) -> Result<Vec<Row>> {
    build(arguments)?;
    eprintln!("the programs were built with the profile {:?}", arguments.profile);
    let display = Display::open()?;
    let stored = Stored::make(arguments)?;
    let ours = arguments.program("roost-desktop");
    let empty = arguments.program("empty-window");
    let open_ours = || Opened::start(&display, &ours, &stored.environment(), &ROOST);
    let open_empty = || Opened::start(&display, &empty, &[], &EMPTY);

    let mut rows = start::measure(arguments, open_ours, open_empty)?;
    let empty_frames = {
        let window = open_empty()?;
        let idle = window.wake_ups(arguments.idle_seconds)?;
        (frames::of_empty(&window)?, idle)
    };
    let window = open_ours()?;
    let (empty_frames, empty_idle) = empty_frames;
    let idle = window.wake_ups(arguments.idle_seconds)?;
    rows.push(Row {
        peer: Some(empty_idle),
        ..row("idle window: wake-ups in a second", "times", idle)
    });
    rows.extend(frames::measure(&window, arguments.planned, empty_frames)?);
    rows.extend(actions::measure(&window)?);
    rows.extend(actions::flat(&window, arguments.actions)?);
    rows.extend(sizes::measure()?);
    let profile = match arguments.profile {
        Profile::Release => "",
        Profile::Dev => " (development build)",
    };
    Ok(rows.into_iter().map(|row| Row { name: format!("{}{profile}", row.name), ..row }).collect())
}

fn build(arguments: Arguments) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("The window is measured on Linux only: it needs Xvfb and WebKitWebDriver.");
    }
    if arguments.no_build {
        return Ok(());
    }
    command::run(&mut command("npm", &["run", "build"], &project::root().join("ui")))?;
    let mut build: Command = command("cargo", &["build", "--locked"], project::root());
    if arguments.profile == Profile::Release {
        build.arg("--release");
    }
    for package in ["roost-desktop", "roost-empty-window", "roost-cli", "roost-x-sandbox"] {
        build.args(["--package", package]);
    }
    command::run(&mut build)
}

fn row(name: impl Into<String>, unit: &'static str, ours: f64) -> Row {
    let name = name.into();
    Row { name, unit, better: Better::Lower, ours, floor: None, peer: None, goal: None }
}

/// Returns a figure that may be so many times an empty window's.
fn beside_empty(name: &str, unit: &'static str, ours: f64, empty: f64, times: f64) -> Row {
    // The best is the empty window itself: so many times worse is allowed.
    let goal = Some(Goal::TimesPeer((100.0 / times).round() / 100.0));
    Row { peer: Some(empty), goal, ..row(name, unit, ours) }
}

fn at_most(name: impl Into<String>, unit: &'static str, ours: f64, most: f64) -> Row {
    Row { goal: Some(Goal::AtMost(most)), ..row(name, unit, ours) }
}
