//! The loop: the program dies at its first crossing, its second, and so on, until a run crosses
//! fewer points than that.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use indicatif::ProgressBar;

use super::judge::Findings;
use super::programs::Programs;
use super::run::run;
use super::victim::{Death, Ordeal, Victim};

/// What the loop over one program came to.
#[derive(Debug, Default, serde::Serialize)]
pub(crate) struct Tour {
    /// Crossings of the longest run.
    pub(crate) points: usize,
    /// Crossings at which the program died.
    pub(crate) visited: usize,
    /// The different points that were crossed.
    pub(crate) names: BTreeSet<String>,
    /// Those at which it died.
    pub(crate) names_visited: BTreeSet<String>,
    #[serde(flatten)]
    pub(crate) findings: Findings,
}

impl Tour {
    fn add(&mut self, number: u64, ran: super::run::Ran) {
        self.points = self.points.max(ran.crossed.len());
        self.names.extend(ran.crossed);
        if let Some(name) = ran.died_at {
            for problem in &ran.findings.problems {
                eprintln!("  ! {number} {name}: {problem}");
            }
            self.visited += 1;
            self.names_visited.insert(name);
        } else {
            ran.findings.problems.iter().for_each(|problem| eprintln!("  ! {number}: {problem}"));
        }
        self.findings.add(&ran.findings);
    }
}

/// Lets `victim` die at every crossing from number `from` on, `jobs` worlds at a time.
pub(crate) fn every_crossing(
    programs: &Programs,
    victim: Victim,
    from: u64,
    jobs: usize,
) -> Result<Tour> {
    let (next, over) = (AtomicU64::new(from), AtomicBool::new(false));
    let (tour, failure) = (Mutex::new(Tour::default()), Mutex::new(None));
    let bar = ProgressBar::new_spinner();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let ordeal =
                        Ordeal { victim: Some(victim), death: Death::At(number), broken: None };
                    let ran = run(programs, &format!("{}-{number}", victim.as_str()), ordeal);
                    match ran {
                        Ok(ran) => {
                            let untouched = ran.died_at.is_none();
                            over.fetch_or(untouched, Ordering::Relaxed);
                            let said = ran.died_at.clone().unwrap_or("untouched".to_owned());
                            let crossed = ran.crossed.len();
                            super::say(
                                &bar,
                                &format!("{} {number} {said} ({crossed} crossed)", victim.as_str()),
                            );
                            tour.lock().unwrap_or_else(PoisonError::into_inner).add(number, ran);
                        }
                        Err(error) => {
                            over.store(true, Ordering::Relaxed);
                            failure.lock().unwrap_or_else(PoisonError::into_inner).replace(error);
                        }
                    }
                }
            });
        }
    });
    bar.finish_and_clear();
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(tour.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

/// Lets `victim` die at the first crossing of every name, all in one world.
pub(crate) fn every_name(programs: &Programs, victim: Victim) -> Result<Tour> {
    let ordeal = Ordeal { victim: Some(victim), death: Death::EachName, broken: None };
    let ran = run(programs, &format!("{}-names", victim.as_str()), ordeal)?;
    let names: BTreeSet<String> = ran.crossed.iter().cloned().collect();
    let deaths = usize::try_from(ran.deaths).unwrap_or(usize::MAX);
    let mut tour = Tour::default();
    tour.add(0, ran);
    // Two processes of one program may die of the same name; then there are more deaths.
    tour.points = names.len();
    tour.visited = deaths.min(names.len());
    tour.names_visited = if deaths >= names.len() { names } else { BTreeSet::new() };
    Ok(tour)
}
