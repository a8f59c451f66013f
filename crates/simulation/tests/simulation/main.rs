//! Lives of engine, relay and scheduler in one process: what must hold in each of them.

mod life;

use std::sync::atomic::{AtomicU64, Ordering};

use life::{Options, Outcome, run};

/// Lives that are a part of every run of the tests.
const SEEDS: u64 = 200;
const OPERATIONS: u32 = 14;

fn live(seed: u64, keeps_trace: bool) -> Outcome {
    run(Options { seed, operations: OPERATIONS, keeps_trace }).expect("a life")
}

#[test]
fn the_same_seed_is_the_same_life() {
    for seed in 1..=3 {
        let (one, other) = (live(seed, true), live(seed, true));
        let lines = one.trace.iter().zip(&other.trace);
        for (number, (one, other)) in lines.enumerate() {
            assert_eq!(one, other, "line {number} of seed {seed}");
        }
        assert_eq!(one.trace_hash, other.trace_hash, "seed {seed}");
    }
}

/// Lives one after another, until all were lived; gives what must not have been.
fn live_some(next: &AtomicU64) -> Vec<String> {
    let mut violations = Vec::new();
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed > SEEDS {
            return violations;
        }
        let Outcome { seed, operations, violations: found, .. } = live(seed, false);
        let alone = format!("seed {seed} of {operations} operations");
        violations.extend(found.into_iter().map(|words| format!("{alone}: {words}")));
    }
}

#[test]
fn no_post_is_lost_doubled_or_sent_after_its_withdrawal_in_any_life() {
    let next = AtomicU64::new(1);
    let violations = std::thread::scope(|scope| {
        let jobs = [(); 2].map(|()| scope.spawn(|| live_some(&next)));
        jobs.map(|job| job.join().expect("no panic")).concat()
    });
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn a_weekly_series_across_a_clock_change_goes_out_at_its_wall_time_once_each_though_nobody_is_awake()
 {
    let expected = life::recurring::expected();
    let sent = life::recurring::weeks().expect("six weeks");
    let texts: Vec<&str> = sent.iter().map(|sent| sent.text.as_str()).collect();
    assert_eq!(texts, ["tea", "coffee", "water", "tea", "coffee", "water"]);
    for (sent, at) in sent.iter().zip(expected) {
        let late_ms = sent.at.0 - at.0;
        assert!(
            (0..120_000).contains(&late_ms),
            "\"{}\" at {}, {late_ms} ms late",
            sent.text,
            sent.at
        );
    }
}
