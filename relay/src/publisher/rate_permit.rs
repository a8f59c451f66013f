//! A place among the calls that X's limits count.

use std::sync::Arc;

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;

use crate::rate_limiter::RateKey;
use crate::shared::Shared;

/// Taken before a call is made, so that the next post sees it; given back unless the call left:
/// X does not count what never reached it.
pub(super) struct RatePermit {
    shared: Arc<Shared>,
    account: XUserId,
    client_id: String,
    at: UnixMillis,
    is_consumed: bool,
}

impl RatePermit {
    pub(super) fn acquire(shared: &Arc<Shared>, key: RateKey<'_>, now: UnixMillis) -> Self {
        shared.rate_limiter.reserve(key, now);
        Self {
            shared: Arc::clone(shared),
            account: key.account.clone(),
            client_id: key.client_id.to_owned(),
            at: now,
            is_consumed: false,
        }
    }

    /// The call left; it counts.
    pub(super) fn consume(mut self) {
        self.is_consumed = true;
    }
}

impl Drop for RatePermit {
    fn drop(&mut self) {
        if !self.is_consumed {
            self.shared.rate_limiter.release(&self.account, &self.client_id, self.at);
        }
    }
}
