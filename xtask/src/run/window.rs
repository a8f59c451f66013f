//! Roost's window on the X sandbox, with the sample calendar ready to import.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::Arguments;
use super::data::{self, DataFolder};
use super::{calendar, headless};
use crate::command::{self, command};
use crate::{project, setup};

/// The sample's first post, counted from the moment of its import.
const LEAD: Duration = Duration::from_secs(20);
/// The sample's last post.
const SAMPLE_WITHIN: Duration = Duration::from_secs(5 * 60);
/// How often the waiting sample's times are moved along.
const MOVE_EVERY: Duration = Duration::from_secs(5);
/// How often the window is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Runs until the window is closed.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let file = arguments.file();
    let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    build(arguments)?;
    let folder = DataFolder::open(arguments.data(&bytes))?;
    let sample = folder.sample(&file)?;
    let write_sample = || -> Result<()> {
        let calendar = calendar::read(&bytes, arguments.squeeze(LEAD, SAMPLE_WITHIN))?;
        data::write_whole(&sample, &calendar.to_import_file()?)
    };
    write_sample()?;
    let (_sandbox, address) = headless::start_sandbox(&arguments.binary("x-sandbox"), &folder)?;
    eprintln!("The sandbox's timeline: {address}/");
    eprintln!("The data of this run: {}", folder.roost().display());
    let mut desktop = Command::new(arguments.binary("roost-desktop"))
        .env("ROOST_DATA_DIR", folder.roost())
        .env("ROOST_SANDBOX_URL", &address)
        .env("ROOST_SAMPLE_FILE", &sample)
        .env("X_API_BASE", &address)
        .spawn()
        .context("Roost's window could not be started")?;
    let mut written = Instant::now();
    loop {
        if let Some(ended) = desktop.try_wait()? {
            return Ok(ended.success());
        }
        // The sample waits to be imported: its times must not pass meanwhile.
        if written.elapsed() > MOVE_EVERY {
            write_sample()?;
            written = Instant::now();
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Builds the UI, then the desktop that embeds it.
fn build(arguments: &Arguments) -> Result<()> {
    if arguments.binaries.is_some() {
        return Ok(());
    }
    setup::window()?;
    let ui = project::root().join("ui");
    command::run(&mut command("npm", &["run", "build"], &ui))?;
    let packages = ["build", "--package", "roost-desktop", "--package", "roost-x-sandbox"];
    command::run(&mut command("cargo", &packages, project::root()))
}
