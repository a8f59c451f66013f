//! The post that a task works on; no other task takes it.

use std::sync::Arc;

use roost_core::id::{PostId, XUserId};

use crate::shared::Shared;

/// The post in hand while a task works on it; let go of however the task ends.
pub(super) struct InHand {
    pub(super) shared: Arc<Shared>,
    pub(super) post: PostId,
    pub(super) account: XUserId,
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.shared.rate_limiter.finish(self.post, &self.account);
        self.shared.work.notify_one();
    }
}

impl InHand {
    /// Takes a post in hand; nobody else works on it until this is dropped.
    pub(super) fn take(shared: &Arc<Shared>, post: PostId, account: XUserId) -> Self {
        shared.rate_limiter.begin(post, &account);
        Self { shared: Arc::clone(shared), post, account }
    }
}
