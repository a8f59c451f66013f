//! Whether this clock agrees with X's. Posts go out and are missed by the clock, so a wrong one is
//! told before it decides anything.
//!
//! X's `Date` stands on each of its answers, and X is the judge: what the scheduler signed at
//! another time may be this clock's fault, the scheduler's, or an old delivery that somebody sends
//! again. Such a signature is only a reason to ask X, so that sending it again does nothing more.

mod confidence;
mod date_observer;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use roost_core::clock::{Clock, UnixMillis};
use tokio::time::Instant;

use crate::x_time::{KnownSkew, XTime};

pub(crate) use confidence::Confidence;
pub(crate) use date_observer::DateObserver;

/// Clocks may differ by so much: as for the scheduler's signatures.
pub(crate) const TOLERANCE: Duration =
    Duration::from_secs(roost_qstash::signature::CLOCK_TOLERANCE_SECONDS.unsigned_abs());
/// What X said longer ago by this clock says nothing of it: it may have been set since.
const SAMPLE_MAX_AGE: Duration = Duration::from_secs(60);
/// This clock and the one that nobody sets may run apart by so many milliseconds between two of X's
/// answers. More says that this clock was set, or that the computer slept.
const CLOCK_STEP_MS: u64 = 250;

/// What X's clock said last.
#[derive(Debug, Clone, Copy)]
struct Sample {
    /// This clock minus X's, in milliseconds: the least that it may be by all that was heard.
    ahead_at_least_ms: i64,
    /// The most that it may be. X's `Date` has whole seconds, and the answer took its time.
    ahead_at_most_ms: i64,
    /// When it was heard, by this clock; nothing when an earlier process heard it.
    at: Option<UnixMillis>,
    theirs: UnixMillis,
    heard: Instant,
}

/// The comparison of the two clocks.
#[derive(Debug)]
pub(crate) struct ClockSkew {
    clock: Arc<dyn Clock>,
    /// A rehearsal asks X nothing.
    is_rehearsal: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    sample: Option<Sample>,
    /// This clock minus the scheduler's, in milliseconds, by its last good signature.
    ahead_of_scheduler: Option<i64>,
    /// When X was last asked for its time alone.
    asked_at: Option<UnixMillis>,
    is_asking: bool,
    is_answered: bool,
    /// Whether X answered when it was last asked.
    x_answers: Option<bool>,
    /// A good signature came from another time, and X has said nothing since.
    is_suspect: bool,
    /// No doubt is over that anybody was told of.
    is_settled: bool,
}

impl ClockSkew {
    pub(crate) fn new(clock: Arc<dyn Clock>, is_rehearsal: bool) -> Self {
        Self { clock, is_rehearsal, state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns what an earlier process heard: a doubt outlives it.
    pub(crate) fn remember(&self, known: KnownSkew) {
        let (Some(ahead_ms), Some(theirs)) = (known.x_time.ahead_ms, known.x_time.since) else {
            return;
        };
        let ahead_at_most_ms = known.ahead_at_most_ms.unwrap_or(ahead_ms).max(ahead_ms);
        let heard = Instant::now();
        self.lock().sample =
            Some(Sample { ahead_at_least_ms: ahead_ms, ahead_at_most_ms, at: None, theirs, heard });
    }

    /// X showed `date` (Unix seconds) at some moment between asking and answering. True when a
    /// doubt begins.
    fn observe(&self, asked: UnixMillis, answered: UnixMillis, date: i64) -> bool {
        self.observe_at(asked, answered, date, Instant::now())
    }

    /// `heard` is the moment of the answer by the clock that nobody sets.
    fn observe_at(
        &self,
        asked: UnixMillis,
        answered: UnixMillis,
        date: i64,
        heard: Instant,
    ) -> bool {
        if answered < asked {
            // The clock was set back meanwhile: nothing can be compared.
            return false;
        }
        let theirs = UnixMillis::from_seconds(date);
        let sample = Sample {
            ahead_at_least_ms: asked.0.saturating_sub(theirs.0).saturating_sub(1000),
            ahead_at_most_ms: answered.0.saturating_sub(theirs.0),
            at: Some(answered),
            theirs,
            heard,
        };
        let mut state = self.lock();
        let was_off = state.sample.is_some_and(Sample::is_excessive);
        let sample = state.sample.and_then(|earlier| sample.narrowed_by(earlier)).unwrap_or(sample);
        (state.sample, state.is_suspect) = (Some(sample), false);
        if was_off && !sample.is_excessive() {
            state.is_settled = false;
            tracing::info!("this clock agrees with X's again");
        }
        sample.is_excessive() && !was_off
    }

    /// The scheduler signed a delivery at `issued_at`, and this clock shows `now` (Unix seconds
    /// both). What was signed before now was on its way, or is sent again: only a signature from the
    /// future says that the clocks differ.
    pub(crate) fn observe_scheduler(&self, now: i64, issued_at: i64) {
        let ahead_ms = now.saturating_sub(issued_at).min(0).saturating_mul(1000);
        self.lock().ahead_of_scheduler = Some(ahead_ms);
    }

    /// Returns how far this clock is ahead of the scheduler's in milliseconds (behind, below zero),
    /// as last heard.
    pub(crate) fn ahead_of_scheduler(&self) -> Option<i64> {
        self.lock().ahead_of_scheduler
    }

    /// Whether a doubt is over, here or in an earlier process, and what it held is to be woken.
    pub(crate) fn recovered_unacknowledged(&self) -> bool {
        !self.lock().is_settled
    }

    /// What a doubt held was woken.
    pub(crate) fn acknowledge_recovery(&self) {
        self.lock().is_settled = true;
    }

    /// What is known of X's time now.
    pub(crate) fn x_time(&self) -> XTime {
        let sample = self.lock().sample;
        XTime {
            ahead_ms: sample.map(Sample::ahead_ms),
            // What passed since by a clock that nobody sets; it may have slept.
            since: sample.map(|sample| sample.theirs.plus(sample.heard.elapsed())),
        }
    }

    /// What the next process is to know.
    pub(crate) fn snapshot(&self) -> KnownSkew {
        let ahead_at_most_ms = self.lock().sample.map(|sample| sample.ahead_at_most_ms);
        KnownSkew { x_time: self.x_time(), ahead_at_most_ms }
    }

    /// How far this clock may be ahead of X's, in milliseconds, when it certainly is. A clock that
    /// agrees with X's as far as anybody can tell is as good a judge of a second as X's is.
    pub(crate) fn fast_by_ms(&self) -> Option<i64> {
        self.lock()
            .sample
            .filter(|sample| sample.ahead_ms() > 0)
            .map(|sample| sample.ahead_at_most_ms)
    }

    /// How far this clock ran ahead, since X's last word, of the one that nobody sets, in milliseconds: it
    /// was set, or the computer slept. Nothing where it did not, or X said nothing to this process yet.
    pub(crate) fn ran_ahead_ms(&self, now: UnixMillis) -> Option<i64> {
        let sample = self.lock().sample?;
        let shown = now.0.saturating_sub(sample.at?.0);
        let passed = i64::try_from(sample.heard.elapsed().as_millis()).unwrap_or(i64::MAX);
        let ahead = shown.saturating_sub(passed);
        (ahead > i64::try_from(CLOCK_STEP_MS).unwrap_or(i64::MAX)).then_some(ahead)
    }

    /// How far this clock is from X's, when that is too far.
    pub(crate) fn excessive_ms(&self) -> Option<i64> {
        self.lock().sample.filter(|sample| sample.is_excessive()).map(Sample::ahead_ms)
    }
}

impl Sample {
    /// Returns this clock minus X's in milliseconds: the least difference that explains what was
    /// heard.
    fn ahead_ms(self) -> i64 {
        if self.ahead_at_least_ms > 0 {
            self.ahead_at_least_ms
        } else {
            self.ahead_at_most_ms.min(0)
        }
    }

    fn is_excessive(self) -> bool {
        is_excessive(self.ahead_ms())
    }

    /// Returns this word with what an earlier one still says: an answer that took long says little
    /// by itself. Nothing when the earlier one is old, when this clock was set since, or when the
    /// two contradict each other.
    fn narrowed_by(self, earlier: Self) -> Option<Self> {
        let passed = self.heard.checked_duration_since(earlier.heard)?;
        let shown = self.at?.0.saturating_sub(earlier.at?.0);
        let apart = shown.saturating_sub(i64::try_from(passed.as_millis()).unwrap_or(i64::MAX));
        let ahead_at_least_ms = self.ahead_at_least_ms.max(earlier.ahead_at_least_ms);
        let ahead_at_most_ms = self.ahead_at_most_ms.min(earlier.ahead_at_most_ms);
        let holds = passed <= SAMPLE_MAX_AGE
            && apart.unsigned_abs() <= CLOCK_STEP_MS
            && ahead_at_least_ms <= ahead_at_most_ms;
        holds.then_some(Self { ahead_at_least_ms, ahead_at_most_ms, ..self })
    }
}

/// Whether a clock that is ahead by so many milliseconds, or behind, is a wrong one.
pub(crate) fn is_excessive(ahead_ms: i64) -> bool {
    ahead_ms.unsigned_abs() > u64::try_from(TOLERANCE.as_millis()).unwrap_or(u64::MAX)
}

/// How a person is told.
pub(crate) fn describe_skew(ahead_ms: i64) -> String {
    let seconds = ahead_ms.unsigned_abs() / 1000;
    let far = if seconds < 7200 {
        format!("{} minutes", (seconds + 30) / 60)
    } else {
        format!("{} hours", (seconds + 1800) / 3600)
    };
    let side = if ahead_ms > 0 { "ahead of" } else { "behind" };
    format!("The relay's clock is {far} {side} X's.")
}

/// Whether two instants of this clock lie close together, whichever came first.
fn is_near(one: UnixMillis, other: UnixMillis) -> bool {
    one.since(other).max(other.since(one)) <= SAMPLE_MAX_AGE
}

#[cfg(test)]
mod tests {
    use roost_core::clock::ManualClock;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn clock_skew() -> ClockSkew {
        ClockSkew::new(Arc::new(ManualClock::at(NOW)), false)
    }

    #[test]
    fn only_what_the_way_does_not_explain_is_a_difference() {
        let second = |count: i64| UnixMillis(NOW.0 + count * 1000);
        let date = NOW.0 / 1000;
        for (asked, answered, ahead_ms) in [
            (second(0), second(0), 0),
            (second(-30), second(0), 0),
            (second(1), second(30), 0),
            (second(-30), second(-1), -1000),
            (second(62), second(90), 61_000),
            (second(-7200), second(-7199), -7_199_000),
        ] {
            let clock_skew = clock_skew();
            clock_skew.observe(asked, answered, date);
            assert_eq!(clock_skew.x_time().ahead_ms, Some(ahead_ms), "{asked} {answered}");
            assert_eq!(clock_skew.excessive_ms().is_some(), ahead_ms.abs() > 60_000);
        }
    }

    #[test]
    fn a_clock_that_is_fast_is_taken_to_be_as_fast_as_it_may_be() {
        let date = NOW.0 / 1000;
        for (asked, answered, fast_by_ms) in [
            (0, 900, None),
            (1_000, 1_900, None),
            (1_001, 1_300, Some(1_300)),
            (90_400, 90_700, Some(90_700)),
        ] {
            let clock_skew = clock_skew();
            clock_skew.observe(UnixMillis(NOW.0 + asked), UnixMillis(NOW.0 + answered), date);
            assert_eq!(clock_skew.fast_by_ms(), fast_by_ms, "{asked}");
        }
    }

    /// Two answers: what the first said, when the second was asked for, answered and stamped, all in
    /// milliseconds after `NOW`, and what passed between them by the clock that nobody sets.
    fn after_two(
        (asked, answered): (i64, i64),
        (asked_again, answered_again, date): (i64, i64, i64),
        passed: u64,
    ) -> ClockSkew {
        let (clock_skew, first) = (clock_skew(), Instant::now());
        let at = |ms: i64| UnixMillis(NOW.0 + ms);
        clock_skew.observe_at(at(asked), at(answered), NOW.0 / 1000, first);
        let second = first + Duration::from_millis(passed);
        clock_skew.observe_at(at(asked_again), at(answered_again), NOW.0 / 1000 + date, second);
        clock_skew
    }

    #[test]
    fn a_slow_answer_does_not_make_the_relay_forget_that_its_clock_is_fast() {
        // 1.5 seconds fast. The second answer takes 3 seconds.
        for (slow, passed, ahead_ms) in [
            // Stamped at its end, and at its start.
            ((10_000, 13_000, 11), 11_700, 100),
            ((10_000, 13_000, 8), 11_700, 1_000),
            // As long ago as the first still counts.
            ((58_000, 61_000, 59), 59_700, 100),
        ] {
            let clock_skew = after_two((1_100, 1_300), slow, passed);
            assert_eq!(clock_skew.fast_by_ms(), Some(1_300), "{slow:?}");
            assert_eq!(clock_skew.x_time().ahead_ms, Some(ahead_ms), "{slow:?}");
        }
        let both = after_two((1_100, 1_900), (10_800, 11_700, 9), 9_800);
        assert_eq!((both.fast_by_ms(), both.x_time().ahead_ms), (Some(1_900), Some(800)));
    }

    #[test]
    fn what_x_said_before_the_clock_was_set_or_long_ago_narrows_nothing() {
        for (slow, passed, fast_by_ms) in [
            // Slowed down until it was right: the two contradict each other.
            ((8_020, 8_050, 8), 6_750, None),
            // Set right.
            ((8_400, 8_600, 8), 8_800, None),
            // Set a little, so that they do not: this clock shows 10 seconds, 9 passed.
            ((8_300, 11_300, 9), 9_000, None),
            // Longer ago than what X said counts.
            ((70_000, 73_000, 71), 71_700, None),
        ] {
            let clock_skew = after_two((1_100, 1_300), slow, passed);
            assert_eq!(clock_skew.fast_by_ms(), fast_by_ms, "{slow:?}");
        }
        // What an earlier process heard is replaced by the first answer.
        let clock_skew = clock_skew();
        let x_time = XTime { ahead_ms: Some(1_200), since: Some(NOW) };
        clock_skew.remember(KnownSkew { x_time, ahead_at_most_ms: Some(1_300) });
        clock_skew.observe(NOW, UnixMillis(NOW.0 + 3_000), NOW.0 / 1000);
        assert_eq!(clock_skew.fast_by_ms(), None);
    }

    #[test]
    fn a_doubt_outlives_the_process_and_ends_with_x_s_next_word() {
        let clock_skew = clock_skew();
        let x_time = XTime { ahead_ms: Some(25_200_000), since: Some(NOW) };
        clock_skew.remember(KnownSkew { x_time, ahead_at_most_ms: Some(25_201_000) });
        assert_eq!(clock_skew.fast_by_ms(), Some(25_201_000));
        assert_eq!(clock_skew.confidence(NOW), Confidence::Contradicted { ahead_ms: 25_200_000 });
        clock_skew.observe(NOW, NOW, NOW.0 / 1000);
        assert_eq!(clock_skew.confidence(NOW), Confidence::Confirmed);
    }
}
