//! Which pause or resume of a store is the newest: of everything, and of each account.
//!
//! Two processes of one store may speak at once, and a request may be on its way for a while. What
//! was pressed last stands. In memory: no request outlives the process that it was sent to.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::{StoreId, XUserId};
use roost_relay_api::PauseOrder;

/// No request is under way for longer. After it a smaller number is a store that was restored, and
/// not an old request.
const REQUEST_AGE_MAX: Duration = Duration::from_secs(10 * 60);

/// What a store paused: everything, or an account.
type Scope = (StoreId, Option<XUserId>);

/// The newest number of each store and scope, and when it came.
#[derive(Debug, Default)]
pub(crate) struct PauseOrders(Mutex<HashMap<Scope, (i64, UnixMillis)>>);

impl PauseOrders {
    /// Returns whether nothing newer of the store came before about the same (an account; everything
    /// where there is none); then it is the newest.
    pub(crate) fn is_newest(
        &self,
        order: Option<PauseOrder>,
        account: Option<&XUserId>,
        now: UnixMillis,
    ) -> bool {
        let Some(PauseOrder { store_id, number }) = order else { return true };
        let scope = (store_id, account.cloned());
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let older = newest
            .get(&scope)
            .is_some_and(|(last, at)| number < *last && now.since(*at) < REQUEST_AGE_MAX);
        if !older {
            newest.insert(scope, (number, now));
        }
        !older
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pressed_last_stands_whichever_arrives_last() {
        let orders = PauseOrders::default();
        let now = UnixMillis(1_800_000_000_000);
        let (ours, theirs) = (StoreId::new(now), StoreId::new(now));
        let of = |store_id, number| Some(PauseOrder { store_id, number });
        assert!(orders.is_newest(of(ours, 7), None, now));
        assert!(!orders.is_newest(of(ours, 6), None, now), "an older one under way");
        assert!(orders.is_newest(of(ours, 7), None, now), "the same again");
        assert!(orders.is_newest(of(theirs, 1), None, now), "another store counts for itself");
        assert!(orders.is_newest(None, None, now));
        let account = XUserId("42".to_owned());
        assert!(orders.is_newest(of(ours, 3), Some(&account), now), "an account counts for itself");
        assert!(!orders.is_newest(of(ours, 2), Some(&account), now));
        let later = now.plus(REQUEST_AGE_MAX);
        assert!(
            orders.is_newest(of(ours, 2), None, later),
            "a store that was restored counts anew"
        );
    }
}
