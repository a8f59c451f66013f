//! Pause: one flag on the relay, which fences everything. Written down first, so that it survives
//! a dead network.

use roost_core::status::Actor;
use roost_relay_api::{ClientError, Pause};
use roost_store::{Label, NewOutbox, OutboxKind};
use tokio::time::Instant;

use crate::relay::session;
use crate::state::{EngineState, Services};
use crate::sync::outbox;
use crate::{Error, Result};

/// Pauses everything, or goes on. The flag is on the relay when this returns without an error;
/// after one it is tried again until it is.
pub(crate) async fn set(engine: &EngineState, paused: bool) -> Result<()> {
    let intention = NewOutbox {
        kind: OutboxKind::Pause,
        post_id: None,
        revision: None,
        payload: paused.into(),
        actor: Actor::Person,
    };
    let seq = engine
        .write("pause.intend", move |store| {
            store.supersede_pauses()?;
            store.add_step(if paused { Label::Pause } else { Label::Resume }, None, None);
            Ok(store.intend(&intention)?)
        })
        .await?;
    engine.wake.notify_one();
    let services = engine.services()?;
    let _pass = engine.pass_lock.lock().await;
    // A turn that was under way may have tried it without success, and put it off.
    engine.write("pause.hurry", |store| Ok(store.outbox_hurry()?)).await?;
    outbox::pauses(engine, &services).await?;
    if engine.read(move |store| store.outbox_is_open(seq)).await? {
        return Err(Error::PauseNotHeard);
    }
    Ok(())
}

/// HTTP's "no such route": a relay of an earlier release.
const NO_SUCH_ROUTE: u16 = 404;

/// Has the relay try at once whatever waits for X, an app or an account.
pub(crate) async fn try_now(engine: &EngineState, services: &Services) -> Result<()> {
    let asked = Instant::now();
    let answer = match services.relay.try_now().await {
        Err(error) if is_no_such_route(&error) => {
            let status = session::status(engine, services).await?;
            // There a resume does the same, and is only to be sent where nothing is paused.
            if status.paused {
                return Err(Error::Relay(error));
            }
            services.relay.pause(Pause { paused: false }).await
        }
        answer => answer,
    };
    let status = engine.relay_answered(asked, answer)?;
    session::record_status(engine, &status, asked);
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
