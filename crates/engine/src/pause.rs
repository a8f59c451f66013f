//! Pause: one flag on the relay, which fences everything. Written down first, so that it survives
//! a dead network.

use roost_core::status::Actor;
use roost_store::{NewOutbox, OutboxKind};

use crate::inner::Inner;
use crate::{Result, outbox};

/// Pauses everything, or goes on. The flag is on the relay when this returns without an error;
/// after one it is tried again until it is.
pub(crate) async fn set(inner: &Inner, paused: bool) -> Result<()> {
    inner
        .write("pause.intend", move |store| {
            store.intend(&NewOutbox {
                kind: OutboxKind::Pause,
                post_id: None,
                revision: None,
                payload: paused.into(),
                actor: Actor::Person,
            })?;
            Ok(())
        })
        .await?;
    inner.wake.notify_one();
    let services = inner.services()?;
    let _turn = inner.turn.lock().await;
    outbox::fences(inner, &services).await
}
