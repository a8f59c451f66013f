//! A thousand posts of all accounts that are due in the same second: how late they reach X.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use roost_core::clock::{Clock as _, SystemClock};

use super::world::{Planned, World};
use super::{ACCOUNTS, row};
use crate::bench::load::quantile;
use crate::bench::{Goal, Row};
use crate::run::ledger::Ledger;

const POSTS: u32 = 1000;
/// From the import to the second: time to hand them over.
const LEAD_MS: i64 = 30_000;
/// How long the last of them is waited for.
const PATIENCE: Duration = Duration::from_secs(120);
/// 99 of a hundred may be so late, in milliseconds.
const LATE_MS: f64 = 1000.0;

/// Plans, hands over, waits, and returns how late they were.
pub(super) fn measure(world: &World) -> Result<Vec<Row>> {
    let second = (SystemClock.now().0 + LEAD_MS).div_euclid(1000) * 1000;
    let posts = (0..POSTS).map(|number| Planned {
        text: format!("burst {number} of a second in which everybody has something to say"),
        // In the thousandths of that second.
        at: second,
        account: number % ACCOUNTS,
    });
    world.import("burst", posts)?;
    world.sync()?;
    if SystemClock.now().0 >= second {
        bail!("handing {POSTS} posts over took longer than {} s", LEAD_MS / 1000);
    }
    let mut ledger = Ledger::of(world.x.clone());
    let began = Instant::now();
    let mut late = loop {
        std::thread::sleep(Duration::from_millis(500));
        ledger.refresh()?;
        let sent = ledger.creates.iter().filter(|it| it.accepted && it.text.starts_with("burst"));
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a minute")]
        let late: Vec<f64> = sent.map(|it| (it.arrived_at - second) as f64).collect();
        if late.len() >= POSTS as usize {
            break late;
        }
        if began.elapsed() > PATIENCE {
            bail!("{} of {POSTS} posts went out", late.len());
        }
    };
    let early = late.iter().filter(|late| **late < 0.0).count();
    let name = |what: &str| format!("{POSTS} posts of {ACCOUNTS} accounts in one second: {what}");
    #[expect(clippy::cast_precision_loss, reason = "a thousand")]
    let early = early as f64;
    Ok(vec![
        row(name("late, half of them"), "ms", quantile(&mut late, 0.5)),
        Row {
            goal: Some(Goal::AtMost(LATE_MS)),
            ..row(name("late, 99 of 100"), "ms", quantile(&mut late, 0.99))
        },
        Row { goal: Some(Goal::AtMost(0.0)), ..row(name("early"), "posts", early) },
    ])
}
