//! One run: the programs, the scenario, the check of what came of it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result};
use roost_crash_points::DEATHS;

use super::crash_plan::{CrashAt, CrashPlan, TargetProcess};
use super::harness::{Harness, INTERRUPTED};
use super::long_thread;
use super::oracle::{Findings, check};
use super::programs::Programs;
use super::scenario;
use super::trace;

/// Sign-ins that the scenario itself needs: the first, and the one after the restore.
const SIGN_INS: u32 = 2;
/// From here on a death may cost a refresh token: X gave the new one, and it never reached the disk.
const REFRESH_BEGINS: &str = "x.oauth.refresh.ask";
/// From here on it doesn't.
const REFRESH_IS_KEPT: &str = "grant-rotate.committed";

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) findings: Findings,
    /// The names that were crossed, in order.
    pub(crate) crossed: Vec<String>,
    /// The point at which the program under test died; none when it passed untouched.
    pub(crate) died_at: Option<String>,
    /// All the names at which it died, whoever ran it.
    pub(crate) crashes: BTreeSet<String>,
}

/// Plays the scenario under `plan`. Its folder is kept when something is wrong in it.
pub(crate) fn run(programs: &Programs, name: &str, plan: CrashPlan) -> Result<Ran> {
    let folder = programs.runs().join(name);
    let ran = play(programs, folder.clone(), &plan)
        .or_else(|error| {
            if INTERRUPTED.load(Ordering::Relaxed) {
                return Err(error);
            }
            // A machine with much else to do may miss a step of the scenario, once.
            eprintln!("  {name} begins again: {error:#}");
            play(programs, folder.clone(), &plan)
        })
        .with_context(|| format!("{name}; see {}", folder.display()))?;
    if ran.findings.is_clean() {
        let _left = std::fs::remove_dir_all(&folder);
    }
    Ok(ran)
}

/// Returns whether a program that died at this point was refreshing a grant meanwhile: the point itself
/// may be another's work.
fn is_refreshing(crossed: &[String], died_at: usize) -> bool {
    let until = died_at.min(crossed.len());
    let last = |name: &str| crossed[..until].iter().rposition(|crossed| crossed == name);
    last(REFRESH_BEGINS) > last(REFRESH_IS_KEPT)
}

/// Returns the number, from 1, that a crossing has among all: the one of this name that has `number`.
fn place_of(crossed: &[String], name: &str, number: usize) -> Option<usize> {
    let mut of_name = crossed.iter().enumerate().filter(|(_, crossed)| *crossed == name);
    of_name.nth(number.checked_sub(1)?).map(|(at, _)| at + 1)
}

fn play(programs: &Programs, folder: PathBuf, plan: &CrashPlan) -> Result<Ran> {
    let mut harness = Harness::make(programs, folder.clone(), plan.clone())?;
    let (posts, sign_ins) = match plan.parts {
        Some(parts) => (long_thread::play(&mut harness, parts)?, long_thread::SIGN_INS),
        None => (scenario::play(&mut harness)?, SIGN_INS),
    };
    harness.tend()?;
    harness.end()?;
    let mut findings = check(&harness, &posts)?;
    let crossed = trace::read(&folder.join("trace"));
    let crashes = trace::read(&folder.join("trace").with_extension(DEATHS)).into_iter().collect();
    // Whoever crosses that number dies there, also while it is being stopped.
    let died_at = match &plan.crash_at {
        CrashAt::At(number) => usize::try_from(*number).ok(),
        CrashAt::OfName(name, number) => place_of(&crossed, name, *number),
        CrashAt::Never | CrashAt::EachName => None,
    };
    let may_cost = match &plan.crash_at {
        CrashAt::EachName => plan.process == Some(TargetProcess::Relay),
        CrashAt::At(_) | CrashAt::OfName(..) => {
            died_at.is_some_and(|at| is_refreshing(&crossed, at))
        }
        CrashAt::Never => false,
    };
    let died_at = died_at.and_then(|at| crossed.get(at.checked_sub(1)?)).cloned();
    if harness.sign_ins > sign_ins && !may_cost {
        findings.broken += 1;
        findings.problems.push(format!("{} sign-ins were needed", harness.sign_ins));
    }
    Ok(Ran { findings, crossed, died_at, crashes })
}

#[cfg(test)]
mod tests {
    use super::{is_refreshing, place_of};

    #[test]
    fn a_death_in_the_midst_of_a_refresh_is_known_by_what_was_crossed_before_it() {
        let crossed = [
            "x.oauth.refresh.ask",
            "stage.begin",
            "x.oauth.refresh.answered",
            "grant-rotate.begin",
            "grant-rotate.committed",
            "deliver.begin",
        ]
        .map(str::to_owned);
        let refreshing = [1, 2, 3, 4, 5, 6, 9].map(|at| is_refreshing(&crossed, at));
        assert_eq!(refreshing, [true, true, true, true, false, false, false]);
    }
    #[test]
    fn a_crossing_is_found_by_its_name_and_its_number() {
        let crossed = ["a", "b", "a", "b", "a"].map(str::to_owned);
        assert_eq!(
            [1, 2, 3, 4].map(|it| place_of(&crossed, "a", it)),
            [Some(1), Some(3), Some(5), None]
        );
        assert_eq!(place_of(&crossed, "b", 0), None);
    }
}
