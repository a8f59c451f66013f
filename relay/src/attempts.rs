//! Attempts that failed, by client: one that guesses is told to come again later.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use roost_core::clock::UnixMillis;

/// Failures that a client has in each [`WINDOW`].
const FAILURES_MAX: u32 = 10;
/// The time over which failures are counted.
const WINDOW: Duration = Duration::from_secs(60);
/// Clients that are remembered. An IPv6 client is its network of 64 bits, which one person gets.
const CLIENTS_MAX: usize = 4096;

/// Failures since a client's window began.
#[derive(Debug, Clone, Copy)]
struct Failures {
    since: UnixMillis,
    count: u32,
}

/// Failed attempts by client.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<HashMap<IpAddr, Failures>>);

impl Attempts {
    /// Returns whether the client has failed too often of late.
    pub(crate) fn are_too_many(&self, client: Option<IpAddr>, now: UnixMillis) -> bool {
        let Some(client) = client.map(network) else { return false };
        let failures = self.lock().get(&client).copied();
        failures.is_some_and(|it| is_fresh(it, now) && it.count >= FAILURES_MAX)
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, client: Option<IpAddr>, now: UnixMillis) {
        let Some(client) = client.map(network) else { return };
        let mut known = self.lock();
        if known.len() >= CLIENTS_MAX && !known.contains_key(&client) {
            known.retain(|_, failures| is_fresh(*failures, now));
            // Should all be fresh, nobody is remembered longer than memory lasts.
            if known.len() >= CLIENTS_MAX {
                known.clear();
            }
        }
        let failures = known.entry(client).or_insert(Failures { since: now, count: 0 });
        if !is_fresh(*failures, now) {
            *failures = Failures { since: now, count: 0 };
        }
        failures.count = failures.count.saturating_add(1);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh(failures: Failures, now: UnixMillis) -> bool {
    now.since(failures.since) < WINDOW
}

/// What one client can have: an address, or a network of IPv6.
fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => {
            IpAddr::V6(std::net::Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_guesses_waits_and_others_do_not() {
        let attempts = Attempts::default();
        let (client, other) = (Some([10, 0, 0, 1].into()), Some([10, 0, 0, 2].into()));
        let now = UnixMillis(1_000_000);
        for _ in 0..FAILURES_MAX {
            assert!(!attempts.are_too_many(client, now));
            attempts.failed(client, now);
        }
        assert!(attempts.are_too_many(client, now));
        assert!(!attempts.are_too_many(other, now));
        assert!(!attempts.are_too_many(client, now.plus(WINDOW)));
        attempts.failed(client, now.plus(WINDOW));
        assert!(!attempts.are_too_many(client, now.plus(WINDOW)));
    }

    #[test]
    fn a_crowd_of_clients_takes_no_memory_without_end() {
        let attempts = Attempts::default();
        for number in 0..2 * u32::try_from(CLIENTS_MAX).expect("few") {
            attempts.failed(Some(IpAddr::V4(number.into())), UnixMillis(1));
        }
        assert!(attempts.lock().len() <= CLIENTS_MAX);
        let one = |last: u16| Some(IpAddr::from([0xfd00, 0, 0, 0, 0, 0, 0, last]));
        for last in 0..FAILURES_MAX {
            attempts.failed(one(u16::try_from(last).expect("few")), UnixMillis(1));
        }
        assert!(attempts.are_too_many(one(99), UnixMillis(1)), "one network is one client");
    }
}
