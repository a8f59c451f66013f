//! The peer: `benches/peers/import-node`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::{command, project};

/// What the peer took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer {
    /// From start to end of the program, milliseconds.
    pub(super) whole_ms: f64,
    /// Reading and checking alone.
    pub(super) checks_ms: f64,
    /// Taking the import back alone; 0 where it was not asked for.
    pub(super) undo_ms: f64,
}

#[derive(Deserialize)]
struct Said {
    took: SaidTook,
}

#[derive(Deserialize)]
struct SaidTook {
    read: f64,
    check: f64,
    #[serde(default)]
    undo: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Weighed {
    per_second: f64,
}

fn source() -> PathBuf {
    project::root().join("benches/peers/import-node")
}

fn run<T: for<'de> Deserialize<'de>>(node: &mut Command) -> Result<T> {
    let output = command::output(node.env("NODE_ENV", "production"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().unwrap_or_default();
    serde_json::from_str(line).with_context(|| format!("the peer said \"{line}\""))
}

impl Peer {
    /// Whether its packages are installed.
    pub(super) fn check() -> Result<()> {
        let built = source().join("node_modules/better-sqlite3/build/Release/better_sqlite3.node");
        ensure!(
            built.exists(),
            "the peer in benches/peers/import-node is not installed; run this first:\n  \
             cargo xtask setup --benches"
        );
        Ok(())
    }

    /// Imports a file into its database in `folder`, and takes that back where it is asked to.
    pub(super) fn import(folder: &Path, file: &Path, undo: bool) -> Result<Self> {
        let mut node = Command::new("node");
        node.arg(source().join("import.js")).arg(folder.join("peer.db")).arg(file);
        if undo {
            node.arg("--undo");
        }
        let began = Instant::now();
        let said: Said = run(&mut node)?;
        Ok(Self {
            whole_ms: began.elapsed().as_secs_f64() * 1e3,
            checks_ms: said.took.read + said.took.check,
            undo_ms: said.took.undo,
        })
    }

    /// Returns how many texts of a file npm's `twitter-text` weighs in a second.
    pub(super) fn weighed_per_second(file: &Path) -> Result<f64> {
        let mut node = Command::new("node");
        node.arg(source().join("weigh.js")).arg(file);
        run::<Weighed>(&mut node).map(|weighed| weighed.per_second)
    }
}
