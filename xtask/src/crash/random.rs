//! SIGKILL at random moments, under load, while X's timeline lags; and now and then the desktop is
//! off and the relay's ledger lost.

use std::time::Duration;

use anyhow::Result;
use indicatif::ProgressBar;

use super::judge::{Findings, judge};
use super::loss;
use super::plan::Planned;
use super::programs::Programs;
use super::story;
use super::victim::{LAG_MAX_MS, Ordeal, Victim};
use super::world::World;

/// Kills in one world; then it is drained and judged.
const KILLS_PER_WORLD: u64 = 50;
/// Kills between two losses of the ledger; a world ends with one.
const KILLS_PER_LOSS: u64 = 12;
/// What a loss takes, about.
const LOSS_SECONDS: u64 = 4;
/// The longest time between two kills, in milliseconds.
const BETWEEN_MS: u64 = 400;
/// Posts that are due in each second of a world.
const POSTS_PER_SECOND: i64 = 3;
/// From the import to the first post.
const LEAD_MS: i64 = 4000;

/// A repeatable source of numbers: SplitMix64.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// Kills `kills` times, one of `victims` each time.
pub(crate) fn kill(
    programs: &Programs,
    victims: &[Victim],
    kills: u64,
    seed: u64,
) -> Result<Findings> {
    let mut all = Findings::default();
    let bar = ProgressBar::new_spinner();
    for (number, first) in (0..kills).step_by(KILLS_PER_WORLD as usize).enumerate() {
        let here = KILLS_PER_WORLD.min(kills - first);
        let mut dice = Dice(seed.wrapping_add(number as u64));
        let found = one_world(programs, victims, here, number, &mut dice)?;
        super::say(&bar, &format!("{} of {kills} kills, seed {seed}", first + here));
        found.problems.iter().for_each(|problem| eprintln!("  ! world {number}: {problem}"));
        all.add(&found);
    }
    bar.finish_and_clear();
    Ok(all)
}

fn one_world(
    programs: &Programs,
    victims: &[Victim],
    kills: u64,
    number: usize,
    dice: &mut Dice,
) -> Result<Findings> {
    let folder = programs.worlds().join(format!("random-{number}"));
    let mut world = World::make(programs, folder.clone(), Ordeal::NOTHING)?;
    world.begin()?;
    // Every other world's timeline lags as much as one does at the most.
    let lag = if number.is_multiple_of(2) { LAG_MAX_MS } else { dice.below(LAG_MAX_MS + 1) };
    world.lag(lag)?;
    world.engine.start()?;
    let posts = load(kills);
    story::import(&mut world, &posts)?;
    for kill in 1..=kills {
        let pause = Duration::from_millis(dice.below(BETWEEN_MS));
        world.until(pause, |_| Ok(false))?;
        let victim = victims[dice.below(victims.len() as u64) as usize];
        match victim {
            Victim::Relay => world.relay.kill()?,
            Victim::Engine => world.engine.kill()?,
            Victim::Scheduler => world.scheduler.kill()?,
        }
        if kill.is_multiple_of(KILLS_PER_LOSS) || kill == kills {
            loss::lose(&mut world, usize::try_from(kill)?, dice)?;
        }
    }
    story::drain(&mut world, &posts)?;
    world.end()?;
    let findings = judge(&world, &posts)?;
    if findings.is_clean() {
        let _left = std::fs::remove_dir_all(&folder);
    }
    Ok(findings)
}

/// Posts for as long as the kills will take.
fn load(kills: u64) -> Vec<Planned> {
    let begin = (super::now() + LEAD_MS).div_euclid(1000) * 1000;
    let losses = kills.div_ceil(KILLS_PER_LOSS) * LOSS_SECONDS;
    let seconds = i64::try_from(kills * BETWEEN_MS / 2 / 1000 + losses).unwrap_or(0) + 2;
    let post =
        |n: i64| Planned::new(&format!("load{n:03}"), 1, begin + n / POSTS_PER_SECOND * 1000);
    (0..seconds * POSTS_PER_SECOND).map(post).collect()
}
