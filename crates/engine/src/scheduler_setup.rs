//! Which scheduler calls the relay: shown, tried and chosen.

use crate::relay::signing_keys;
use crate::state::EngineState;
use crate::view::{SchedulerKind, SchedulerNow};
use crate::{Error, Mode, Result};

/// Returns which scheduler is in use. The relay is asked whether it has one inside; that it can't be
/// reached is no error.
pub(crate) async fn now(engine: &EngineState) -> Result<SchedulerNow> {
    if engine.mode() == Mode::ThisComputer {
        let url =
            engine.services().ok().and_then(|it| Some(it.scheduler().ok()?.base().to_owned()));
        let kind = SchedulerKind::ThisComputer;
        return Ok(SchedulerNow { kind, url, relay_has_own: None });
    }
    let services = engine.services()?;
    let told = match signing_keys::state(engine, &services).await {
        Err(Error::Relay(_)) => None,
        told => told?,
    };
    let url = services.scheduler().ok().map(|scheduler| scheduler.base().to_owned());
    let kind = match &url {
        None => SchedulerKind::None,
        Some(_) if services.uses_relays_scheduler() => SchedulerKind::Relay,
        Some(_) => SchedulerKind::Qstash,
    };
    Ok(SchedulerNow { kind, url, relay_has_own: told.map(|state| state.own) })
}
