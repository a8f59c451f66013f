//! Secrets that the person hands over: at a prompt without echo, or on standard input. Never as an
//! argument, which `ps` and the shell's history show.

use std::io::{self, BufRead, IsTerminal};

use crate::failure::Failure;
use crate::output::Output;

/// A line that is longer is no key and no link.
const MAX_BYTES: u64 = 16 * 1024;

/// Asks for a secret on the terminal, or reads the next line of standard input where there is none.
/// Returns nothing when the person leaves it out, or the input has ended. Blocking.
///
/// # Errors
/// When the terminal or the input can't be read.
pub(crate) fn read(question: &str, output: &Output) -> Result<Option<String>, Failure> {
    let line = if io::stdin().is_terminal() {
        output.ask(question);
        rpassword::read_password()
    } else {
        next_line()
    };
    let line = line.map_err(|error| {
        Failure::work("input_unreadable", format!("Standard input can't be read: {error}."))
    })?;
    let line = line.trim();
    Ok((!line.is_empty()).then(|| line.to_owned()))
}

fn next_line() -> io::Result<String> {
    // Standard input is locked by its buffer: what follows the line is there for the next call.
    let mut line = String::new();
    io::Read::take(io::stdin().lock(), MAX_BYTES).read_line(&mut line)?;
    Ok(line)
}
