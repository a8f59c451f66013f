//! Test deliveries that are waited for. They live in memory: a restart forgets them, and the computer that
//! asked begins anew.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_relay_api::{DeliveryRefusal, ProbeArrival, RefusedFor};
use tokio::sync::Notify;

/// Tests at a time; the oldest goes first.
const PROBES_MAX: usize = 16;
/// How long a test is waited for.
const PROBE_LIFE: Duration = Duration::from_mins(10);

/// A test delivery.
#[derive(Debug, Clone)]
struct Probe {
    began_at: UnixMillis,
    arrival: Option<ProbeArrival>,
}

/// The test deliveries, and the last delivery that was refused.
#[derive(Debug, Default)]
pub(crate) struct SelfTests {
    known: Mutex<Known>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Known {
    probes: HashMap<PostId, Probe>,
    refusal: Option<DeliveryRefusal>,
}

/// What is known of a test delivery.
#[derive(Debug, Clone)]
pub(crate) struct ProbeState {
    pub(crate) arrival: Option<ProbeArrival>,
    /// The last refusal since it began.
    pub(crate) refusal: Option<DeliveryRefusal>,
}

impl SelfTests {
    /// Waits for a test delivery from now on. Returns what it has to name.
    pub(crate) fn begin(&self, now: UnixMillis) -> PostId {
        let probe = PostId::new(now);
        let mut known = self.lock();
        known.probes.retain(|_, it| now.since(it.began_at) < PROBE_LIFE);
        while known.probes.len() >= PROBES_MAX {
            let oldest = known.probes.iter().min_by_key(|(_, it)| it.began_at).map(|(id, _)| *id);
            let Some(oldest) = oldest else { break };
            known.probes.remove(&oldest);
        }
        known.probes.insert(probe, Probe { began_at: now, arrival: None });
        probe
    }

    /// Takes a delivery for what it names, where that is a test. Returns whether it is one.
    pub(crate) fn arrive(&self, probe: PostId, arrival: ProbeArrival) -> bool {
        let mut known = self.lock();
        let Some(found) = known.probes.get_mut(&probe) else { return false };
        found.arrival.get_or_insert(arrival);
        drop(known);
        self.arrived.notify_waiters();
        true
    }

    /// Notes why a delivery was refused.
    pub(crate) fn refused(&self, kind: RefusedFor, reason: &str, now: UnixMillis) {
        let refusal = DeliveryRefusal { at: now, kind, reason: reason.to_owned() };
        let is_waited_for = {
            let mut known = self.lock();
            known.refusal = Some(refusal);
            !known.probes.is_empty()
        };
        if is_waited_for {
            self.arrived.notify_waiters();
        }
    }

    /// Returns what is known of a test; none where there is no such test any more.
    pub(crate) fn state(&self, probe: PostId) -> Option<ProbeState> {
        let known = self.lock();
        let found = known.probes.get(&probe)?;
        let since = found.began_at;
        let refusal = known.refusal.clone().filter(|refusal| refusal.at >= since);
        Some(ProbeState { arrival: found.arrival.clone(), refusal })
    }

    /// The same as soon as the delivery is there or one was refused, or after `patience`.
    pub(crate) async fn wait(&self, probe: PostId, patience: Duration) -> Option<ProbeState> {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            // Listens before it looks, so that no arrival in between is missed.
            let arrived = self.arrived.notified();
            let state = self.state(probe)?;
            if state.arrival.is_some() || state.refusal.is_some() {
                return Some(state);
            }
            if tokio::time::timeout_at(deadline, arrived).await.is_err() {
                return self.state(probe);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
