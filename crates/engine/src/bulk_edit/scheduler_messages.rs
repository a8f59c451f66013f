//! What a change takes of the scheduler's messages, beside what its day has left as far as is known.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_store::Read;

use super::ground::Ground;
use super::row::Row;
use crate::api::{HandoverChange, MessagesNeeded};
use crate::{Mode, Result};

/// Messages of a day on QStash's free plan.
const FREE_PLAN_MESSAGES_PER_DAY: u32 = 1_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

pub(super) fn of(store: &Read<'_>, rows: &[Row], ground: &Ground) -> Result<MessagesNeeded> {
    let now = ground.now();
    let count = |change: HandoverChange| {
        let found = rows.iter().filter(|row| row.handover == change).count();
        u32::try_from(found).unwrap_or(u32::MAX)
    };
    let needed = count(HandoverChange::Armed);
    let midnight = UnixMillis(now.0 - now.0.rem_euclid(DAY_MS));
    let used_today = u32::try_from(store.messages_since(midnight)?).unwrap_or(u32::MAX);
    let has_quota = ground.facts.mode != Mode::ThisComputer;
    // A refusal of the day's quota lasts until the next day; one that passes is none.
    let quota = ground.facts.scene.scheduler.as_ref().filter(|trouble| {
        trouble.code == Code::SchedulerQuota && !trouble.passes && trouble.next_try > now
    });
    Ok(MessagesNeeded {
        needed,
        withdrawn: count(HandoverChange::Withdrawn),
        used_today,
        free_plan_left: has_quota.then(|| match quota {
            Some(_) => 0,
            None => FREE_PLAN_MESSAGES_PER_DAY.saturating_sub(used_today),
        }),
        staying_pending: if quota.is_some() { needed } else { 0 },
        quota_ends_at: quota.map(|trouble| trouble.next_try),
    })
}
