//! `roost`: the engine without a window.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod args;
mod command;
mod context;
mod failure;
mod file;
mod following;
mod format;
mod input;
mod next_step;
mod old_relay;
mod output;
mod secret;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use roost_engine::LOG_FOLDER;
use roost_log_writer::{Format, Log, LogFiles, ToFiles};

use crate::args::{Cli, Command};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Output;

fn main() -> ExitCode {
    // Fails only when one is installed already, and then there is one.
    drop(rustls::crypto::ring::default_provider().install_default());
    let (output, code) = match Cli::try_parse() {
        Ok(cli) => {
            let output = Output::new(cli.common.json);
            let code = run(cli, &output);
            (output, code)
        }
        Err(error) => {
            let output = Output::new(wants_json(std::env::args_os()));
            let code = usage(&error, &output);
            (output, code)
        }
    };
    ExitCode::from(output.close(code))
}

/// Runs the command, and returns the exit code.
fn run(cli: Cli, output: &Output) -> u8 {
    let _log = log(&cli);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            output.say(&format!("roost: the system gives no threads: {error}"));
            return 1;
        }
    };
    let ended = runtime.block_on(async {
        let context = Context::new(cli.common, output.clone())?;
        command::run(&context, cli.command).await
    });
    // A read of standard input can't be interrupted; don't wait for it.
    runtime.shutdown_background();
    match ended {
        Ok(exit) => exit.code(),
        Err(failure) => {
            output.say(&format!("roost: {failure}"));
            if output.is_json() {
                output.document(&failure.document());
            }
            failure.exit_code()
        }
    }
}

/// clap's own words, on the right stream, with our exit codes; with `--json` a document beside.
fn usage(error: &clap::Error, output: &Output) -> u8 {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let words = error.render();
        let colours = std::io::stdout().is_terminal();
        output.text(&if colours { words.ansi().to_string() } else { words.to_string() });
        return 0;
    }
    drop(error.print());
    if output.is_json() {
        output.document(&Failure::usage(error.to_string().trim()).document());
    }
    2
}

/// Whether a command line that could not be read asks for a document.
fn wants_json(arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.take_while(|argument| argument != "--").any(|argument| argument == "--json")
}

/// Logs go to standard error; quiet unless asked for, by flag or by `RUST_LOG`. What keeps posts going
/// for days writes log files too.
fn log(cli: &Cli) -> Log {
    let filter = if cli.common.verbose { "info,roost_engine=debug" } else { "error" };
    let is_watch = matches!(&cli.command, Command::Sync(sync) if sync.watch);
    let data = cli.common.data.clone().or_else(roost_local::data_dir).filter(|_| is_watch);
    let files = data.map(|data| LogFiles { folder: data.join(LOG_FOLDER), name: "watch" });
    let to_files = files.map(|files| ToFiles { files, filter: "info" });
    roost_log_writer::begin_with_files("RUST_LOG", filter, Format::Plain, to_files)
}
