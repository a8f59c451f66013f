//! What is known of relay and scheduler in this process: reached or not, and what they refuse.

use roost_core::clock::UnixMillis;
use roost_relay_api::{ClientError, RefusalCode, RelayStatus};
use tokio::time::Instant;

use super::services::Services;
use crate::Error;
use crate::error::relay_code;
use crate::view::{Reach, Trouble};

/// Nothing is taken as happening now by a clock that is known to differ by more than that.
const NOW_SKEW_MAX_MS: i64 = 5 * 60 * 1000;
/// Nothing is removed for its age by a clock that is not known to be as right as that.
const AGE_SKEW_MAX_MS: i64 = 60 * 60 * 1000;
/// A comparison of clocks is worth nothing later: either may have been set since.
const COMPARED_WITHIN_MS: i64 = 10 * 60 * 1000;

/// What relay and scheduler answered last.
#[derive(Debug, Clone)]
pub(crate) struct ServiceHealth {
    pub(crate) relay: Reach,
    pub(crate) scheduler: Reach,
    pub(crate) syncing: bool,
    pub(crate) paused: bool,
    pub(crate) clock_skew_ms: Option<i64>,
    /// The relay was reached, and refuses whatever this computer asks.
    pub(crate) relay_refusal: Option<Trouble>,
    /// When the scheduler, which refused, is asked again.
    pub(crate) scheduler_next_try: Option<UnixMillis>,
    /// Other endpoints are in use than those whose scheduler refused: what it said is void.
    pub(crate) scheduler_is_new: bool,
    /// What the relay said of itself last.
    pub(crate) relay_status: Option<RelayStatus>,
    /// What keeps it from delivering a due post.
    pub(crate) relay_not_ready: Vec<String>,
    /// When the relay was last seen to know the scheduler's signing keys.
    pub(crate) keys_followed: Option<Instant>,
    /// What only the person can end.
    pub(crate) trouble: Option<Trouble>,
}

/// A service that answers, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Relay,
    Scheduler,
}

/// What an answer, or its absence, says of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answered {
    /// It was reached: it answered, with a refusal perhaps.
    Yes,
    /// It was not, for this reason.
    No(String),
}

impl ServiceHealth {
    /// Returns what is known before the first question.
    pub(super) fn unasked(services: Option<&Services>) -> Self {
        let (relay, scheduler) = reach_before_asking(services);
        Self {
            relay,
            scheduler,
            syncing: false,
            paused: false,
            clock_skew_ms: None,
            relay_refusal: None,
            scheduler_next_try: None,
            scheduler_is_new: false,
            relay_status: None,
            relay_not_ready: Vec::new(),
            keys_followed: None,
            trouble: None,
        }
    }

    /// Forgets what other services said. `are_first` says that this process had none before: the
    /// scheduler's refusal that the store keeps is then of these.
    pub(super) fn services_changed(&mut self, services: Option<&Services>, are_first: bool) {
        (self.relay, self.scheduler) = reach_before_asking(services);
        self.relay_refusal = None;
        self.relay_status = None;
        self.relay_not_ready.clear();
        self.keys_followed = None;
        self.trouble = None;
        self.scheduler_next_try = None;
        self.scheduler_is_new |= !are_first;
    }

    /// Notes that the services were taken away, and why.
    pub(super) fn suspend(&mut self, trouble: Trouble, now: UnixMillis) {
        let reach = Reach::NotReached { since: now, message: trouble.message.clone() };
        self.relay = reach.clone();
        self.scheduler = reach;
        self.trouble = Some(trouble);
    }

    /// Notes whether a service was reached, and how long the answer to what was `asked` took. Returns
    /// whether that is news.
    pub(super) fn record_reachability(
        &mut self,
        service: Service,
        asked: Option<Instant>,
        answered: Answered,
        now: UnixMillis,
    ) -> bool {
        let reach = match service {
            Service::Relay => &mut self.relay,
            Service::Scheduler => &mut self.scheduler,
        };
        let was_reached = matches!(reach, Reach::Reached { .. });
        *reach = match (answered, &*reach) {
            (Answered::No(message), Reach::NotReached { since, .. }) => {
                Reach::NotReached { since: *since, message }
            }
            (Answered::No(message), _) => Reach::NotReached { since: now, message },
            (Answered::Yes, before) => {
                let before = match before {
                    Reach::Reached { latency_ms, .. } => *latency_ms,
                    _ => 0,
                };
                let latency_ms = asked.map_or(before, |asked| {
                    u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX)
                });
                Reach::Reached { at: now, latency_ms }
            }
        };
        was_reached != matches!(reach, Reach::Reached { .. })
    }

    /// Notes whether the relay refuses this computer as a whole; a refusal of one post says nothing.
    /// Returns whether that is news.
    pub(super) fn record_refusal(&mut self, error: Option<&ClientError>) -> bool {
        use RefusalCode::{OtherStore, Unauthorized, Unavailable};
        let refusal = match error.map(|error| (error, error.refusal().map(|it| it.code))) {
            None => None,
            Some((error, Some(Unauthorized | OtherStore | Unavailable))) => {
                let message = Error::Relay(error.clone()).to_string();
                Some(Trouble::new(relay_code(error), message))
            }
            // It was reached and spoke of something else, or it was not reached.
            Some(_) => return false,
        };
        let changed = self.relay_refusal != refusal;
        self.relay_refusal = refusal;
        changed
    }

    /// Returns by how many milliseconds this computer's clock is ahead of the relay's, where that is more
    /// than a few minutes and X does not say that it is the relay's that is wrong.
    pub(crate) fn own_clock_ahead_ms(&self) -> Option<i64> {
        let ahead = self.clock_skew_ms.map(|relay_minus_ours| -relay_minus_ours)?;
        let relay_is_wrong = self.relay_minus_x_ms().is_some_and(|ms| ms.abs() > NOW_SKEW_MAX_MS);
        (ahead.abs() > NOW_SKEW_MAX_MS && !relay_is_wrong).then_some(ahead)
    }

    /// Returns whether this computer's clock is known to be right, to an hour: the relay answered a
    /// moment ago, and its clock agrees with this one and with X's.
    pub(crate) fn is_own_clock_right(&self, now: UnixMillis) -> bool {
        let Reach::Reached { at, .. } = self.relay else { return false };
        let agrees =
            |difference: Option<i64>| difference.is_some_and(|ms| ms.abs() <= AGE_SKEW_MAX_MS);
        (now.0 - at.0).abs() <= COMPARED_WITHIN_MS
            && agrees(self.clock_skew_ms)
            && agrees(self.relay_minus_x_ms())
    }

    fn relay_minus_x_ms(&self) -> Option<i64> {
        let clocks = self.relay_status.as_ref().and_then(|status| status.clocks);
        clocks.and_then(|clocks| clocks.ahead_of_x_ms)
    }

    /// Returns whether nothing can be told to the relay: it does not answer, or refuses this computer.
    pub(crate) const fn relay_is_shut(&self) -> bool {
        matches!(self.relay, Reach::NotReached { .. }) || self.relay_refusal.is_some()
    }
}

fn reach_before_asking(services: Option<&Services>) -> (Reach, Reach) {
    let reach = |known| if known { Reach::NotAsked } else { Reach::NotConfigured };
    let scheduler = services.is_some_and(|services| services.scheduler().is_ok());
    (reach(services.is_some()), reach(scheduler))
}
