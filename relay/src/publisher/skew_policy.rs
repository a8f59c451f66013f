//! What the clock's own standing does to a post: nothing goes out early, and nothing is called too
//! late, by a clock that X contradicts.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;

use super::deferral::Why;
use crate::clock_check::{Trust, back, in_words};
use crate::rows::post::Post;

/// What the clock's standing does to a post.
#[derive(Debug)]
pub(super) enum ByClock {
    /// Nothing.
    Goes,
    /// X is asked for its time first; the post is looked at again when it answered.
    Asks,
    /// It waits, and says why.
    Waits(Why),
}

/// `fast_by`: how far this clock may be ahead of X's at the most, when it certainly is. Not before
/// its time holds for the whole of what X's time may be.
pub(super) fn by_clock(
    trust: Trust,
    fast_by: Option<i64>,
    post: &Post,
    now: UnixMillis,
) -> ByClock {
    let is_late =
        |now: UnixMillis| !post.look_first && post.not_after.is_some_and(|last| now > last);
    // Due by X's clock when ours shows as much more.
    let due_by = |ahead: i64| {
        // The rest of a thread follows what is on X, whatever time it was moved to since.
        let due = post.due_at.filter(|_| post.live == 0).map(|due| back(due, ahead.checked_neg()));
        due.filter(|due| now < *due)
    };
    let Trust::Wrong { ahead } = trust else {
        if let Some(due) = fast_by.and_then(due_by) {
            let (code, message) = (Code::Early, Code::Early.text().to_owned());
            return ByClock::Waits(Why::Wait { code, message, until: Some(due) });
        }
        let asks = trust == Trust::Open && is_late(now);
        return if asks { ByClock::Asks } else { ByClock::Goes };
    };
    let theirs = back(now, Some(ahead));
    let until = match due_by(fast_by.unwrap_or(ahead).max(ahead)) {
        Some(due) => Some(due),
        None if is_late(now) || is_late(theirs) => None,
        None => return ByClock::Goes,
    };
    let message = format!("{} {}", in_words(ahead), Code::ClockWrong.remedy());
    ByClock::Waits(Why::Wait { code: Code::ClockWrong, message, until })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{post, test_ledger};

    /// The ledger's post is due at 100 s and goes out until 200 s.
    fn standing(trust: Trust, now: i64) -> (bool, Option<i64>) {
        let ledger = test_ledger::ledger();
        ledger
            .execute_batch("UPDATE post SET due_at = 100000, not_after = 200000")
            .expect("changed");
        let post = post::get(&ledger, test_ledger::post()).expect("read").expect("a post");
        let fast_by = match trust {
            Trust::Wrong { ahead } if ahead > 0 => Some(ahead + 1_400),
            _ => None,
        };
        match by_clock(trust, fast_by, &post, UnixMillis::from_seconds(now)) {
            ByClock::Goes => (true, None),
            ByClock::Asks => (false, Some(-1)),
            ByClock::Waits(Why::Wait { until, .. }) => (false, until.map(|at| at.0 / 1000)),
            ByClock::Waits(why) => panic!("{why:?}"),
        }
    }

    #[test]
    fn a_clock_that_is_a_little_fast_waits_for_the_last_moment_that_may_be_the_time_by_x_s() {
        let ledger = test_ledger::ledger();
        let due = "UPDATE post SET due_at = 100000, not_after = 200000";
        ledger.execute_batch(due).expect("changed");
        let post = post::get(&ledger, test_ledger::post()).expect("read").expect("a post");
        for (now, waits_until) in
            [(100_000, Some(101_700)), (101_699, Some(101_700)), (101_700, None)]
        {
            let until = match by_clock(Trust::Sure, Some(1_700), &post, UnixMillis(now)) {
                ByClock::Waits(Why::Wait { until, .. }) => until.map(|at| at.0),
                _ => None,
            };
            assert_eq!(until, waits_until, "at {now}");
        }
    }

    #[test]
    fn a_clock_that_x_contradicts_sends_what_is_due_by_both_and_ends_nothing() {
        let fast = Trust::Wrong { ahead: 90_000 };
        let slow = Trust::Wrong { ahead: -90_000 };
        for (trust, now, is) in [
            (Trust::Sure, 150, (true, None)),
            (Trust::Sure, 250, (true, None)),
            (Trust::Open, 150, (true, None)),
            (Trust::Open, 250, (false, Some(-1))),
            // X's clock shows its time then, if it is not 1.4 seconds behind.
            (fast, 150, (false, Some(191))),
            (fast, 190, (false, Some(191))),
            (fast, 191, (false, Some(191))),
            (fast, 192, (true, None)),
            (fast, 250, (false, None)),
            (slow, 105, (true, None)),
            (slow, 150, (false, None)),
        ] {
            assert_eq!(standing(trust, now), is, "{trust:?} at {now}");
        }
    }
}
