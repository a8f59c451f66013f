//! Pause: one flag on the relay, which fences everything. Written down first, so that it survives
//! a dead network.

use roost_core::status::Actor;
use roost_store::{NewOutbox, OutboxKind};

use crate::inner::Inner;
use crate::{Error, Result, outbox};

/// Pauses everything, or goes on. The flag is on the relay when this returns without an error;
/// after one it is tried again until it is.
pub(crate) async fn set(inner: &Inner, paused: bool) -> Result<()> {
    let intention = NewOutbox {
        kind: OutboxKind::Pause,
        post_id: None,
        revision: None,
        payload: paused.into(),
        actor: Actor::Person,
    };
    let seq = inner
        .write("pause.intend", move |store| {
            store.supersede_pauses()?;
            Ok(store.intend(&intention)?)
        })
        .await?;
    inner.wake.notify_one();
    let services = inner.services()?;
    let _turn = inner.turn.lock().await;
    // A turn that was under way may have tried it without success, and put it off.
    inner.write("pause.hurry", |store| Ok(store.outbox_hurry()?)).await?;
    outbox::pauses(inner, &services).await?;
    if inner.read(move |store| store.outbox_is_open(seq)).await? {
        return Err(Error::PauseNotHeard);
    }
    Ok(())
}
