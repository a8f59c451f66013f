//! Flow control keys that nothing belongs to any more: an application may use one for each of its
//! users.

use std::sync::Arc;

use crate::error::Error;
use crate::shared::Shared;
use crate::store::{Message, Write};

/// Forgets every key without live messages, decisions or a running period, some at a time. Each
/// look takes a turn among the writes: whatever is accepted is either on disk before, and keeps
/// its key, or makes it anew after.
pub(super) async fn collect(shared: Arc<Shared>) {
    let mut after: Option<Arc<str>> = None;
    loop {
        let now = shared.now();
        let (idle, last) = shared.timer.idle_flow_keys(after.as_deref(), now);
        if last.is_none() {
            return;
        }
        after = last;
        if idle.is_empty() {
            continue;
        }
        let forgetting = shared.database.write("flow-keys-forget", move |write: &mut Write<'_>| {
            let mut unused = Vec::with_capacity(idle.len());
            for key in idle {
                if !Message::have_flow(write.connection, &key)? {
                    unused.push(key);
                }
            }
            write.forget_flow_keys(unused, now);
            Ok(())
        });
        match forgetting.await {
            Ok(()) => {}
            Err(Error::Stopping) => return,
            Err(error) => {
                tracing::error!(%error, "unused flow control keys could not be forgotten");
                return;
            }
        }
    }
}
