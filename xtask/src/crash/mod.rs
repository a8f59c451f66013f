//! Ends the programs wherever it could hurt, and counts what that did: at every commit and around
//! every exchange, at random moments, and with guards broken on purpose.

mod actions;
mod attached_file;
mod crash_plan;
mod harness;
mod inspect_db;
mod long_thread;
mod loss;
mod network;
mod oracle;
mod parallel;
mod planned_post;
mod program;
mod programs;
mod random;
mod rng;
mod run;
mod scenario;
mod settings;
mod survey;
mod trace;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use indicatif::ProgressBar;
use roost_core::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};

pub(crate) use crash_plan::Guard;
use crash_plan::{CrashPlan, TargetProcess};
use oracle::Findings;
use programs::Programs;
use survey::Survey;

/// How often the scenario is played before a broken guard counts as harmless.
const SABOTAGE_TRIES: u32 = 3;
/// The shortened variant's random kills.
const FEW_KILLS: u64 = 12;

/// What to end, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only this program.
    #[arg(long, value_enum)]
    process: Option<TargetProcess>,
    /// Kills this often at random moments under load, instead of at every point.
    #[arg(long, value_name = "KILLS", conflicts_with_all = ["sabotage", "short"])]
    random: Option<u64>,
    /// The random moments of an earlier run.
    #[arg(long, requires = "random")]
    seed: Option<u64>,
    /// Breaks this guard; succeeds only if the invariants are then violated.
    #[arg(long, value_enum)]
    sabotage: Option<Guard>,
    /// Every point's name once instead of every crossing, a few random kills, every sabotage.
    #[arg(long, conflicts_with = "sabotage")]
    short: bool,
    /// Plays the story of one thread of so many parts, each with four pictures: the programs die at the
    /// first, the second, a middle and the last crossing of every name; with --random at random moments.
    #[arg(long, value_name = "PARTS", conflicts_with_all = ["sabotage", "short", "from"],
        value_parser = clap::value_parser!(u16).range(1..=100))]
    parts: Option<u16>,
    /// The crossing to begin with.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    from: u64,
    /// Worlds at a time.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=16))]
    jobs: u8,
    /// Takes the programs of the last build.
    #[arg(long)]
    no_build: bool,
    /// Ends with one JSON document as its last line.
    #[arg(long)]
    json: bool,
}

impl Arguments {
    fn processes(&self) -> Vec<TargetProcess> {
        self.process.map_or_else(|| TargetProcess::ALL.to_vec(), |one| vec![one])
    }
}

/// Runs; an error when an invariant was violated, or a sabotage was not noticed.
pub(crate) fn main(arguments: &Arguments) -> Result<()> {
    let start = Instant::now();
    ctrlc::set_handler(|| harness::INTERRUPTED.store(true, Ordering::Relaxed))
        .context("interrupts cannot be heard")?;
    let programs = if arguments.no_build { Programs::built_before() } else { Programs::build() }?;
    let mut report = Report::default();
    if let Some(guard) = arguments.sabotage {
        report.sabotages.insert(guard.as_str(), without(&programs, guard)?);
    } else if let (Some(parts), Some(kills)) = (arguments.parts, arguments.random) {
        let seed = report.seeded(arguments, kills);
        let found =
            random::kill_thread(&programs, &arguments.processes(), parts.into(), kills, seed)?;
        report.findings.add(&found);
    } else if let Some(parts) = arguments.parts {
        for process in arguments.processes() {
            let jobs = usize::from(arguments.jobs);
            let survey = survey::places_of_names(&programs, process, parts.into(), jobs)?;
            report.survey(process, survey);
        }
    } else if let Some(kills) = arguments.random {
        report.random(&programs, arguments, kills)?;
    } else if arguments.short {
        report.short(&programs, arguments)?;
    } else {
        for process in arguments.processes() {
            let jobs = usize::from(arguments.jobs);
            let survey = survey::every_crossing(&programs, process, arguments.from, jobs)?;
            report.survey(process, survey);
        }
    }
    let document = report.document(start.elapsed().as_millis());
    eprintln!(
        "{} of {} points visited, {} kills: {} duplicates, {} lost, {} stuck; {} s in all.",
        document["visited"],
        document["points"],
        document["kills"],
        document["duplicates"],
        document["lost"],
        document["stuck"],
        start.elapsed().as_secs()
    );
    if arguments.json {
        println!("{document}");
    }
    report.verdict()
}

/// What everything came to.
#[derive(Default)]
struct Report {
    tours: BTreeMap<&'static str, Survey>,
    /// Of whole runs with every guard in place.
    findings: Findings,
    sabotages: BTreeMap<&'static str, Findings>,
    kills: u64,
    seed: Option<u64>,
}

impl Report {
    fn survey(&mut self, process: TargetProcess, survey: Survey) {
        self.findings.add(&survey.findings);
        self.tours.insert(process.as_str(), survey);
    }

    fn random(&mut self, programs: &Programs, arguments: &Arguments, kills: u64) -> Result<()> {
        let seed = self.seeded(arguments, kills);
        let found = random::kill(programs, &arguments.processes(), kills, seed)?;
        self.findings.add(&found);
        Ok(())
    }

    /// Returns the seed of random kills, which are noted.
    fn seeded(&mut self, arguments: &Arguments, kills: u64) -> u64 {
        let seed = arguments.seed.unwrap_or_else(|| now().unsigned_abs());
        eprintln!("Seed {seed}.");
        (self.kills, self.seed) = (kills, Some(seed));
        seed
    }

    /// Everything once, side by side: the names of each program, the guards, a few random kills.
    fn short(&mut self, programs: &Programs, arguments: &Arguments) -> Result<()> {
        let processes = arguments.processes();
        let tours = Mutex::new(Vec::new());
        let sabotages = Mutex::new(Vec::new());
        let jobs = usize::from(arguments.jobs);
        parallel::for_each_number(jobs, processes.len() + Guard::ALL.len(), |index| {
            if let Some(process) = processes.get(index) {
                let survey = survey::every_name(programs, *process)?;
                let (visited, points) = (survey.visited, survey.points);
                eprintln!("  {}: died at {visited} of {points} names", process.as_str());
                lock(&tours).push((*process, survey));
            } else {
                let guard = Guard::ALL[index - processes.len()];
                lock(&sabotages).push((guard, without(programs, guard)?));
            }
            Ok(true)
        })?;
        lock(&tours).drain(..).for_each(|(process, survey)| self.survey(process, survey));
        self.sabotages = lock(&sabotages).drain(..).map(|(g, found)| (g.as_str(), found)).collect();
        self.random(programs, arguments, FEW_KILLS)
    }

    fn document(&self, elapsed_ms: u128) -> Value {
        let sum = |of: fn(&Survey) -> usize| self.tours.values().map(of).sum::<usize>();
        let by_process: BTreeMap<_, _> = self
            .tours
            .iter()
            .map(|(name, survey)| {
                let unvisited: Vec<_> = survey.names.difference(&survey.names_visited).collect();
                let document = json!({
                    "points": survey.points, "visited": survey.visited,
                    "names": survey.names.len(), "names_visited": survey.names_visited.len(),
                    "names_not_visited": unvisited, "findings": survey.findings,
                });
                (*name, document)
            })
            .collect();
        let found = &self.findings;
        json!({
            "points": sum(|survey| survey.points), "visited": sum(|survey| survey.visited),
            "duplicates": found.duplicates, "lost": found.lost, "stuck": found.stuck,
            "early": found.early, "after_withdrawal": found.after_withdrawal,
            "broken": found.broken, "posted": found.posted, "parked": found.parked,
            "kills": self.kills, "seed": self.seed, "by_process": by_process,
            "sabotage": self.sabotages, "elapsed_ms": elapsed_ms,
        })
    }

    fn verdict(&self) -> Result<()> {
        if !self.findings.is_clean() {
            bail!("{} violations; the runs are kept", self.findings.problems.len());
        }
        let unnoticed: Vec<_> =
            self.sabotages.iter().filter(|(_, found)| found.is_clean()).map(|(n, _)| *n).collect();
        if !unnoticed.is_empty() {
            bail!("nothing was noticed without: {}", unnoticed.join(", "));
        }
        Ok(())
    }
}

/// Plays the scenario without a guard, until something is violated.
fn without(programs: &Programs, guard: Guard) -> Result<Findings> {
    let plan = CrashPlan { broken: Some(guard), ..CrashPlan::NOTHING };
    let name = format!("without-{}", guard.as_str());
    let mut found = Findings::default();
    for _ in 0..SABOTAGE_TRIES {
        found = run::run(programs, &name, plan.clone())?.findings;
        if !found.is_clean() {
            break;
        }
    }
    found.problems.iter().for_each(|problem| eprintln!("  {name}: {problem}"));
    // What was to be seen is told; the run has nothing else to show.
    let _left = std::fs::remove_dir_all(programs.runs().join(name));
    Ok(found)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Unix milliseconds.
fn now() -> i64 {
    SystemClock.now().0
}

/// A line of progress; on a terminal it takes the place of the last one.
fn say(bar: &ProgressBar, line: &str) {
    if bar.is_hidden() {
        eprintln!("  {line}");
    } else {
        bar.set_message(line.to_owned());
        bar.tick();
    }
}
