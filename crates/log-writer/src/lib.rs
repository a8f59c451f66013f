//! The log of a program that is to run for months. Standard error may be a full disk, a pipe whose
//! reader left, or one whose reader hangs: the program goes on. Lines that could not be written are
//! counted ([`lines_lost`]), and the log itself says how many there were as soon as it can be
//! written again. A program whose standard error nobody reads writes [`LogFiles`] beside.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod daily_files;
mod plain_fields;
mod queue;
mod sink;

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry};

pub use daily_files::{DAYS_MAX, LogFiles, TOTAL_MAX_BYTES, last_lines};

use daily_files::DailyFiles;
use plain_fields::PlainFields;
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
pub struct Log(Vec<Queue>);

impl Drop for Log {
    fn drop(&mut self) {
        self.0.iter().for_each(Queue::flush);
    }
}

/// The lines lost since the start; the log that was begun first counts.
static LOST: OnceLock<Arc<AtomicU64>> = OnceLock::new();

/// Sends the program's log to standard error. `filter` applies unless the variable named
/// `variable` holds one. Where a log was begun already, that one stays.
pub fn begin(variable: &str, filter: &str, format: Format) -> Log {
    begin_with_files(variable, filter, format, None)
}

/// What goes into log files, beside standard error.
#[derive(Debug, Clone)]
pub struct ToFiles {
    /// Where they are.
    pub files: LogFiles,
    /// What is written there unless the program's variable holds a filter.
    pub filter: &'static str,
}

/// The same, and into files too.
pub fn begin_with_files(
    variable: &str,
    filter: &str,
    format: Format,
    to_files: Option<ToFiles>,
) -> Log {
    let chosen =
        |filter: &str| EnvFilter::try_from_env(variable).unwrap_or_else(|_| EnvFilter::new(filter));
    let lost = Arc::new(AtomicU64::new(0));
    let queue =
        Queue::start(Sink::new(std::io::stderr(), format, Arc::clone(&lost)), Arc::clone(&lost));
    let mut queues = vec![queue.clone()];
    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> =
        vec![to_stderr(queue, format).with_filter(chosen(filter)).boxed()];
    if let Some(ToFiles { files, filter }) = to_files {
        // Lines that a file lost are told in that file, and are no loss of the log as such.
        let unwritten = Arc::new(AtomicU64::new(0));
        let sink = Sink::new(DailyFiles::new(files), Format::Text, Arc::clone(&unwritten));
        let queue = Queue::start(sink, unwritten);
        queues.push(queue.clone());
        let layer = tracing_subscriber::fmt::layer()
            .fmt_fields(PlainFields::default())
            .with_ansi(false)
            .log_internal_errors(false)
            .with_writer(queue);
        layers.push(layer.with_filter(chosen(filter)).boxed());
    }
    if tracing_subscriber::registry().with(layers).try_init().is_ok() {
        // Nobody else sets it: one subscriber is the first.
        let _ = LOST.set(lost);
    }
    Log(queues)
}

fn to_stderr(queue: Queue, format: Format) -> Box<dyn Layer<Registry> + Send + Sync> {
    let log = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        // Its way of telling that a line was lost is a panic when that can't be told either.
        .log_internal_errors(false)
        .with_writer(queue);
    match format {
        Format::Text => log.boxed(),
        Format::Plain => log.with_target(false).boxed(),
        Format::Json => log.json().boxed(),
    }
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
