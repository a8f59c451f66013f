//! The loop: the program dies at its first crossing, its second, and so on, until a run crosses
//! fewer points than that.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use indicatif::ProgressBar;

use super::crash_plan::{CrashAt, CrashPlan, TargetProcess};
use super::oracle::Findings;
use super::parallel::for_each_number;
use super::programs::Programs;
use super::run::run;

/// What the loop over one program came to.
#[derive(Debug, Default, serde::Serialize)]
pub(crate) struct Survey {
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

impl Survey {
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

/// Lets `process` die at every crossing from number `from` on, `jobs` runs at a time.
pub(crate) fn every_crossing(
    programs: &Programs,
    process: TargetProcess,
    from: u64,
    jobs: usize,
) -> Result<Survey> {
    let survey = Mutex::new(Survey::default());
    let bar = ProgressBar::new_spinner();
    for_each_number(jobs, CROSSINGS_MAX, |index| {
        let number = from + index as u64;
        let plan =
            CrashPlan { process: Some(process), crash_at: CrashAt::At(number), broken: None };
        let ran = run(programs, &format!("{}-{number}", process.as_str()), plan)?;
        let touched = ran.died_at.is_some();
        let said = ran.died_at.as_deref().unwrap_or("untouched");
        let crossed = ran.crossed.len();
        super::say(&bar, &format!("{} {number} {said} ({crossed} crossed)", process.as_str()));
        survey.lock().unwrap_or_else(PoisonError::into_inner).add(number, ran);
        Ok(touched)
    })?;
    bar.finish_and_clear();
    Ok(survey.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Lets `process` die at the first crossing of every name, all in one run.
pub(crate) fn every_name(programs: &Programs, process: TargetProcess) -> Result<Survey> {
    let plan = CrashPlan { process: Some(process), crash_at: CrashAt::EachName, broken: None };
    let ran = run(programs, &format!("{}-names", process.as_str()), plan)?;
    let names: BTreeSet<String> = ran.crossed.iter().cloned().collect();
    let mut survey = Survey { names_visited: ran.crashes.clone(), ..Survey::default() };
    survey.add(0, ran);
    (survey.points, survey.visited) = (names.len(), survey.names_visited.len());
    Ok(survey)
}
