//! May the program be replaced by a newer one now? Not while something is being sent or handed over, not
//! before relay and scheduler were told everything, and where posts go out from this computer not within
//! ten minutes of one that is due. The decision is a function of facts; the program itself is the host's.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::zone::{Zone, wall_time_of};
use roost_store::{Error as StoreError, Read};

use crate::state::EngineState;
use crate::sync::pass;
use crate::view::{Reach, UpdateHold, UpdateHoldReason};
use crate::{Mode, Result, paused, preferences};

/// How far from a due post an update stays, on either side of it.
const DISTANCE: Duration = Duration::from_mins(10);
/// How long a post takes that goes out on time.
const SENT_WITHIN: Duration = Duration::from_mins(1);
/// How far ahead an end of the wait is looked for.
const LOOK_AHEAD: Duration = Duration::from_hours(24);
/// How many due posts are looked at for it.
const DUE_POSTS_MAX: u32 = 2000;

/// What the decision follows from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Facts {
    now: UnixMillis,
    /// Posts that X is being called for, as far as this computer hears of it.
    sending: u64,
    /// Whether a pass runs, or a file is being uploaded.
    is_handing_over: bool,
    /// What relay and scheduler have yet to be told.
    untold: u64,
    /// When posts of this computer are due, the earliest first; empty where another computer posts them.
    due: Vec<UnixMillis>,
}

/// Returns what an update has to wait for; none where the program may be replaced now.
pub(crate) async fn hold(engine: &EngineState) -> Result<Option<UpdateHold>> {
    let zone = preferences::zone(engine).await?;
    let is_handing_over = engine.pass_lock.try_lock().is_err()
        || engine.uploads().progress().is_some_and(|uploads| uploads.failure.is_none());
    let (now, mode) = (engine.now(), engine.mode());
    // What a relay elsewhere was doing when it was last reached says nothing for ever.
    let hears =
        mode == Mode::ThisComputer || matches!(engine.health().relay, Reach::Reached { .. });
    let facts = engine
        .read(move |store| {
            Ok(Facts {
                now,
                sending: if hears { store.sending()?.posts } else { 0 },
                is_handing_over,
                untold: store.outbox_open()? + store.withdrawing()?.posts,
                due: if mode == Mode::ThisComputer { due(store, now)? } else { Vec::new() },
            })
        })
        .await?;
    Ok(decide(&facts, &zone))
}

/// Tells relay and scheduler what they must know, and returns what an update has to wait for then.
pub(crate) async fn prepare(engine: &Arc<EngineState>) -> Result<Option<UpdateHold>> {
    let untold = engine.read(|store| Ok(store.outbox_open()? + store.withdrawing()?.posts)).await?;
    if untold > 0
        && let Err(error) = pass::flush_whole_outbox(engine).await
    {
        tracing::info!(%error, "an update waits: not everything could be told");
    }
    hold(engine).await
}

/// Returns when the posts are due that a pause does not hold.
fn due(store: &Read<'_>, now: UnixMillis) -> std::result::Result<Vec<UnixMillis>, StoreError> {
    let paused = paused::get(store)?;
    let due = store.due_between(now.minus(DISTANCE), now.plus(LOOK_AHEAD), DUE_POSTS_MAX)?;
    let due = due.into_iter().filter(|(_, account)| !paused.holds(Some(account)));
    Ok(due.map(|(at, _)| at).collect())
}

fn decide(facts: &Facts, zone: &Zone) -> Option<UpdateHold> {
    let of = |reason, message: String, until| Some(UpdateHold { reason, message, until });
    if facts.sending > 0 {
        let message = format!(
            "{} being sent: Roost is updated once X has answered.",
            are(facts.sending, "post is", "posts are")
        );
        return of(UpdateHoldReason::Sending, message, None);
    }
    if facts.is_handing_over {
        let message = "Posts are being handed over: Roost is updated once that is done.".to_owned();
        return of(UpdateHoldReason::HandingOver, message, None);
    }
    if facts.untold > 0 {
        let message = format!(
            "The relay or the scheduler has yet to be told of {}. Roost tries again by itself: see \
             what is in the way.",
            are(facts.untold, "change", "changes")
        );
        return of(UpdateHoldReason::Untold, message, None);
    }
    let first = *facts.due.first().filter(|first| **first <= facts.now.plus(DISTANCE))?;
    let until = first_gap(facts);
    let due = if first < facts.now { "was due" } else { "is due" };
    let first = clock_time(first, zone);
    let message = match until {
        Some(until) => format!(
            "A post {due} at {first}, and posts go out from this computer. Roost waits until {}, \
             when no other is due within ten minutes.",
            clock_time(until, zone)
        ),
        None => format!(
            "A post {due} at {first}, and in the next day posts of this computer leave no ten minutes \
             between them. Pause everything, update, and resume."
        ),
    };
    of(UpdateHoldReason::DueSoon, message, until)
}

/// Returns the first moment from which no post is due for a while, if posts go out on time; none within a
/// day.
fn first_gap(facts: &Facts) -> Option<UnixMillis> {
    let mut free_from = facts.now;
    for at in &facts.due {
        if *at > free_from.plus(DISTANCE) {
            return Some(free_from);
        }
        let over = if *at < facts.now { at.plus(DISTANCE) } else { at.plus(SENT_WITHIN) };
        free_from = free_from.max(over);
    }
    // What is due later was not looked at.
    let is_known = free_from.plus(DISTANCE) <= facts.now.plus(LOOK_AHEAD);
    (is_known && facts.due.len() < DUE_POSTS_MAX as usize).then_some(free_from)
}

/// `1 post is`, `7 posts are`.
fn are(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The time of day of an instant, in `zone`: `09:05`.
fn clock_time(at: UnixMillis, zone: &Zone) -> String {
    let wall_time = wall_time_of(at, zone);
    format!("{:02}:{:02}", wall_time.hour(), wall_time.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: i64 = 60_000;

    /// Facts at 09:00 in UTC; posts are due so many minutes from then.
    fn facts(due: &[i64]) -> Facts {
        let now = UnixMillis(1_803_891_600_000);
        let due = due.iter().map(|minutes| UnixMillis(now.0 + minutes * MINUTE_MS)).collect();
        Facts { now, sending: 0, is_handing_over: false, untold: 0, due }
    }

    /// Returns the minutes from then until the wait is over, and its words.
    fn waits(facts: &Facts) -> Option<(Option<i64>, String)> {
        let hold = decide(facts, &Zone::parse("Etc/UTC").unwrap())?;
        let until = hold.until.map(|until| (until.0 - facts.now.0) / MINUTE_MS);
        Some((until, hold.message))
    }

    #[test]
    fn a_program_is_replaced_at_once_where_nothing_is_due_within_ten_minutes() {
        assert_eq!(waits(&facts(&[])), None);
        assert_eq!(waits(&facts(&[11])), None);
        assert!(waits(&facts(&[10])).is_some());
    }

    #[test]
    fn an_update_waits_for_the_first_ten_minutes_without_a_post() {
        assert_eq!(waits(&facts(&[5])).unwrap().0, Some(6));
        assert_eq!(waits(&facts(&[5, 16, 40])).unwrap().0, Some(17));
        let (until, words) = waits(&facts(&[5, 40])).unwrap();
        assert_eq!(until, Some(6));
        assert!(words.contains("at 09:05") && words.contains("until 09:06"), "{words}");
    }

    #[test]
    fn a_post_that_is_late_holds_an_update_for_ten_minutes_and_no_longer() {
        assert_eq!(waits(&facts(&[-3])).unwrap().0, Some(7));
        assert_eq!(waits(&facts(&[-3, 9])).unwrap().0, Some(10));
    }

    #[test]
    fn a_day_without_a_gap_has_no_end_to_wait_for_and_says_what_to_do() {
        let every_five_minutes: Vec<i64> = (0..288).map(|number| number * 5).collect();
        let (until, words) = waits(&facts(&every_five_minutes)).unwrap();
        assert_eq!(until, None);
        assert!(words.contains("Pause everything"), "{words}");
    }

    #[test]
    fn what_is_being_sent_handed_over_or_untold_comes_before_what_is_due() {
        let due = facts(&[5]);
        let reason = |facts: &Facts| decide(facts, &Zone::default()).unwrap().reason;
        assert_eq!(reason(&due), UpdateHoldReason::DueSoon);
        let untold = Facts { untold: 2, ..due };
        assert_eq!(reason(&untold), UpdateHoldReason::Untold);
        let handing_over = Facts { is_handing_over: true, ..untold };
        assert_eq!(reason(&handing_over), UpdateHoldReason::HandingOver);
        let sending = Facts { sending: 1, ..handing_over };
        assert_eq!(reason(&sending), UpdateHoldReason::Sending);
        assert!(waits(&sending).unwrap().1.starts_with("1 post is being sent"));
    }
}
