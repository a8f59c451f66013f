//! Everything that proves the project, in one go, on a machine with no display.

mod count;

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::command::{self, command};
use crate::{project, setup};
use count::Counts;

/// How to test.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Leaves out the set-up, so that nothing is asked of the package registries.
    #[arg(long)]
    no_setup: bool,
    /// Runs the long proofs as well: hours on two cores.
    #[arg(long)]
    long: bool,
    /// Ends with one JSON document as its last line.
    #[arg(long)]
    json: bool,
}

/// One thing to prove.
struct Step {
    name: &'static str,
    run: fn(&mut Counts) -> Result<()>,
}

/// In this order: what fails soonest and cheapest comes first.
const STEPS: &[Step] = &[
    Step { name: "formatting", run: formatting },
    Step { name: "user interface", run: user_interface },
    Step { name: "lints", run: lints },
    Step { name: "licences and sources", run: licences },
    Step { name: "Rust tests", run: rust_tests },
    Step { name: "the user interface on the real engine", run: user_interface_tests },
    Step { name: "crash points", run: crash_points },
    Step { name: "documentation", run: documentation },
    Step { name: "the main job on a real calendar", run: real_calendar },
];

/// What takes too long for every change: run once before a large piece of work ends.
const LONG_STEPS: &[Step] = &[
    Step { name: "killing the scheduler under 20,000 messages", run: scheduler_kills },
    Step { name: "killing every program 500 times at random moments", run: random_kills },
    Step { name: "ending every program at every crossing of a point", run: every_crossing },
    Step { name: "ending every program in a thread of 25 parts with pictures", run: long_thread },
    Step { name: "packages and guides on clean systems", run: clean_systems },
    Step { name: "2,000 simulated lives, and lives with broken guards", run: simulated_lives },
];

/// Runs every step; stops at the first that fails.
pub(crate) fn main(arguments: &Arguments) -> Result<()> {
    let start = Instant::now();
    if !arguments.no_setup {
        eprintln!("── set-up");
        setup::everything()?;
    }
    let mut counts = Counts::default();
    let mut outcome = Ok(());
    let long_steps = if arguments.long { LONG_STEPS } else { &[] };
    let steps = STEPS.iter().chain(long_steps);
    let number_of_steps = STEPS.len() + long_steps.len();
    for (index, step) in steps.enumerate() {
        let elapsed = start.elapsed().as_secs();
        eprintln!("── {}/{number_of_steps} {} ({elapsed} s)", index + 1, step.name);
        outcome = (step.run)(&mut counts).with_context(|| format!("{} failed", step.name));
        if outcome.is_err() {
            counts.failed = counts.failed.max(1);
            break;
        }
    }
    eprintln!("── done in {} s", start.elapsed().as_secs());
    println!("{counts}");
    if arguments.json {
        println!("{}", counts.json(start.elapsed().as_millis()));
    }
    outcome
}

/// From here on nothing may come from the network.
fn offline(program: &str, arguments: &[&str]) -> Command {
    let mut command = command(program, arguments, project::root());
    command
        .env("CARGO_NET_OFFLINE", "true")
        .env("npm_config_offline", "true")
        // What a test needs is installed now: a missing tool is a failure, not a reason to skip.
        .env("ROOST_REQUIRE_TOOLS", "1")
        .env("ROOST_BIN_DIR", project::target().join("debug"));
    if std::env::var_os("CI").is_some() {
        // Everything is compiled once there; what would help a second time takes gigabytes.
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

fn formatting(_: &mut Counts) -> Result<()> {
    command::run(&mut offline("cargo", &["fmt", "--all", "--check"]))
}

/// Type check, lints and build of the UI; the desktop's build embeds what this makes.
fn user_interface(_: &mut Counts) -> Result<()> {
    for script in ["check", "lint", "build"] {
        command::run(&mut npm(script))?;
    }
    Ok(())
}

/// The UI's tests, against the engine, relay, scheduler and sandbox that the Rust tests built.
fn user_interface_tests(counts: &mut Counts) -> Result<()> {
    counted(&mut npm("test"), counts)
}

/// Returns the command that runs a script of the UI.
fn npm(script: &str) -> Command {
    let mut npm = offline("npm", &["run", script]);
    npm.current_dir(project::root().join("ui"));
    npm
}

fn lints(_: &mut Counts) -> Result<()> {
    let arguments = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    command::run(&mut offline("cargo", &arguments))
}

/// What came in from outside. Advisories are left out: their database is not in a registry.
fn licences(counts: &mut Counts) -> Result<()> {
    let present = Command::new("cargo").args(["deny", "--version"]).output();
    if !present.is_ok_and(|answer| answer.status.success()) {
        eprintln!("  skipped: `cargo install cargo-deny` is not there");
        counts.skipped += 1;
        return Ok(());
    }
    let arguments = ["deny", "--offline", "check", "licenses", "bans", "sources"];
    command::run(&mut offline("cargo", &arguments))
}

/// Unit, contract, process and window tests. nextest where present, else cargo's own runner.
fn rust_tests(counts: &mut Counts) -> Result<()> {
    let nextest = Command::new("cargo").args(["nextest", "--version"]).output();
    let arguments: &[&str] = if nextest.is_ok_and(|answer| answer.status.success()) {
        &["nextest", "run", "--locked", "--workspace", "--no-fail-fast"]
    } else {
        &["test", "--locked", "--workspace", "--no-fail-fast"]
    };
    // The process tests start the programs, which therefore are built before.
    command::run(&mut offline("cargo", &["build", "--locked", "--workspace", "--bins"]))?;
    counted(&mut offline("cargo", arguments), counts)
}

/// Every program ends at every named point once; every broken guard is noticed.
fn crash_points(counts: &mut Counts) -> Result<()> {
    // The whole workspace is tested as it is shipped, without what ends programs.
    let own = ["test", "--locked", "--package", "roost-crash-points", "--features", "enabled"];
    counted(&mut offline("cargo", &own), counts)?;
    let program = project::binary("xtask").to_string_lossy().into_owned();
    command::run(&mut offline(&program, &["crash", "--short"]))?;
    counts.passed += 1;
    Ok(())
}

fn documentation(_: &mut Counts) -> Result<()> {
    let mut doc = offline("cargo", &["doc", "--locked", "--no-deps"]);
    command::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// The whole path on real text, counted by the sandbox. Skipped where the text is absent.
fn real_calendar(counts: &mut Counts) -> Result<()> {
    let file = project::reference_data().join("real-calendar.json");
    if !file.exists() {
        eprintln!("  skipped: {} is not there", file.display());
        counts.skipped += 1;
        return Ok(());
    }
    // Not the running program's own file: the tests' build may have put a new one in its place.
    let program = project::binary("xtask").to_string_lossy().into_owned();
    let data = project::target().join("real-calendar-run");
    let arguments = ["run", "--headless", "--compress", "60", "--json", "--file"];
    let mut run = offline(&program, &arguments);
    command::run(run.arg(&file).arg("--data").arg(&data))?;
    counts.passed += 1;
    Ok(())
}

/// The scheduler accepts and delivers while it is killed five times a second.
fn scheduler_kills(counts: &mut Counts) -> Result<()> {
    let arguments = ["test", "--locked", "--package", "roost-scheduler", "--test", "laws", "kill"];
    counted(offline("cargo", &arguments).env("ROOST_FULL", "1"), counts)
}

fn random_kills(counts: &mut Counts) -> Result<()> {
    crash(&["--random", "500"], counts)
}

fn every_crossing(counts: &mut Counts) -> Result<()> {
    crash(&["--jobs", "8"], counts)
}

fn long_thread(counts: &mut Counts) -> Result<()> {
    crash(&["--parts", "25", "--random", "5"], counts)?;
    crash(&["--parts", "25", "--jobs", "8"], counts)
}

/// Packages are installed, used, upgraded and removed, and the guides followed, on systems of their own. Only
/// root can boot systems.
fn clean_systems(counts: &mut Counts) -> Result<()> {
    if !crate::clean_system::may() {
        eprintln!(
            "  skipped: only root can boot systems; run `cargo xtask clean-system` with sudo"
        );
        counts.skipped += 1;
        return Ok(());
    }
    let program = project::binary("xtask").to_string_lossy().into_owned();
    // What comes from Debian is fetched here: the systems themselves have no way to the world.
    command::run(offline(&program, &["clean-system"]).env_remove("CARGO_NET_OFFLINE"))?;
    counts.passed += 3;
    Ok(())
}

/// Every life goes well, and each broken guard is noticed in one.
fn simulated_lives(counts: &mut Counts) -> Result<()> {
    let program = project::binary("xtask").to_string_lossy().into_owned();
    for guard in ["fence", "intent", "withdraw", "epoch", "dedup"] {
        command::run(&mut offline(&program, &["simulate", "--json", "--sabotage", guard]))?;
        counts.passed += 1;
    }
    command::run(&mut offline(&program, &["simulate", "--json"]))?;
    counts.passed += 1;
    Ok(())
}

/// Runs `xtask crash` with the programs that the short crash step built.
fn crash(arguments: &[&str], counts: &mut Counts) -> Result<()> {
    let program = project::binary("xtask").to_string_lossy().into_owned();
    command::run(offline(&program, &["crash", "--no-build", "--json"]).args(arguments))?;
    counts.passed += 1;
    Ok(())
}

/// Runs a test runner, shows what it prints, and adds what its closing lines count.
fn counted(command: &mut Command, counts: &mut Counts) -> Result<()> {
    let line = command::shown(command);
    eprintln!("  $ {line}");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("\"{line}\" could not be started"))?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        bail!("\"{line}\" gave no output to read");
    };
    // nextest closes on stderr, the others on stdout: both are read.
    let errors = std::thread::spawn(move || count::copy_and_count(stderr, &mut std::io::stderr()));
    let output = count::copy_and_count(stdout, &mut std::io::stdout());
    counts.add(&output);
    counts.add(&errors.join().unwrap_or_default());
    let status = child.wait()?;
    if !status.success() {
        bail!("\"{line}\" failed ({status})");
    }
    Ok(())
}
