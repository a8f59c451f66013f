//! The loop: the program dies at its first crossing, its second, and so on, until a run crosses
//! fewer points than that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use indicatif::ProgressBar;

use super::crash_plan::{CrashAt, CrashPlan, TargetProcess};
use super::oracle::Findings;
use super::parallel::for_each_number;
use super::programs::Programs;
use super::run::{Ran, run};

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
    fn add(&mut self, number: u64, ran: Ran) {
        if ran.died_at.is_some() {
            self.points = self.points.max(usize::try_from(number).unwrap_or(usize::MAX));
        }
        self.take(&number.to_string(), ran);
    }

    fn take(&mut self, place: &str, ran: Ran) {
        self.names.extend(ran.crossed);
        let name = ran.died_at.unwrap_or_default();
        for problem in &ran.findings.problems {
            eprintln!("  ! {place} {name}: {problem}");
        }
        if !name.is_empty() {
            self.visited += 1;
            self.names_visited.insert(name);
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
        let plan = CrashPlan::dying(process, CrashAt::At(number));
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
    let plan = CrashPlan::dying(process, CrashAt::EachName);
    let ran = run(programs, &format!("{}-names", process.as_str()), plan)?;
    let names: BTreeSet<String> = ran.crossed.iter().cloned().collect();
    let mut survey = Survey { names_visited: ran.crashes.clone(), ..Survey::default() };
    survey.add(0, ran);
    (survey.points, survey.visited) = (names.len(), survey.names_visited.len());
    Ok(survey)
}

/// Lets `process` die at the first, the second, a middle and the last crossing of every name, as a run without
/// a death crosses them, in the story of a thread of so many parts.
pub(crate) fn places_of_names(
    programs: &Programs,
    process: TargetProcess,
    parts: usize,
    jobs: usize,
) -> Result<Survey> {
    let of = |crash_at| CrashPlan { parts: Some(parts), ..CrashPlan::dying(process, crash_at) };
    let name = process.as_str();
    let untouched = run(programs, &format!("{name}-thread"), of(CrashAt::Never))?;
    let places = places(&untouched.crossed);
    let survey = Mutex::new(Survey { points: places.len(), ..Survey::default() });
    survey.lock().unwrap_or_else(PoisonError::into_inner).take(name, untouched);
    let bar = ProgressBar::new_spinner();
    for_each_number(jobs, places.len(), |index| {
        let (point, number) = &places[index];
        let plan = of(CrashAt::OfName(point.as_str().into(), *number));
        let ran = run(programs, &format!("{name}-thread-{index}"), plan)?;
        let died = if ran.died_at.is_some() { "" } else { ", untouched" };
        let told = format!("{name} {point}, crossing {number}{died}");
        super::say(&bar, &format!("{} of {}: {told}", index + 1, places.len()));
        survey.lock().unwrap_or_else(PoisonError::into_inner).take(&told, ran);
        Ok(true)
    })?;
    bar.finish_and_clear();
    Ok(survey.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Returns each name with the numbers of its crossings to die at.
fn places(crossed: &[String]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    crossed.iter().for_each(|name| *counts.entry(name).or_default() += 1);
    let places = |(name, count): (&str, usize)| {
        let numbers = BTreeSet::from([1, count.min(2), count.div_ceil(2), count]);
        numbers.into_iter().map(move |number| (name.to_owned(), number)).collect::<Vec<_>>()
    };
    counts.into_iter().flat_map(places).collect()
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn a_name_has_up_to_four_places() {
        let crossed: Vec<String> = [("once", 1), ("twice", 2), ("often", 25)]
            .map(|(name, count)| vec![name.to_owned(); count])
            .concat();
        let of = |name: &str| {
            let places = places(&crossed).into_iter().filter(|(of, _)| of == name);
            places.map(|(_, number)| number).collect::<Vec<_>>()
        };
        assert_eq!(
            (of("once"), of("twice"), of("often")),
            (vec![1], vec![1, 2], vec![1, 2, 13, 25])
        );
    }
}
