//! The command line: arguments, the configuration file, and one file per kind of command.

mod alarms;
mod alarms_file;
mod arguments;
mod check;
mod documents;
mod file;
mod init;
mod listener_file;
mod maintain;
mod pair;
mod scheduler;
mod serve;
mod setting;
mod systemd;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

/// Parses, does, tells.
pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = std::io::stdout().lock();
    let ended = run(arguments, &mut out).and_then(|()| Ok(out.flush()?));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        // A reader that went away (`| head`) is no failure of ours.
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            roost_log_writer::say(format_args!("roost-relay: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let source = error.downcast_ref::<std::io::Error>();
    source.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

fn run(arguments: Arguments, out: &mut impl Write) -> anyhow::Result<()> {
    let path = arguments.config;
    match arguments.command {
        Command::Init(given) => init::init(&path, given, out),
        Command::Serve { embedded_scheduler } => serve::serve(&path, embedded_scheduler),
        Command::Pair { no_qr } => pair::pair(&path, no_qr, out),
        Command::Device { what } => maintain::device(&path, what, out),
        Command::Accounts => maintain::accounts(&path, out),
        Command::Backup { to } => maintain::backup(&path, &to, out),
        Command::Move { to } => maintain::move_out(&path, &to, out),
        Command::Audit { limit } => maintain::audit(&path, limit, out),
        Command::Restore { from } => maintain::restore(&path, &from, out),
        Command::Check { embedded_scheduler } => check::check(&path, embedded_scheduler, out),
        Command::NewKey => maintain::new_key(&path, out),
        Command::TestAlarms => alarms::test(&path, out),
        Command::Systemd(given) => systemd::print(&path, &given, out),
        Command::Completions { shell } => documents::completions(shell, out),
        Command::Man { out: folder } => documents::man(folder.as_deref(), out),
        Command::Example => Ok(write!(out, "{}", file::EXAMPLE)?),
    }
}
