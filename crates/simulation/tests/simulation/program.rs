//! The program of `cargo xtask simulate`: lives many lives, and says what must not have been.

mod life;

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use life::{Options, Outcome, run};
use serde_json::json;

/// Simulates engine, relay and scheduler, one life for each seed.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 2_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Operations in each life.
    #[arg(long, default_value_t = 24)]
    operations: u32,
    /// Prints what happened, line by line.
    #[arg(long)]
    trace: bool,
    /// Stops at the first seed with a violation.
    #[arg(long)]
    stop_at_first: bool,
    /// Threads; by default one for each processor.
    #[arg(long)]
    jobs: Option<usize>,
    /// Ends with one JSON document as its last line.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let jobs = arguments
        .jobs
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    let next = AtomicU64::new(arguments.from);
    let end = arguments.from + arguments.seeds;
    let outcomes = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| live_some(&arguments, &next, end, &outcomes));
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_default();
    outcomes.sort_by_key(|outcome| outcome.seed);
    report(&arguments, &outcomes)
}

/// Lives the next life again and again, until all were lived.
fn live_some(arguments: &Arguments, next: &AtomicU64, end: u64, outcomes: &Mutex<Vec<Outcome>>) {
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return;
        }
        let options =
            Options { seed, operations: arguments.operations, keeps_trace: arguments.trace };
        let outcome = std::panic::catch_unwind(|| run(options));
        let outcome = match outcome {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => broken(options, format!("it could not go on: {error:#}")),
            Err(_) => broken(options, "it ended in a panic".to_owned()),
        };
        if !outcome.violations.is_empty() {
            tell(arguments, &outcome);
            if arguments.stop_at_first {
                next.store(end, Ordering::Relaxed);
            }
        }
        if let Ok(mut outcomes) = outcomes.lock() {
            outcomes.push(outcome);
        }
    }
}

fn broken(options: Options, violation: String) -> Outcome {
    let Options { seed, operations, .. } = options;
    Outcome { seed, operations, violations: vec![violation], trace_hash: 0, trace: Vec::new() }
}

/// Says what a seed came to, and how to live it alone.
fn tell(arguments: &Arguments, outcome: &Outcome) {
    let Outcome { seed, violations, .. } = outcome;
    for violation in violations {
        eprintln!("seed {seed}: {violation}");
    }
    let operations = arguments.operations;
    eprintln!(
        "  alone: cargo xtask simulate --from {seed} --seeds 1 --operations {operations} --trace"
    );
}

fn report(arguments: &Arguments, outcomes: &[Outcome]) -> ExitCode {
    if arguments.trace {
        outcomes.iter().flat_map(|outcome| &outcome.trace).for_each(|line| println!("{line}"));
    }
    let violations: Vec<_> = outcomes
        .iter()
        .flat_map(|it| it.violations.iter().map(|words| json!({ "seed": it.seed, "words": words })))
        .collect();
    let operations: u64 = outcomes.iter().map(|outcome| u64::from(outcome.operations)).sum();
    let hash = outcomes.iter().fold(0_u64, |hash, it| hash.rotate_left(5) ^ it.trace_hash);
    let is_clean = violations.is_empty();
    let (seeds, trace_hash) = (outcomes.len(), format!("{hash:016x}"));
    if arguments.json {
        let report = json!({
            "seeds": seeds, "operations": operations, "violations": violations,
            "trace_hash": trace_hash,
        });
        println!("{report}");
    } else {
        let count = violations.len();
        println!("{seeds} seeds, {operations} operations, {count} violations, trace {trace_hash}");
    }
    if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
