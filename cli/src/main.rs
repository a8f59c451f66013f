//! `roost`: the engine without a window.

mod args;
mod command;
mod context;
mod failure;
mod input;
mod loopback;
mod old_relay;
mod output;
mod text;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use tracing_subscriber::EnvFilter;

use crate::args::Cli;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Output;

fn main() -> ExitCode {
    // Fails only when one is installed already, and then there is one.
    drop(rustls::crypto::ring::default_provider().install_default());
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error, wants_json(std::env::args_os())),
    };
    let output = Output::new(cli.common.json);
    log(cli.common.verbose);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            output.say(&format!("roost: the system gives no threads: {error}"));
            return ExitCode::from(1);
        }
    };
    let ended = runtime.block_on(async {
        let context = Context::new(cli.common)?;
        command::run(&context, cli.command).await
    });
    // A read of standard input can't be interrupted; don't wait for it.
    runtime.shutdown_background();
    match ended {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => {
            output.say(&format!("roost: {failure}"));
            if output.is_json() {
                output.document(&failure.document());
            }
            ExitCode::from(failure.exit_code())
        }
    }
}

/// clap's own words, on the right stream, with our exit codes; with `--json` a document beside.
fn usage(error: &clap::Error, json: bool) -> ExitCode {
    drop(error.print());
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => {
            if json {
                Output::new(json).document(&Failure::usage(error.to_string().trim()).document());
            }
            ExitCode::from(2)
        }
    }
}

/// Whether a command line that could not be read asks for a document.
fn wants_json(arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.take_while(|argument| argument != "--").any(|argument| argument == "--json")
}

/// Logs go to standard error; quiet unless asked for, by flag or by `RUST_LOG`.
fn log(verbose: bool) {
    let default = if verbose { "info,roost_engine=debug" } else { "error" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    drop(
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .try_init(),
    );
}
