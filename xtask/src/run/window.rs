//! Roost's window on the X sandbox, with the sample calendar ready to import.

use std::process::Command;

use anyhow::{Context as _, Result};

use super::Arguments;
use super::data::{self, DataFolder};
use super::{calendar, headless};
use crate::command::{self, command};
use crate::{project, setup};

/// The sample's posts are spread over this many seconds where nothing else is asked for.
const SAMPLE_SECONDS: u32 = 300;

/// Runs until the window is closed.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let file = arguments.file();
    let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    build(arguments)?;
    let folder = DataFolder::open(arguments.data())?;
    let seconds =
        arguments.compress.or(if arguments.file.is_none() { Some(SAMPLE_SECONDS) } else { None });
    let calendar = calendar::read(&bytes, seconds)?;
    data::write_whole(&folder.import_file(), &calendar.to_import_file()?)?;
    let (_sandbox, address) = headless::start_sandbox(&arguments.binary("x-sandbox"), &folder)?;
    eprintln!("The sandbox's timeline: {address}/");
    eprintln!("The data of this run: {}", folder.roost().display());
    let mut desktop = Command::new(arguments.binary("roost-desktop"));
    desktop
        .env("ROOST_DATA_DIR", folder.roost())
        .env("ROOST_SANDBOX_URL", &address)
        .env("ROOST_SAMPLE_FILE", folder.import_file())
        .env("X_API_BASE", &address);
    command::run(&mut desktop)?;
    Ok(true)
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
