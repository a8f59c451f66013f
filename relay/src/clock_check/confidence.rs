//! How far the clock may be trusted at this moment.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::UnixMillis;

use super::{Agreement, is_near};
use crate::shared::Shared;

/// How long a delivery waits for X's time.
const PATIENCE: Duration = Duration::from_secs(5);

/// How far this clock may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// X agreed with it a moment ago.
    Sure,
    /// X is to be asked first.
    Open,
    /// X was asked a moment ago and told no time; nobody contradicts.
    Alone {
        /// X can be reached: what is sent by this clock goes out.
        x_answers: bool,
    },
    /// X contradicts: this clock is ahead by so many milliseconds, or behind.
    Wrong {
        /// This clock minus X's.
        ahead: i64,
    },
}

impl Trust {
    /// Whether a post may be called too late. Nothing is lost with it that one click does not
    /// bring back, so it does not need X's word; a contradiction is enough to leave it.
    pub(crate) const fn may_end_posts(self) -> bool {
        matches!(self, Self::Sure | Self::Alone { .. })
    }

    /// Whether posts that nobody called may be taken up. They would go out with X's next answer,
    /// so X has to have agreed before, unless it tells its time to nobody.
    pub(crate) const fn may_take_up(self) -> bool {
        matches!(self, Self::Sure | Self::Alone { x_answers: true })
    }
}

impl Agreement {
    pub(crate) fn trust(&self, now: UnixMillis) -> Trust {
        if self.is_rehearsal {
            return Trust::Sure;
        }
        let state = self.lock();
        match state.word {
            Some(word) if word.is_off() => Trust::Wrong { ahead: word.ahead() },
            Some(word) if word.at.is_some_and(|at| is_near(at, now)) => Trust::Sure,
            _ => {
                let asked = state.asked.is_some_and(|at| is_near(at, now)) && !state.asking;
                match state.x_answers {
                    Some(x_answers) if asked && !state.questioned => Trust::Alone { x_answers },
                    _ => Trust::Open,
                }
            }
        }
    }

    /// A good signature came from another time.
    pub(crate) fn question(&self, now: UnixMillis) {
        if self.trust(now) != Trust::Sure {
            self.lock().questioned = true;
        }
    }

    /// Whether X is to be asked now, by the caller: once a minute at the most, and again after
    /// this clock was set.
    fn may_ask(&self, now: UnixMillis) -> bool {
        let mut state = self.lock();
        let heard = state.word.and_then(|word| word.at).is_some_and(|at| is_near(at, now));
        if self.is_rehearsal
            || state.asking
            || heard
            || state.asked.is_some_and(|at| is_near(at, now))
        {
            return false;
        }
        (state.asking, state.asked) = (true, Some(now));
        true
    }

    fn asked(&self, answered: bool) {
        let mut state = self.lock();
        (state.asking, state.x_answers) = (false, Some(answered));
        state.is_answered = true;
    }

    /// Whether X answered when it was last asked.
    pub(crate) fn x_answers(&self) -> bool {
        self.lock().x_answers == Some(true)
    }

    /// Whether X was asked and answered, or did not, since this was called last.
    pub(crate) fn took_answer(&self) -> bool {
        std::mem::take(&mut self.lock().is_answered)
    }
}

/// Asks X for its time, beside everything else, unless that was done a moment ago.
pub(crate) fn ask(shared: &Arc<Shared>) {
    if shared.agreement.may_ask(shared.now()) {
        tokio::spawn(knock(Arc::clone(shared)));
    }
}

/// Asks X for its time and waits a little for it, unless that was done a moment ago.
pub(crate) async fn ask_now(shared: &Arc<Shared>) {
    if shared.agreement.may_ask(shared.now()) {
        let knocking = tokio::spawn(knock(Arc::clone(shared)));
        // Whoever gave the delivery up has gone; the answer counts all the same.
        let _ = tokio::time::timeout(PATIENCE, knocking).await;
    }
}

async fn knock(shared: Arc<Shared>) {
    // Whatever X answers, its time stands on it: see `Hearing`.
    let answered = match shared.x.knock().await {
        Ok(()) => true,
        Err(failure) => failure.status.is_some(),
    };
    shared.agreement.asked(answered);
    shared.work.notify_one();
}
