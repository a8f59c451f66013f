//! SIGKILL at random moments, under load, while the network is cut here and there and X's timeline
//! lags; and now and then the desktop is off and the relay's ledger lost.

use std::time::Duration;

use anyhow::Result;
use indicatif::ProgressBar;

use super::crash_plan::{CrashPlan, TIMELINE_LAG_MAX_MS, TargetProcess};
use super::harness::Harness;
use super::long_thread;
use super::loss;
use super::oracle::{Findings, check};
use super::planned_post::Planned;
use super::programs::Programs;
use super::rng::Rng;
use super::scenario;

/// Kills in one run; then it is drained and judged.
const KILLS_PER_RUN: u64 = 50;
/// Kills between two losses of the ledger; a run ends with one.
const KILLS_PER_LOSS: u64 = 12;
/// What a loss takes, about.
const LOSS_SECONDS: u64 = 4;
/// The longest time between two kills, in milliseconds.
const KILL_INTERVAL_MAX_MS: u64 = 400;
/// Posts that are due in each second of a run.
const POSTS_PER_SECOND: i64 = 3;
/// From the import to the first post.
const LEAD_TIME_MS: i64 = 4000;

/// Kills `kills` times, one of `processes` each time.
pub(crate) fn kill(
    programs: &Programs,
    processes: &[TargetProcess],
    kills: u64,
    seed: u64,
) -> Result<Findings> {
    let mut all = Findings::default();
    let bar = ProgressBar::new_spinner();
    for (number, first) in (0..kills).step_by(KILLS_PER_RUN as usize).enumerate() {
        let here = KILLS_PER_RUN.min(kills - first);
        let mut rng = Rng::new(seed.wrapping_add(number as u64));
        let found = one_run(programs, processes, here, number, &mut rng)?;
        super::say(&bar, &format!("{} of {kills} kills, seed {seed}", first + here));
        found.problems.iter().for_each(|problem| eprintln!("  ! run {number}: {problem}"));
        all.add(&found);
    }
    bar.finish_and_clear();
    Ok(all)
}

fn one_run(
    programs: &Programs,
    processes: &[TargetProcess],
    kills: u64,
    number: usize,
    rng: &mut Rng,
) -> Result<Findings> {
    let folder = programs.runs().join(format!("random-{number}"));
    let mut harness = Harness::make_with_network(programs, folder.clone(), CrashPlan::NOTHING)?;
    harness.begin()?;
    // Every other run's timeline lags as much as one does at the most.
    let lag = if number.is_multiple_of(2) {
        TIMELINE_LAG_MAX_MS
    } else {
        rng.below(TIMELINE_LAG_MAX_MS + 1)
    };
    harness.lag(lag)?;
    harness.engine.start()?;
    let posts = load(kills);
    scenario::import(&mut harness, &posts)?;
    for kill in 1..=kills {
        let pause = Duration::from_millis(rng.below(KILL_INTERVAL_MAX_MS));
        harness.until(pause, |_| Ok(false))?;
        harness.ways.cut_some(rng);
        let process = processes[rng.below(processes.len() as u64) as usize];
        kill_one(&mut harness, process)?;
        if kill.is_multiple_of(KILLS_PER_LOSS) || kill == kills {
            harness.ways.heal();
            loss::lose(&mut harness, usize::try_from(kill)?, rng)?;
        }
    }
    scenario::drain(&mut harness, &posts)?;
    harness.end()?;
    let findings = check(&harness, &posts)?;
    if findings.is_clean() {
        let _left = std::fs::remove_dir_all(&folder);
    }
    Ok(findings)
}

/// The longest time between two kills on the way of a long thread, in milliseconds.
const THREAD_KILL_INTERVAL_MAX_MS: u64 = 4_000;

/// Kills `kills` times, one of `processes` each time, while a thread of so many parts is handed over and goes
/// out.
pub(crate) fn kill_thread(
    programs: &Programs,
    processes: &[TargetProcess],
    parts: usize,
    kills: u64,
    seed: u64,
) -> Result<Findings> {
    let mut rng = Rng::new(seed);
    let folder = programs.runs().join("random-thread");
    let mut harness = Harness::make(programs, folder.clone(), CrashPlan::NOTHING)?;
    let thread = long_thread::begin(&mut harness, parts)?;
    for _ in 0..kills {
        let pause = Duration::from_millis(rng.below(THREAD_KILL_INTERVAL_MAX_MS));
        harness.until(pause, |_| Ok(false))?;
        let process = processes[rng.below(processes.len() as u64) as usize];
        eprintln!("  {} is killed", process.as_str());
        kill_one(&mut harness, process)?;
    }
    scenario::drain(&mut harness, &thread)?;
    harness.end()?;
    let findings = check(&harness, &thread)?;
    findings.problems.iter().for_each(|problem| eprintln!("  ! {problem}"));
    if findings.is_clean() {
        let _left = std::fs::remove_dir_all(&folder);
    }
    Ok(findings)
}

fn kill_one(harness: &mut Harness, process: TargetProcess) -> Result<()> {
    match process {
        TargetProcess::Relay => harness.relay.kill(),
        TargetProcess::Engine => harness.engine.kill(),
        TargetProcess::Scheduler => harness.scheduler.kill(),
    }
}

/// Posts for as long as the kills will take.
fn load(kills: u64) -> Vec<Planned> {
    let begin = (super::now() + LEAD_TIME_MS).div_euclid(1000) * 1000;
    let losses = kills.div_ceil(KILLS_PER_LOSS) * LOSS_SECONDS;
    let seconds = i64::try_from(kills * KILL_INTERVAL_MAX_MS / 2 / 1000 + losses).unwrap_or(0) + 2;
    let post =
        |n: i64| Planned::new(&format!("load{n:03}"), 1, begin + n / POSTS_PER_SECOND * 1000);
    (0..seconds * POSTS_PER_SECOND).map(post).collect()
}
