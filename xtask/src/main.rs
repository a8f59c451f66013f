//! The workshop. `cargo xtask run` shows Roost at work, `cargo xtask test` proves it.

mod bench;
mod clean_system;
mod command;
mod crash;
mod http;
mod machine;
mod package;
mod project;
mod run;
mod screenshots;
mod services;
mod setup;
mod simulate;
mod test;
mod types;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs, tests and measures Roost.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Installs what the other tasks need; the only task that reads the package registries.
    Setup(setup::Arguments),
    /// Builds Roost and shows it at work on the X sandbox, in a window or without one.
    Run(run::Arguments),
    /// Everything that proves the project; ends with a line that counts tests.
    Test(test::Arguments),
    /// Measures a part beside its limit and beside what a person would run otherwise.
    Bench(bench::Arguments),
    /// Ends the programs at every commit and exchange, and counts what that did to posts.
    Crash(crash::Arguments),
    /// Lives many lives of engine, relay and scheduler in one process, each from its seed.
    Simulate(simulate::Arguments),
    /// Builds the packages that are installed: desktop and relay as .deb, the relay as a tarball.
    Package(package::Arguments),
    /// Follows the guides, and installs and upgrades the packages, on clean Debian systems: as root.
    CleanSystem(clean_system::Arguments),
    /// Takes the window's screenshots into docs/screenshots.
    Screenshots,
    /// Writes the TypeScript types of the window's commands anew.
    Types,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Setup(arguments) => setup::main(&arguments),
        Task::Run(arguments) => return run::main(&arguments),
        Task::Test(arguments) => test::main(&arguments),
        Task::Bench(arguments) => bench::main(&arguments),
        Task::Crash(arguments) => crash::main(&arguments),
        Task::Simulate(arguments) => simulate::main(&arguments),
        Task::Package(arguments) => package::main(&arguments),
        Task::CleanSystem(arguments) => clean_system::main(&arguments),
        Task::Screenshots => screenshots::main(),
        Task::Types => types::main(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}
