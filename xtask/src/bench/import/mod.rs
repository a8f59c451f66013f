//! Importing a file of posts: from its bytes to committed posts, step by step and as a whole. Beside it
//! the same rows by plain prepared inserts, and an importer on Node.

mod file;
mod floor;
mod ours;
mod peer;
mod steps;

use std::path::Path;

use anyhow::{Context as _, Result};

use super::load::{median, quantile};
use super::{Better, Goal, Row, build_release};
use crate::project;
use ours::Ours;
use peer::Peer;

/// How much to measure.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Arguments {
    /// Rows of the files that are imported.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000])]
    rows: Vec<u32>,
    /// Rows of the file that is only judged.
    #[arg(long, default_value_t = 1_000_000)]
    judged: u32,
    /// Times that each import is measured; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Measures what is built for development: to try the task, not for figures.
    #[arg(long, hide = true)]
    pub(crate) unoptimised: bool,
}

/// The most that an import may take of the time of bare inserts.
const TIMES_FLOOR: f64 = 1.5;

/// What all candidates took for one file, over all rounds, milliseconds.
#[derive(Debug, Default)]
struct Took {
    ours: Vec<f64>,
    floor: Vec<f64>,
    peer: Vec<f64>,
    peer_checks: Vec<f64>,
    dry_run: Vec<f64>,
    again: Vec<f64>,
    peer_again: Vec<f64>,
    undo: Vec<f64>,
    peer_undo: Vec<f64>,
}

/// Measures and returns one row for each figure.
pub(crate) fn measure(arguments: &Arguments) -> Result<Vec<Row>> {
    Peer::check()?;
    let roost = if arguments.unoptimised {
        project::binary("roost")
    } else {
        build_release(&["roost-cli"])?;
        project::release("roost")
    };
    let scratch = scratch()?;
    // First, while the process has little memory of its own.
    let mut rows = steps::judged(arguments.judged)?;
    for count in arguments.rows.iter().copied() {
        let file = scratch.path().join(format!("{count}.json"));
        std::fs::write(&file, file::json(count))?;
        let mut took = Took::default();
        for round in 0..arguments.rounds {
            eprintln!("{count} rows, round {} of {}", round + 1, arguments.rounds);
            let folder = scratch.path().join(format!("{count}-{round}"));
            took.measure(&roost, &file, &folder)?;
            std::fs::remove_dir_all(&folder)?;
        }
        rows.extend(took.rows(count));
        rows.extend(steps::measure(count, median(&mut took.peer_checks))?);
    }
    let largest = arguments.rows.iter().max().context("no rows to measure")?;
    let file = scratch.path().join(format!("{largest}.json"));
    rows.push(steps::weighed(*largest, Peer::weighed_per_second(&file)?));
    rows.push(steps::near(*largest));
    Ok(rows)
}

/// A folder of its own on the disk that holds the project, gone when it is dropped.
fn scratch() -> Result<tempfile::TempDir> {
    let bench = project::bench();
    std::fs::create_dir_all(&bench)?;
    tempfile::Builder::new().prefix("import-").tempdir_in(bench).context("no scratch folder")
}

impl Took {
    /// Imports a file with each candidate, in turn, once more, and takes it back.
    fn measure(&mut self, roost: &Path, file: &Path, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        let ours = Ours::new(roost, folder, file)?;
        self.dry_run.push(ours.rehearse()?);
        self.ours.push(ours.import()?);
        self.floor.push(floor::insert(&ours.database(), &folder.join("floor.db"))?);
        let peer = Peer::import(folder, file, false)?;
        self.peer.push(peer.whole_ms);
        self.peer_checks.push(peer.checks_ms);
        self.again.push(ours.import()?);
        self.peer_again.push(Peer::import(folder, file, false)?.whole_ms);
        self.undo.push(ours.undo()?);
        let fresh = folder.join("undo");
        std::fs::create_dir_all(&fresh)?;
        self.peer_undo.push(Peer::import(&fresh, file, true)?.undo_ms);
        Ok(())
    }

    fn rows(&mut self, count: u32) -> Vec<Row> {
        let spread = |values: &mut [f64]| {
            format!("{:.0}–{:.0}", quantile(values, 0.0), quantile(values, 1.0))
        };
        let (ours, floor) = (spread(&mut self.ours), spread(&mut self.floor));
        let peer = spread(&mut self.peer);
        eprintln!("{count} rows, ms: ours {ours}, limit {floor}, peer {peer}");
        let whole = median(&mut self.ours);
        let floor = median(&mut self.floor);
        let judging = median(&mut self.dry_run);
        vec![
            Row {
                floor: Some(floor),
                peer: Some(median(&mut self.peer)),
                goal: Some(Goal::AtMost((TIMES_FLOOR * floor).round())),
                ..lower(format!("import of {count} rows, whole"), "ms", whole)
            },
            lower(format!("the same, only judged, {count} rows"), "ms", judging),
            Row {
                peer: Some(median(&mut self.peer_again)),
                goal: Some(Goal::AtMost((2.0 * judging).round())),
                ..lower(format!("the same file again, {count} rows"), "ms", median(&mut self.again))
            },
            Row {
                peer: Some(median(&mut self.peer_undo)),
                goal: Some(Goal::AtMost(whole.round())),
                ..lower(format!("undo of the whole, {count} rows"), "ms", median(&mut self.undo))
            },
        ]
    }
}

fn lower(name: String, unit: &'static str, ours: f64) -> Row {
    Row { name, unit, better: Better::Lower, ours, floor: None, peer: None, goal: None }
}
