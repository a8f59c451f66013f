//! The scheduler's signing keys, which the relay must know: this computer has the token that opens them, asks
//! for them, and sends them over the paired channel. Rotated keys are noticed by asking again.

use std::time::Duration;

use roost_relay_api::{ClientError, RefusalCode, SchedulerKeys, SchedulerState};
use tokio::time::Instant;

use crate::state::{EngineState, Services};
use crate::view::KeysAtRelay;
use crate::{Endpoint, Error, Mode, Result, Secret};

/// How often the scheduler is asked whether its keys were rotated. The relay takes the current and the next
/// one, so that one rotation in between loses nothing.
const FOLLOW_EVERY: Duration = Duration::from_hours(1);

/// Sees to it that the relay knows the keys that the scheduler in use signs with.
pub(crate) async fn follow(engine: &EngineState, services: &Services) -> Result<KeysAtRelay> {
    let scheduler = services.scheduler()?;
    if engine.mode() == Mode::ThisComputer || services.uses_relays_scheduler() {
        return Ok(KeysAtRelay::OwnScheduler);
    }
    let asked = Instant::now();
    let keys = engine.scheduler_answered(asked, scheduler.keys().await)?;
    let told = tell(engine, services, &keys).await?;
    engine.health().keys_followed = Some(Instant::now());
    Ok(told)
}

/// The same, where it was not done for an hour.
pub(crate) async fn follow_if_due(engine: &EngineState, services: &Services) -> Result<()> {
    let followed = engine.health().keys_followed;
    if followed.is_some_and(|at| at.elapsed() < FOLLOW_EVERY) {
        return Ok(());
    }
    follow(engine, services).await.map(drop)
}

/// Asks a scheduler that is not in use yet for its keys, which tells whether its token is good, and sends
/// them to the relay. Nothing else changes.
pub(crate) async fn try_out(engine: &EngineState, endpoint: &Endpoint) -> Result<KeysAtRelay> {
    let services =
        engine.services()?.with_scheduler(endpoint, engine.config.transports.as_ref())?;
    let keys = services.scheduler()?.keys().await?;
    if services.uses_relays_scheduler() {
        return Ok(KeysAtRelay::OwnScheduler);
    }
    tell(engine, &services, &keys).await
}

/// Sends the keys where the relay does not take them yet.
async fn tell(
    engine: &EngineState,
    services: &Services,
    keys: &roost_qstash::SigningKeys,
) -> Result<KeysAtRelay> {
    let keys = SchedulerKeys { current: keys.current.clone(), next: keys.next.clone() };
    let Some(state) = state(engine, services).await? else { return Ok(KeysAtRelay::RelayIsOlder) };
    if state.keys.contains(&keys.digest()) {
        return Ok(KeysAtRelay::Known);
    }
    let asked = Instant::now();
    let answer = services.relay.send_scheduler_keys(&keys).await;
    engine.relay_answered(asked, answer)?;
    tracing::info!("the relay was sent the scheduler's signing keys");
    Ok(KeysAtRelay::Sent)
}

/// Returns whose deliveries the relay takes; none where it is of an earlier release and does not tell.
pub(crate) async fn state(
    engine: &EngineState,
    services: &Services,
) -> Result<Option<SchedulerState>> {
    let asked = Instant::now();
    match services.relay.scheduler().await {
        Err(error) if is_older(&error) => Ok(None),
        answer => engine.relay_answered(asked, answer).map(Some),
    }
}

/// Returns the scheduler inside the relay, with the token that opens it.
pub(crate) async fn relays_own(engine: &EngineState) -> Result<Endpoint> {
    let (services, asked) = (engine.services()?, Instant::now());
    match services.relay.scheduler_token().await {
        Err(error) if is_older(&error) => Err(Error::SchedulerKeysUnknown),
        Err(error) if error.refusal().is_some_and(|it| it.code == RefusalCode::NotFound) => {
            Err(Error::NoOwnScheduler)
        }
        answer => {
            let token = engine.relay_answered(asked, answer)?.token;
            let url = services.relay.base().as_str().trim_end_matches('/').to_owned();
            Ok(Endpoint { url, bearer: Secret::new(token) })
        }
    }
}

/// Whether a relay knows no such route. One with a scheduler inside hands what it does not know to that,
/// which asks for its own token.
pub(crate) const fn is_older(error: &ClientError) -> bool {
    matches!(error, ClientError::Garbled { status: 401 | 404 | 405, .. })
}
