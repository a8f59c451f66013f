//! Installs what the other tasks need. What follows a set-up works without the registries.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::command::{self, command};
use crate::machine::{self, Need};
use crate::project;

/// What to install.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only what a run without a window needs: a compiler and the crates.
    #[arg(long)]
    headless: bool,
    /// Also the peers that `cargo xtask bench` measures beside Roost.
    #[arg(long, conflicts_with = "headless")]
    benches: bool,
}

/// Installs everything that `run` and `test` need.
pub(crate) fn main(arguments: &Arguments) -> Result<()> {
    if arguments.headless {
        return headless();
    }
    everything()?;
    if arguments.benches { benches() } else { Ok(()) }
}

/// The programs that are measured beside ours.
fn benches() -> Result<()> {
    machine::provide(&[Need::Bench])?;
    let prefix = machine::node_headers()?;
    for folder in node_projects()?.iter().filter(|folder| is_bench(folder)) {
        let mut install = npm_ci(folder);
        // Compiled here, from the package's own source and the headers that are here: npm would
        // fetch both from elsewhere.
        install.env("npm_config_build_from_source", "true").env("npm_config_nodedir", &prefix);
        node_modules(folder, install)?;
    }
    Ok(())
}

fn is_bench(folder: &Path) -> bool {
    folder.starts_with(project::root().join("benches"))
}

/// What a run without a window needs. Neither WebKit nor Node is among it.
pub(crate) fn headless() -> Result<()> {
    machine::provide(&[Need::Compile])
}

/// What a run with a window needs.
pub(crate) fn window() -> Result<()> {
    machine::provide(&[Need::Compile, Need::Window])?;
    machine::require_node()?;
    let ui = project::root().join("ui");
    node_modules(&ui, npm_ci(&ui))
}

/// What making packages needs.
pub(crate) fn packages() -> Result<()> {
    window()?;
    machine::provide(&[Need::Package])
}

/// What trying packages and guides on systems of their own needs.
pub(crate) fn clean_systems() -> Result<()> {
    machine::provide(&[Need::Package, Need::CleanSystem])
}

/// What the tests need besides.
pub(crate) fn everything() -> Result<()> {
    machine::provide(&[
        Need::Compile,
        Need::Window,
        Need::WindowTest,
        Need::Python,
        Need::Spreadsheets,
        Need::Package,
        Need::CleanSystem,
        Need::Witness,
    ])?;
    machine::require_node()?;
    for folder in node_projects()?.iter().filter(|folder| !is_bench(folder)) {
        node_modules(folder, npm_ci(folder))?;
    }
    python_clients()?;
    command::run(&mut command("cargo", &["fetch", "--locked"], project::root()))
}

/// Every folder with a `package-lock.json`: the UI, and the independent clients of the tests.
fn node_projects() -> Result<Vec<PathBuf>> {
    tracked("*package-lock.json")
}

/// The folders of the tracked files that match `pattern`.
fn tracked(pattern: &str) -> Result<Vec<PathBuf>> {
    let list =
        command::output(&mut command("git", &["ls-files", "-z", "--", pattern], project::root()))
            .context("the project's files are listed by git")?;
    let names = String::from_utf8_lossy(&list.stdout).into_owned();
    let files = names.split('\0').filter(|name| !name.is_empty());
    Ok(files.filter_map(|name| project::root().join(name).parent().map(Path::to_owned)).collect())
}

fn npm_ci(folder: &Path) -> Command {
    command("npm", &["ci", "--no-audit", "--no-fund"], folder)
}

/// Installs a Node project's packages as locked, unless they are there.
fn node_modules(folder: &Path, mut install: Command) -> Result<()> {
    let lock = std::fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", folder.display()))?;
    let stamp = folder.join("node_modules/.roost-lock");
    once(&stamp, &digest(&lock), || command::run(&mut install))
}

/// Installs the Python clients of the contract tests into one environment.
fn python_clients() -> Result<()> {
    let folders = tracked("*requirements.txt")?;
    let environment = project::contract_tools().join("venv");
    let mut wanted = Vec::new();
    for folder in &folders {
        wanted.extend(std::fs::read(folder.join("requirements.txt"))?);
    }
    once(&environment.join(".roost-lock"), &digest(&wanted), || {
        let environment = environment.to_string_lossy();
        command::run(&mut command("python3", &["-m", "venv", &environment], project::root()))?;
        let pip = format!("{environment}/bin/pip");
        for folder in &folders {
            let file = folder.join("requirements.txt");
            let arguments = ["install", "--quiet", "-r", &file.to_string_lossy()];
            command::run(&mut command(&pip, &arguments, project::root()))?;
        }
        Ok(())
    })
}

/// Does `work` unless `stamp` already holds `wanted`, and leaves the stamp after success.
fn once(stamp: &Path, wanted: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    if std::fs::read_to_string(stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    work()?;
    std::fs::write(stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

/// A short name for bytes.
fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
