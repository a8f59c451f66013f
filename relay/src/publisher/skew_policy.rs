//! What the clock's own standing does to a post: nothing goes out early, and nothing is called too
//! late, by a clock that X contradicts.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;

use super::deferral::Why;
use crate::clock_check::{Confidence, describe_skew};
use crate::rows::post::Post;
use crate::x_time::subtract_skew;

/// What the clock's standing does to a post.
#[derive(Debug)]
pub(super) enum SkewDecision {
    /// Nothing.
    Proceed,
    /// X is asked for its time first; the post is looked at again when it answered.
    CheckFirst,
    /// It waits, and says why.
    Wait(Why),
}

/// `fast_by_ms`: how far this clock may be ahead of X's at the most, when it certainly is. Not before
/// its time holds for the whole of what X's time may be. `ran_ahead_ms`: how far this clock was set ahead
/// since X's last word, or slept. What is due by that alone is due when X has agreed.
pub(super) fn decide(
    confidence: Confidence,
    fast_by_ms: Option<i64>,
    ran_ahead_ms: Option<i64>,
    post: &Post,
    now: UnixMillis,
) -> SkewDecision {
    let is_late =
        |now: UnixMillis| !post.look_first && post.not_after.is_some_and(|last| now > last);
    // Due by X's clock when ours shows as much more.
    let due_by = |ahead_ms: i64| {
        // The rest of a thread follows what is on X, whatever time it was moved to since.
        let due = post
            .due_at
            .filter(|_| post.live == 0)
            .map(|due| subtract_skew(due, ahead_ms.checked_neg()));
        due.filter(|due| now < *due)
    };
    let Confidence::Contradicted { ahead_ms } = confidence else {
        if let Some(due) = fast_by_ms.and_then(due_by) {
            let (code, message) = (Code::Early, Code::Early.text().to_owned());
            return SkewDecision::Wait(Why::Wait { code, message, until: Some(due) });
        }
        let is_due_by_a_jump = ran_ahead_ms.and_then(due_by).is_some();
        let asks = confidence == Confidence::Unchecked && (is_late(now) || is_due_by_a_jump);
        return if asks { SkewDecision::CheckFirst } else { SkewDecision::Proceed };
    };
    let theirs = subtract_skew(now, Some(ahead_ms));
    let until = match due_by(fast_by_ms.unwrap_or(ahead_ms).max(ahead_ms)) {
        Some(due) => Some(due),
        None if is_late(now) || is_late(theirs) => None,
        None => return SkewDecision::Proceed,
    };
    let message = format!("{} {}", describe_skew(ahead_ms), Code::ClockWrong.remedy());
    SkewDecision::Wait(Why::Wait { code: Code::ClockWrong, message, until })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{post, test_ledger};

    /// The ledger's post is due at 100 s and goes out until 200 s.
    fn standing(confidence: Confidence, now: i64) -> (bool, Option<i64>) {
        let ledger = test_ledger::ledger();
        ledger
            .execute_batch("UPDATE post SET due_at = 100000, not_after = 200000")
            .expect("changed");
        let post = post::get(&ledger, test_ledger::post()).expect("read").expect("a post");
        let fast_by_ms = match confidence {
            Confidence::Contradicted { ahead_ms } if ahead_ms > 0 => Some(ahead_ms + 1_400),
            _ => None,
        };
        match decide(confidence, fast_by_ms, None, &post, UnixMillis::from_seconds(now)) {
            SkewDecision::Proceed => (true, None),
            SkewDecision::CheckFirst => (false, Some(-1)),
            SkewDecision::Wait(Why::Wait { until, .. }) => (false, until.map(|at| at.0 / 1000)),
            SkewDecision::Wait(why) => panic!("{why:?}"),
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
            let now_ms = UnixMillis(now);
            let until = match decide(Confidence::Confirmed, Some(1_700), None, &post, now_ms) {
                SkewDecision::Wait(Why::Wait { until, .. }) => until.map(|at| at.0),
                _ => None,
            };
            assert_eq!(until, waits_until, "at {now}");
        }
    }

    #[test]
    fn what_is_due_only_by_a_jump_of_the_clock_waits_for_x_s_word() {
        let ledger = test_ledger::ledger();
        let due = "UPDATE post SET due_at = 100000, not_after = 2000000";
        ledger.execute_batch(due).expect("changed");
        let post = post::get(&ledger, test_ledger::post()).expect("read").expect("a post");
        for (confidence, ran_ahead, asks) in [
            (Confidence::Unchecked, None, false),
            // By the clock that nobody sets it was due before.
            (Confidence::Unchecked, Some(50_000), false),
            (Confidence::Unchecked, Some(150_000), true),
            (Confidence::Confirmed, Some(150_000), false),
            (Confidence::Unanswered { x_answers: false }, Some(150_000), false),
        ] {
            let decided = decide(confidence, None, ran_ahead, &post, UnixMillis(200_000));
            let checks_first = matches!(decided, SkewDecision::CheckFirst);
            assert_eq!(checks_first, asks, "{confidence:?} {ran_ahead:?}");
        }
    }

    #[test]
    fn a_clock_that_x_contradicts_sends_what_is_due_by_both_and_ends_nothing() {
        let fast = Confidence::Contradicted { ahead_ms: 90_000 };
        let slow = Confidence::Contradicted { ahead_ms: -90_000 };
        for (confidence, now, is) in [
            (Confidence::Confirmed, 150, (true, None)),
            (Confidence::Confirmed, 250, (true, None)),
            (Confidence::Unchecked, 150, (true, None)),
            (Confidence::Unchecked, 250, (false, Some(-1))),
            // X's clock shows its time then, if it is not 1.4 seconds behind.
            (fast, 150, (false, Some(191))),
            (fast, 190, (false, Some(191))),
            (fast, 191, (false, Some(191))),
            (fast, 192, (true, None)),
            (fast, 250, (false, None)),
            (slow, 105, (true, None)),
            (slow, 150, (false, None)),
        ] {
            assert_eq!(standing(confidence, now), is, "{confidence:?} at {now}");
        }
    }
}
