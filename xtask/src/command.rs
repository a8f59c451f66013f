//! Runs other programs, and says plainly which one failed.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};

/// The program and its arguments, as a person would type them.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// A command in the folder `directory`.
pub(crate) fn command(program: &str, arguments: &[&str], directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory);
    command
}

/// Runs to the end with the terminal's own output; an exit code other than 0 is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    eprintln!("  $ {line}");
    let status = command.status().with_context(|| format!("\"{line}\" could not be started"))?;
    if !status.success() {
        bail!("\"{line}\" failed ({status})");
    }
    Ok(())
}

/// Runs to the end and returns what it printed; an exit code other than 0 is an error.
pub(crate) fn output(command: &mut Command) -> Result<Output> {
    let line = shown(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("\"{line}\" could not be started"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("\"{line}\" failed ({}): {}", output.status, said.trim());
    }
    Ok(output)
}

/// Whether `program` can be started here.
pub(crate) fn exists(program: &str) -> bool {
    let probe = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    probe.is_ok()
}
