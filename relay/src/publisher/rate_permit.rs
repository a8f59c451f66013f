//! A place among the calls that X's limits count.

use std::sync::Arc;

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;

use super::rate_limiter::Owner;
use crate::shared::Shared;

/// Taken before a call is made, so that the next post sees it; given back unless the call left:
/// X does not count what never reached it.
pub(super) struct Place {
    shared: Arc<Shared>,
    account: XUserId,
    client_id: String,
    at: UnixMillis,
    used: bool,
}

impl Place {
    pub(super) fn take(shared: &Arc<Shared>, owner: Owner<'_>, now: UnixMillis) -> Self {
        shared.lanes.count(owner, now);
        Self {
            shared: Arc::clone(shared),
            account: owner.account.clone(),
            client_id: owner.client_id.to_owned(),
            at: now,
            used: false,
        }
    }

    /// The call left; it counts.
    pub(super) fn used(mut self) {
        self.used = true;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.used {
            self.shared.lanes.give_back(&self.account, &self.client_id, self.at);
        }
    }
}
