//! One run: a world, the story in it, the judgement.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result};
use roost_crash_points::DEATHS;

use super::judge::{Findings, judge};
use super::programs::Programs;
use super::story;
use super::trace;
use super::victim::{Death, Ordeal, Victim};
use super::world::{INTERRUPTED, World};

/// Sign-ins that the story itself needs: the first, and the one after the restore.
const SIGN_INS: u32 = 2;
/// Deaths that may cost a refresh token: X gave the new one, and it never reached the disk.
const COSTS_A_GRANT: [&str; 4] = [
    "x.oauth.refresh.ask",
    "x.oauth.refresh.answered",
    "grant-rotate.begin",
    "grant-rotate.commit",
];

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) findings: Findings,
    /// The names that were crossed, in order.
    pub(crate) crossed: Vec<String>,
    /// The point at which the program under test died; none when it passed untouched.
    pub(crate) died_at: Option<String>,
    /// All the names at which it died, whoever ran it.
    pub(crate) deaths: BTreeSet<String>,
}

/// Plays the story under `ordeal`. The world is kept when something is wrong in it.
pub(crate) fn run(programs: &Programs, name: &str, ordeal: Ordeal) -> Result<Ran> {
    let folder = programs.worlds().join(name);
    let ran = play(programs, folder.clone(), ordeal)
        .or_else(|error| {
            if INTERRUPTED.load(Ordering::Relaxed) {
                return Err(error);
            }
            // A machine with much else to do may miss a step of the story, once.
            eprintln!("  {name} begins again: {error:#}");
            play(programs, folder.clone(), ordeal)
        })
        .with_context(|| format!("{name}; see {}", folder.display()))?;
    if ran.findings.is_clean() {
        let _left = std::fs::remove_dir_all(&folder);
    }
    Ok(ran)
}

fn play(programs: &Programs, folder: PathBuf, ordeal: Ordeal) -> Result<Ran> {
    let mut world = World::make(programs, folder.clone(), ordeal)?;
    let posts = story::play(&mut world)?;
    world.tend()?;
    world.end()?;
    let mut findings = judge(&world, &posts)?;
    let crossed = trace::read(&folder.join("trace"));
    let deaths = trace::read(&folder.join("trace").with_extension(DEATHS)).into_iter().collect();
    // Whoever crosses that number dies there, also while it is being stopped.
    let died_at = match ordeal.death {
        Death::At(number) => usize::try_from(number - 1).ok().and_then(|at| crossed.get(at)),
        Death::Never | Death::EachName => None,
    };
    let died_at = died_at.cloned();
    let may_cost = match ordeal.death {
        Death::EachName => ordeal.victim == Some(Victim::Relay),
        _ => died_at.as_deref().is_some_and(|name| COSTS_A_GRANT.contains(&name)),
    };
    if world.sign_ins > SIGN_INS && !may_cost {
        findings.broken += 1;
        findings.problems.push(format!("{} sign-ins were needed", world.sign_ins));
    }
    Ok(Ran { findings, crossed, died_at, deaths })
}
