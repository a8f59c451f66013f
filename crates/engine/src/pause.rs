//! Pause: one flag on the relay, which fences everything. Written down first, so that it survives
//! a dead network.

use roost_core::status::Actor;
use roost_relay_api::{ClientError, Pause};
use roost_store::{NewOutbox, OutboxKind};
use tokio::time::Instant;

use crate::inner::{Inner, Services};
use crate::{Error, Result, contact, outbox};

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

/// HTTP's "no such route": a relay of an earlier release.
const NO_SUCH_ROUTE: u16 = 404;

/// Has the relay try at once whatever waits for X, an app or an account.
pub(crate) async fn try_now(inner: &Inner, services: &Services) -> Result<()> {
    let asked = Instant::now();
    let answer = match services.relay.try_now().await {
        Err(error) if is_no_such_route(&error) => {
            let status = contact::status(inner, services).await?;
            // There a resume does the same, and is only to be sent where nothing is paused.
            if status.paused {
                return Err(Error::Relay(error));
            }
            services.relay.pause(Pause { paused: false }).await
        }
        answer => answer,
    };
    let status = inner.relay_answered(asked, answer)?;
    contact::heard(inner, &status, asked);
    Ok(())
}

const fn is_no_such_route(error: &ClientError) -> bool {
    match error {
        ClientError::Garbled { status, .. } | ClientError::Refused { status, .. } => {
            *status == NO_SUCH_ROUTE
        }
        ClientError::Unreachable { .. } | ClientError::Unusable(_) => false,
    }
}
