//! The relay, as it is shipped: from a signed delivery to a result on disk, and what it takes of
//! the machine. Beside it SQLite alone, and a relay on Node.

mod candidate;
mod delivery;
mod floor;
mod ours;
mod peer;
mod size;

use std::path::Path;

use anyhow::{Context as _, Result};

use super::load::{median, quantile};
use super::{Better, Goal, Row, build_release, process};
use crate::project;
use candidate::{Candidate, Outcome, deliver};
use delivery::Keys;
use ours::Ours;
use peer::Peer;

/// Accounts that the posts are spread over.
const ACCOUNTS: usize = 200;
/// All three are measured this many times, in turn.
const ROUNDS: usize = 3;
/// Connections, and how many deliveries they share.
const LOADS: &[(usize, usize)] = &[(1, 300), (16, 800), (64, 1200), (256, 1600)];
/// Starts of each program.
const STARTS: usize = 9;

/// What one candidate showed over all rounds.
#[derive(Default)]
struct Seen {
    /// By load.
    loads: Vec<Vec<Outcome>>,
    idle: Vec<f64>,
    peak: Vec<f64>,
    start: Vec<f64>,
}

/// Measures and returns one row for each figure.
pub(crate) fn measure() -> Result<Vec<Row>> {
    Peer::check()?;
    build_release(&["roost-relay"])?;
    // Refused when there is one already, which is fine.
    rustls::crypto::ring::default_provider().install_default().ok();
    let scratch = scratch()?;
    let keys = Keys::fresh();
    let (mut ours, mut node) = (Seen::new(), Seen::new());
    let mut floor: Vec<Vec<f64>> = vec![Vec::new(); LOADS.len()];
    for round in 0..ROUNDS {
        eprintln!("Round {} of {ROUNDS}", round + 1);
        let folder = scratch.path().join(round.to_string());
        std::fs::create_dir_all(&folder)?;
        Ours::init(&folder, &keys)?;
        let (mut relay, _) = Ours::start(&folder, &keys)?;
        ours.idle.push(process::resident_at_rest(relay.program().id())?);
        relay.introduce(&folder)?;
        let (mut peer, _) = Peer::start(&folder, &keys)?;
        node.idle.push(process::resident_at_rest(peer.program().id())?);
        for (place, (connections, count)) in LOADS.iter().copied().enumerate() {
            ours.load(place, "ours", &mut relay, count, connections)?;
            let limit = floor::per_second(&folder, count, connections)?;
            eprintln!("  {connections:>3} connections  limit {limit:>8.0}/s");
            floor[place].push(limit);
            node.load(place, "peer", &mut peer, count, connections)?;
        }
        ours.peak.push(process::peak(relay.program().id())?);
        node.peak.push(process::peak(peer.program().id())?);
        eprintln!(
            "  memory: ours {:.1} MB, {:.1} MB at the most; peer {:.1} MB, {:.1} MB at the most",
            ours.idle[round], ours.peak[round], node.idle[round], node.peak[round],
        );
        relay.stop()?;
        peer.stop()?;
    }
    let bare = starts(scratch.path(), &keys, &mut ours, &mut node)?;
    rows(scratch.path(), &mut ours, &mut node, &mut floor, bare)
}

/// A folder of its own on the disk that holds the project, gone when it is dropped.
fn scratch() -> Result<tempfile::TempDir> {
    let bench = project::bench();
    std::fs::create_dir_all(&bench)?;
    tempfile::Builder::new().prefix("relay-").tempdir_in(bench).context("no scratch folder")
}

impl Seen {
    fn new() -> Self {
        Self { loads: vec![Vec::new(); LOADS.len()], ..Self::default() }
    }

    fn load<C: Candidate>(
        &mut self,
        place: usize,
        name: &str,
        candidate: &mut C,
        count: usize,
        connections: usize,
    ) -> Result<()> {
        let outcome = deliver(candidate, count, connections)?;
        eprintln!(
            "  {connections:>3} connections  {name:<5} {:>8.0}/s  answers {:>6.1} ms, 99 % {:>6.1} \
             ms  processor {:>5.0} µs, load generator {:>4.0} µs per delivery",
            outcome.per_second,
            outcome.median_answer,
            outcome.slow_answer,
            outcome.own_processor,
            outcome.load_processor,
        );
        self.loads[place].push(outcome);
        Ok(())
    }

    fn of(&self, place: usize, figure: fn(&Outcome) -> f64) -> Vec<f64> {
        self.loads[place].iter().map(figure).collect()
    }
}

/// Starts ours and the peer in turn on files that are there, from `spawn` to the first answer of
/// `/healthz`, milliseconds. Gives how long ours takes to say its version: a start without work.
fn starts(scratch: &Path, keys: &Keys, ours: &mut Seen, node: &mut Seen) -> Result<f64> {
    let folder = scratch.join("starts");
    std::fs::create_dir_all(&folder)?;
    Ours::init(&folder, keys)?;
    Peer::start(&folder, keys)?.0.stop()?;
    let mut bare = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let (relay, took) = Ours::start(&folder, keys)?;
        ours.start.push(took.as_secs_f64() * 1e3);
        relay.stop()?;
        bare.push(ours::say_version()?.as_secs_f64() * 1e3);
        let (peer, took) = Peer::start(&folder, keys)?;
        node.start.push(took.as_secs_f64() * 1e3);
        peer.stop()?;
    }
    Ok(median(&mut bare))
}

fn rows(
    scratch: &Path,
    ours: &mut Seen,
    node: &mut Seen,
    floor: &mut [Vec<f64>],
    bare_start: f64,
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (place, (connections, _)) in LOADS.iter().enumerate() {
        let name = format!("deliveries to a committed result, {connections} connections");
        let goal = (*connections >= 16).then_some(Goal::TimesPeer(5.0));
        let mut own = ours.of(place, |outcome| outcome.per_second);
        let mut other = node.of(place, |outcome| outcome.per_second);
        tell_spread(&name, &mut own, &mut floor[place], &mut other);
        rows.push(Row {
            name,
            unit: "1/s",
            better: Better::Higher,
            ours: median(&mut own),
            floor: Some(median(&mut floor[place])),
            peer: Some(median(&mut other)),
            goal,
        });
        let mut row = lower(
            &format!("99 % of the answers within, {connections} connections"),
            "ms",
            median(&mut ours.of(place, |outcome| outcome.slow_answer)),
            median(&mut node.of(place, |outcome| outcome.slow_answer)),
        );
        row.goal = None;
        rows.push(row);
    }
    let goal = |mut row: Row, most: f64| {
        row.goal = Some(Goal::AtMost(most));
        row
    };
    let row = lower("resident memory, idle", "MB", median(&mut ours.idle), median(&mut node.idle));
    rows.push(goal(row, 15.0));
    let name = "resident memory, the most under load";
    let row = lower(name, "MB", median(&mut ours.peak), median(&mut node.peak));
    rows.push(goal(row, 30.0));
    let name = "start to the first answer of /healthz";
    let mut row = lower(name, "ms", median(&mut ours.start), median(&mut node.start));
    row.floor = Some(bare_start);
    rows.push(goal(row, 50.0));
    let name = "program on disk, stripped (peer: node and its packages)";
    rows.push(goal(lower(name, "MB", size::ours(scratch)?, size::peer()?), 10.0));
    Ok(rows)
}

fn lower(name: &str, unit: &'static str, ours: f64, peer: f64) -> Row {
    let name = name.to_owned();
    Row { name, unit, better: Better::Lower, ours, floor: None, peer: Some(peer), goal: None }
}

/// The least and the most of all rounds: a median alone hides a noisy machine.
fn tell_spread(name: &str, ours: &mut [f64], floor: &mut [f64], peer: &mut [f64]) {
    let spread =
        |values: &mut [f64]| format!("{:.0}–{:.0}", quantile(values, 0.0), quantile(values, 1.0));
    let (ours, floor, peer) = (spread(ours), spread(floor), spread(peer));
    eprintln!("{name}: ours {ours}, limit {floor}, peer {peer}");
}
