//! What changed in a world, kept for the window to ask for.

use std::time::Duration;

use roost_engine::Change;
use serde_json::Value;
use tokio::sync::watch;

/// How long a question for changes is held open.
const POLL_TIMEOUT: Duration = Duration::from_secs(20);

/// Every change of a world since its beginning, oldest first.
#[derive(Debug)]
pub(crate) struct Changes(watch::Sender<Vec<Value>>);

impl Default for Changes {
    fn default() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }
}

impl Changes {
    /// Adds one.
    pub(crate) fn push(&self, change: &Change) {
        let change = serde_json::to_value(change).unwrap_or_default();
        self.0.send_modify(|all| all.push(change));
    }

    /// Returns those after the first `after`, as soon as there are some; none after a while.
    pub(crate) async fn after(&self, after: usize) -> Vec<Value> {
        let mut receiver = self.0.subscribe();
        let arrived = receiver.wait_for(|all| all.len() > after);
        let found = tokio::time::timeout(POLL_TIMEOUT, arrived).await;
        match found {
            Ok(Ok(all)) => all[after..].to_vec(),
            _ => Vec::new(),
        }
    }
}
