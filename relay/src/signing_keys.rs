//! Whose deliveries count: the scheduler that the relay was started with, and the QStash account whose
//! keys a computer sent.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_qstash::signature::Verifier;
use roost_relay_api::keys_digest;

use crate::config::QstashKeys;

/// How long a pair counts that a computer replaced: a delivery that was signed with it may be on its way,
/// and a signature is over after 5 minutes.
const REPLACED_PAIR_COUNTS_FOR: Duration = Duration::from_mins(10);

/// The pairs of signing keys that are taken. One pair of each kind: another one replaces it.
#[derive(Default)]
pub(crate) struct SigningKeys {
    pairs: RwLock<Pairs>,
}

#[derive(Default)]
struct Pairs {
    /// Of the configuration, or of the scheduler inside the relay.
    own: Option<QstashKeys>,
    /// Sent by a computer.
    sent: Option<QstashKeys>,
    /// What that replaced, and until when it counts.
    replaced: Option<(QstashKeys, UnixMillis)>,
}

impl Pairs {
    /// Returns the pairs that stand.
    fn iter(&self) -> impl Iterator<Item = &QstashKeys> {
        self.own.iter().chain(&self.sent)
    }

    /// Returns the pairs that count, the replaced one among them for a while.
    fn counting(&self, now: UnixMillis) -> impl Iterator<Item = &QstashKeys> {
        let replaced = self.replaced.iter().filter(move |(_, until)| now < *until);
        self.iter().chain(replaced.map(|(pair, _)| pair))
    }
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKeys(…)")
    }
}

impl SigningKeys {
    /// Returns what is known at the start.
    pub(crate) fn new(own: Option<QstashKeys>, sent: Option<QstashKeys>) -> Self {
        Self { pairs: RwLock::new(Pairs { own, sent, replaced: None }) }
    }

    /// Replaces the pair that the relay was started with.
    pub(crate) fn set_own(&self, keys: QstashKeys) {
        self.pairs.write().unwrap_or_else(PoisonError::into_inner).own = Some(keys);
    }

    /// Replaces the pair that a computer sent.
    pub(crate) fn set_sent(&self, keys: QstashKeys, now: UnixMillis) {
        let mut pairs = self.pairs.write().unwrap_or_else(PoisonError::into_inner);
        let before = pairs.sent.replace(keys);
        let until = now.plus(REPLACED_PAIR_COUNTS_FOR);
        pairs.replaced = before.map(|pair| (pair, until));
    }

    /// Returns what judges deliveries; none without keys.
    pub(crate) fn verifier(&self, now: UnixMillis) -> Option<Verifier> {
        let pairs = self.pairs.read().unwrap_or_else(PoisonError::into_inner);
        let add = |verifier: Option<Verifier>, pair: &QstashKeys| {
            let (current, next) = (pair.current.expose(), pair.next.expose());
            Some(match verifier {
                None => Verifier::new(current, next),
                Some(verifier) => verifier.with_pair(current, next),
            })
        };
        pairs.counting(now).fold(None, add)
    }

    /// Returns the digest of each pair.
    pub(crate) fn digests(&self) -> Vec<String> {
        let pairs = self.pairs.read().unwrap_or_else(PoisonError::into_inner);
        pairs.iter().map(|pair| keys_digest(pair.current.expose(), pair.next.expose())).collect()
    }

    /// Returns whether deliveries can be told from forgeries.
    pub(crate) fn is_empty(&self) -> bool {
        self.pairs.read().unwrap_or_else(PoisonError::into_inner).iter().next().is_none()
    }
}
