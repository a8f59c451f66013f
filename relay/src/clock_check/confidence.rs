//! How far the clock may be trusted at this moment.

use roost_core::clock::UnixMillis;

use super::{ClockSkew, is_near};

/// How far this clock may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confidence {
    /// X agreed with it a moment ago.
    Confirmed,
    /// X is to be asked first.
    Unchecked,
    /// X was asked a moment ago and told no time; nobody contradicts.
    Unanswered {
        /// X can be reached: what is sent by this clock goes out.
        x_answers: bool,
    },
    /// X contradicts: this clock is ahead by so many milliseconds, or behind.
    Contradicted {
        /// This clock minus X's.
        ahead_ms: i64,
    },
}

impl Confidence {
    /// Whether a post may be called too late. Nothing is lost with it that one click does not
    /// bring back, so it does not need X's word; a contradiction is enough to leave it.
    pub(crate) const fn may_end_posts(self) -> bool {
        matches!(self, Self::Confirmed | Self::Unanswered { .. })
    }

    /// Whether posts that nobody called may be taken up. They would go out with X's next answer,
    /// so X has to have agreed before, unless it tells its time to nobody.
    pub(crate) const fn may_take_up(self) -> bool {
        matches!(self, Self::Confirmed | Self::Unanswered { x_answers: true })
    }
}

impl ClockSkew {
    pub(crate) fn confidence(&self, now: UnixMillis) -> Confidence {
        if self.is_rehearsal {
            return Confidence::Confirmed;
        }
        let state = self.lock();
        match state.sample {
            Some(sample) if sample.is_excessive() => {
                Confidence::Contradicted { ahead_ms: sample.ahead_ms() }
            }
            Some(sample) if sample.at.is_some_and(|at| is_near(at, now)) => Confidence::Confirmed,
            _ => {
                let asked = state.asked_at.is_some_and(|at| is_near(at, now)) && !state.is_asking;
                match state.x_answers {
                    Some(x_answers) if asked && !state.is_suspect => {
                        Confidence::Unanswered { x_answers }
                    }
                    _ => Confidence::Unchecked,
                }
            }
        }
    }

    /// A good signature came from another time.
    pub(crate) fn suspect(&self, now: UnixMillis) {
        if self.confidence(now) != Confidence::Confirmed {
            self.lock().is_suspect = true;
        }
    }

    /// Whether X is to be asked now, by the caller: once a minute at the most, and again after
    /// this clock was set.
    pub(crate) fn may_ask(&self, now: UnixMillis) -> bool {
        let mut state = self.lock();
        let heard = state.sample.and_then(|sample| sample.at).is_some_and(|at| is_near(at, now));
        if self.is_rehearsal
            || state.is_asking
            || heard
            || state.asked_at.is_some_and(|at| is_near(at, now))
        {
            return false;
        }
        (state.is_asking, state.asked_at) = (true, Some(now));
        true
    }

    pub(crate) fn note_asked(&self, answered: bool) {
        let mut state = self.lock();
        (state.is_asking, state.x_answers) = (false, Some(answered));
        state.is_answered = true;
    }

    /// Whether X answered when it was last asked.
    pub(crate) fn x_answers(&self) -> bool {
        self.lock().x_answers == Some(true)
    }

    /// Whether X was asked and answered, or did not, since this was called last.
    pub(crate) fn take_answered(&self) -> bool {
        std::mem::take(&mut self.lock().is_answered)
    }
}
