//! The loop: the program dies at its first crossing, its second, and so on, until a run crosses
//! fewer points than that.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use indicatif::ProgressBar;

use super::judge::Findings;
use super::programs::Programs;
use super::run::run;
use super::side_by_side::side_by_side;
use super::victim::{Death, Ordeal, Victim};

/// What the loop over one program came to.
#[derive(Debug, Default, serde::Serialize)]
pub(crate) struct Tour {
    /// Crossings to die at: the number of the last at which the program still did.
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
        self.names.extend(ran.crossed);
        if let Some(name) = ran.died_at {
            self.points = self.points.max(usize::try_from(number).unwrap_or(usize::MAX));
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

/// No run crosses this many.
const CROSSINGS_MAX: usize = 100_000;

/// Lets `victim` die at every crossing from number `from` on, `jobs` worlds at a time.
pub(crate) fn every_crossing(
    programs: &Programs,
    victim: Victim,
    from: u64,
    jobs: usize,
) -> Result<Tour> {
    let tour = Mutex::new(Tour::default());
    let bar = ProgressBar::new_spinner();
    side_by_side(jobs, CROSSINGS_MAX, |index| {
        let number = from + index as u64;
        let ordeal = Ordeal { victim: Some(victim), death: Death::At(number), broken: None };
        let ran = run(programs, &format!("{}-{number}", victim.as_str()), ordeal)?;
        let touched = ran.died_at.is_some();
        let said = ran.died_at.as_deref().unwrap_or("untouched");
        let crossed = ran.crossed.len();
        super::say(&bar, &format!("{} {number} {said} ({crossed} crossed)", victim.as_str()));
        tour.lock().unwrap_or_else(PoisonError::into_inner).add(number, ran);
        Ok(touched)
    })?;
    bar.finish_and_clear();
    Ok(tour.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Lets `victim` die at the first crossing of every name, all in one world.
pub(crate) fn every_name(programs: &Programs, victim: Victim) -> Result<Tour> {
    let ordeal = Ordeal { victim: Some(victim), death: Death::EachName, broken: None };
    let ran = run(programs, &format!("{}-names", victim.as_str()), ordeal)?;
    let names: BTreeSet<String> = ran.crossed.iter().cloned().collect();
    let mut tour = Tour { names_visited: ran.deaths.clone(), ..Tour::default() };
    tour.add(0, ran);
    (tour.points, tour.visited) = (names.len(), tour.names_visited.len());
    Ok(tour)
}
