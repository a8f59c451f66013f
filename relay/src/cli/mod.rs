//! The command line: arguments, the configuration file, and one file per kind of command.

mod arguments;
mod file;
mod logs;
mod maintain;
mod scheduler;
mod serve;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

/// Parses, does, tells.
pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("roost-relay: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let path = arguments.config;
    match arguments.command {
        Command::Init => maintain::init(&path),
        Command::Serve { embedded_scheduler } => serve::serve(&path, embedded_scheduler),
        Command::Device { what } => maintain::device(&path, what),
        Command::Accounts => maintain::accounts(&path),
        Command::Backup { to } => maintain::backup(&path, &to),
        Command::Restore { from } => maintain::restore(&path, &from),
        Command::Check => maintain::check(&path),
        Command::Example => {
            print!("{}", file::EXAMPLE);
            Ok(())
        }
    }
}
