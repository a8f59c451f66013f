//! What a command costs over a store of many posts, beside the same over an empty one: a start must
//! not cost what the store holds. And what the window reads of it, beside bare SQL, and what changing ten
//! thousand posts at once takes.

mod bulk_edits;
mod reading;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};

use super::load::quantile;
use super::{Better, Goal, Row, build_release};
use crate::{command, project};

/// How much to measure.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Arguments {
    /// Posts in the large store, a minute apart.
    #[arg(long, default_value_t = 100_000)]
    posts: u32,
}

/// Each command is run so often over each store, in turn; the median counts.
const ROUNDS: usize = 21;

/// The most that a command may take over the large store: twice an empty one's, and this.
const MORE_MS: f64 = 30.0;

/// Measures and returns one row for each figure.
pub(crate) fn measure(arguments: Arguments) -> Result<Vec<Row>> {
    build_release(&["roost-cli"])?;
    figures(&project::release("roost"), arguments.posts)
}

fn figures(roost: &Path, posts: u32) -> Result<Vec<Row>> {
    let scratch = tempfile::tempdir().context("no folder for the stores")?;
    let (empty, large) = (scratch.path().join("empty"), scratch.path().join("large"));
    let file = scratch.path().join("posts.json");
    std::fs::write(&file, import_of(posts))?;
    time(roost, &empty, &["status"])?;
    let file = file.to_str().context("a path that is no text")?;
    let import = time(roost, &large, &["import", file])?;
    let size = |name: &str| std::fs::metadata(large.join(name)).map_or(0, |found| found.len());
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let (bytes, log) = (size("roost.db") as f64, size("roost.db-wal") as f64);
    let mut rows = vec![
        row(format!("import of {posts} posts"), "s", import / 1000.0),
        row("log that the import leaves".to_owned(), "MB", log / 1e6),
        row("on disk for each post".to_owned(), "bytes", bytes / f64::from(posts)),
    ];
    for (name, asked) in [
        ("roost status", vec!["status"]),
        ("roost posts list, a page of 200", vec!["posts", "list"]),
    ] {
        let (mut over_large, mut over_empty) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            over_empty.push(time(roost, &empty, &asked)?);
            over_large.push(time(roost, &large, &asked)?);
        }
        let median = |mut times: Vec<f64>| quantile(&mut times, 0.5);
        let (ours, floor) = (median(over_large), median(over_empty));
        rows.push(Row {
            floor: Some(floor),
            goal: Some(Goal::AtMost((2.0 * floor + MORE_MS).round())),
            ..row(format!("{name}, {posts} posts"), "ms", ours)
        });
    }
    rows.extend(reading::measure(&large, posts)?);
    rows.extend(bulk_edits::measure(&large)?);
    Ok(rows)
}

fn row(name: String, unit: &'static str, ours: f64) -> Row {
    Row { name, unit, better: Better::Lower, ours, floor: None, peer: None, goal: None }
}

/// Runs a command over a data folder; returns the milliseconds until it ended.
fn time(roost: &Path, data: &Path, arguments: &[&str]) -> Result<f64> {
    let mut asked = Command::new(roost);
    asked.args(arguments).arg("--data").arg(data).env_remove("ROOST_RELAY_URL");
    let began = Instant::now();
    command::output(&mut asked)?;
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}

/// An import file: texts of some 140 characters that differ, a minute apart.
fn import_of(posts: u32) -> String {
    let mut text = String::from("{\"timezone\":\"UTC\",\"posts\":[");
    for number in 0..posts {
        let comma = if number == 0 { "" } else { "," };
        let (day, hour, minute) = (number / 1440, number / 60 % 24, number % 60);
        let (year, month, day) = (2100 + day / 336, day / 28 % 12 + 1, day % 28 + 1);
        // Writing to a String can't fail.
        let _ = write!(
            text,
            "{comma}\n{{\"content\":\"{number} w{:02} {}\",\"scheduledAt\":\"{year}-{month:02}-{day:02} \
             {hour:02}:{minute:02}\"}}",
            number % 100,
            "what a calendar that never forgets would say of it ".repeat(3).trim()
        );
    }
    text.push_str("\n]}");
    text
}
