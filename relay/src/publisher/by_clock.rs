//! What the clock's own standing does to a post: nothing goes out early, and nothing is called too
//! late, by a clock that X contradicts.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;

use super::deferral::Why;
use crate::agreement::{Trust, back, in_words};
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

pub(super) fn by_clock(trust: Trust, post: &Post, now: UnixMillis) -> ByClock {
    let is_late =
        |now: UnixMillis| !post.look_first && post.not_after.is_some_and(|last| now > last);
    let Trust::Wrong { ahead } = trust else {
        let asks = trust == Trust::Open && is_late(now);
        return if asks { ByClock::Asks } else { ByClock::Goes };
    };
    let theirs = back(now, Some(ahead));
    let until = match post.due_at.filter(|due| theirs < *due) {
        // Due by X's clock when ours shows as much more.
        Some(due) => Some(back(due, ahead.checked_neg())),
        None if is_late(now) || is_late(theirs) => None,
        None => return ByClock::Goes,
    };
    let message = format!("{} {}", in_words(ahead), Code::ClockWrong.remedy());
    ByClock::Waits(Why::Wait { code: Code::ClockWrong, message, until })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{post, ready};

    /// The ledger's post is due at 100 s and goes out until 200 s.
    fn standing(trust: Trust, now: i64) -> (bool, Option<i64>) {
        let ledger = ready::ledger();
        ledger
            .execute_batch("UPDATE post SET due_at = 100000, not_after = 200000")
            .expect("changed");
        let post = post::get(&ledger, ready::post()).expect("read").expect("a post");
        match by_clock(trust, &post, UnixMillis::from_seconds(now)) {
            ByClock::Goes => (true, None),
            ByClock::Asks => (false, Some(-1)),
            ByClock::Waits(Why::Wait { until, .. }) => (false, until.map(|at| at.0 / 1000)),
            ByClock::Waits(why) => panic!("{why:?}"),
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
            (fast, 150, (false, Some(190))),
            (fast, 190, (true, None)),
            (fast, 250, (false, None)),
            (slow, 105, (true, None)),
            (slow, 150, (false, None)),
        ] {
            assert_eq!(standing(trust, now), is, "{trust:?} at {now}");
        }
    }
}
