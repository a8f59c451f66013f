//! The log of a program that is to run for months. Standard error may be a full disk, a pipe whose
//! reader left, or one whose reader hangs: the program goes on. Lines that could not be written are
//! counted ([`lines_lost`]), and the log itself says how many there were as soon as it can be
//! written again.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod queue;
mod sink;

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use queue::Queue;
use sink::Sink;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, with the module that speaks.
    Text,
    /// For people, without it.
    Plain,
    /// One JSON object in each line.
    Json,
}

/// The running log. Dropping it waits for the lines that are under way, and not for long.
#[must_use = "without it the last lines before the program's end are lost"]
#[derive(Debug)]
pub struct Log(Queue);

impl Drop for Log {
    fn drop(&mut self) {
        self.0.flush();
    }
}

/// The lines lost since the start; the log that was begun first counts.
static LOST: OnceLock<Arc<AtomicU64>> = OnceLock::new();

/// Sends the program's log to standard error. `filter` applies unless the variable named
/// `variable` holds one. Where a log was begun already, that one stays.
pub fn begin(variable: &str, filter: &str, format: Format) -> Log {
    let filter = EnvFilter::try_from_env(variable).unwrap_or_else(|_| EnvFilter::new(filter));
    let lost = Arc::new(AtomicU64::new(0));
    let queue = Queue::start(Sink::new(std::io::stderr(), format, Arc::clone(&lost)), lost);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        // Its way of telling that a line was lost is a panic when that can't be told either.
        .log_internal_errors(false)
        .with_writer(queue.clone());
    let begun = match format {
        Format::Text => log.finish().try_init(),
        Format::Plain => log.with_target(false).finish().try_init(),
        Format::Json => log.json().finish().try_init(),
    };
    if begun.is_ok() {
        // Nobody else sets it: one subscriber is the first.
        let _ = LOST.set(queue.lost());
    }
    Log(queue)
}

/// Returns how many lines of the log were lost since the start.
#[must_use]
pub fn lines_lost() -> u64 {
    LOST.get().map_or(0, |lost| lost.load(Ordering::Relaxed))
}

/// Says something to the person at the terminal, beside the log. Where that can't be written,
/// nothing is left to tell it with.
pub fn say(message: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{message}");
}
