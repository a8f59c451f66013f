//! Builds Roost and shows it at work on the X sandbox: relay and scheduler inside, on loopback.

mod calendar;
mod data;
mod headless;
pub(crate) mod ledger;
pub(crate) mod process;
mod progress;
mod window;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use calendar::Squeeze;

use crate::{machine, project};

/// How to run.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Arguments {
    /// Without a window; the default where there is no display.
    #[arg(long)]
    headless: bool,
    /// The file of posts to import [default: examples/launch-week.json].
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Squeezes the file's times, order kept, into the next SECONDS [default: 30 for the example].
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(5..=86_400))]
    compress: Option<u32>,
    /// Ends with one JSON document on stdout, counted from the sandbox's ledger.
    #[arg(long)]
    json: bool,
    /// The run's data folder; an unfinished run of the same file goes on [default: one per file, in .roost/].
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Takes the programs from this folder instead of building them.
    #[arg(long, value_name = "FOLDER", env = "ROOST_BIN_DIR", hide = true)]
    binaries: Option<PathBuf>,
}

impl Arguments {
    /// The file to import.
    fn file(&self) -> PathBuf {
        self.file.clone().unwrap_or_else(|| project::root().join("examples/launch-week.json"))
    }

    /// The data folder; without a word one per file, so that runs of several do not meet.
    fn data(&self, file: &[u8]) -> PathBuf {
        let kind = if self.is_headless() { "run" } else { "window" };
        let name = format!("{kind}-{}", &data::digest(file)[..8]);
        self.data.clone().unwrap_or_else(|| project::root().join(".roost").join(name))
    }

    /// How the times are squeezed, if at all. The example's dates lie wherever they lie, so
    /// without a word it is squeezed; a person's own file is taken as written.
    fn squeeze(&self, lead: Duration, example_within: Duration) -> Option<Squeeze> {
        let asked = self.compress.map(|seconds| Duration::from_secs(u64::from(seconds)));
        let within = asked.or(if self.file.is_none() { Some(example_within) } else { None });
        within.map(|within| Squeeze { lead, within })
    }

    /// Whether to run without a window.
    fn is_headless(&self) -> bool {
        self.headless || self.json || !machine::has_display()
    }

    /// The folder of the built programs.
    fn binary(&self, name: &str) -> PathBuf {
        match &self.binaries {
            Some(folder) => folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)),
            None => project::binary(name),
        }
    }
}

/// Runs; 0 only when every post was posted once.
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let outcome =
        if arguments.is_headless() { headless::run(arguments) } else { window::run(arguments) };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\n{error:#}");
            if arguments.json {
                println!("{}", serde_json::json!({ "error": format!("{error:#}") }));
            }
            ExitCode::FAILURE
        }
    }
}
