//! `cargo xtask simulate`: many lives of engine, relay and scheduler in one process. The simulation itself is
//! a test program of `crates/simulation`, so that nothing which is shipped is built with what it needs.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::command::command;
use crate::crash::Guard;
use crate::project;

/// Lives where nothing else is said; with a broken guard, at most.
const SEEDS: u64 = 2_000;
/// What breaks guards on purpose.
const FEATURE: &str = "roost-simulation/crash-points";

/// Which lives.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = SEEDS, value_name = "N")]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    from: u64,
    /// Operations in each life.
    #[arg(long, default_value_t = 24, value_name = "N")]
    operations: u32,
    /// Builds with optimizations: some minutes once, and each life takes a fraction of the time.
    #[arg(long)]
    optimized: bool,
    /// Breaks a guard on purpose: then a life must go wrong.
    #[arg(long, value_enum, value_name = "GUARD")]
    sabotage: Option<Guard>,
    /// Prints what happened, line by line.
    #[arg(long)]
    trace: bool,
    /// Ends with one JSON document as its last line.
    #[arg(long)]
    json: bool,
}

/// Lives them.
pub(crate) fn main(arguments: &Arguments) -> Result<()> {
    let mut program = Command::new(build(arguments)?);
    program.args(["--seeds", &arguments.seeds.to_string()]);
    program.args(["--from", &arguments.from.to_string()]);
    program.args(["--operations", &arguments.operations.to_string()]);
    for (flag, is_set) in [("--trace", arguments.trace), ("--json", arguments.json)] {
        program.args(is_set.then_some(flag));
    }
    program.env_remove("CRASH_POINTS_SABOTAGE");
    if let Some(guard) = arguments.sabotage {
        program.env("CRASH_POINTS_SABOTAGE", guard.as_str()).arg("--stop-at-first");
    }
    let is_clean = program.status().context("the simulation could not be started")?.success();
    match arguments.sabotage {
        None => ensure!(is_clean, "some lives went wrong; see above"),
        Some(guard) if is_clean => {
            bail!("\"{}\" was broken, and no life went wrong", guard.as_str());
        }
        Some(guard) => eprintln!("\"{}\" was broken, and it was noticed", guard.as_str()),
    }
    Ok(())
}

/// Builds the program and returns its place. The whole workspace chooses the features of what others wrote,
/// so that it is built once for this and for the tests.
fn build(wanted: &Arguments) -> Result<PathBuf> {
    let mut arguments = vec!["test", "--locked", "--workspace", "--test", "simulate", "--no-run"];
    arguments.push("--message-format=json-render-diagnostics");
    if wanted.optimized {
        arguments.extend(["--profile", "simulation"]);
    }
    if wanted.sabotage.is_some() {
        arguments.extend(["--features", FEATURE]);
    }
    let mut cargo = command("cargo", &arguments, project::root());
    let mut built = cargo.stdout(Stdio::piped()).spawn().context("cargo could not be started")?;
    let output = built.stdout.take().context("cargo prints nothing")?;
    let mut program = None;
    for line in BufReader::new(output).lines() {
        let message: serde_json::Value = serde_json::from_str(&line?).unwrap_or_default();
        if message["target"]["name"] == "simulate" {
            program = message["executable"].as_str().map(PathBuf::from).or(program);
        }
    }
    ensure!(built.wait()?.success(), "the simulation can't be built");
    program.context("cargo names no program")
}
