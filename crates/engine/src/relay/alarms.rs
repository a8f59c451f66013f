//! The relay's alarms: where they go, what stands, and a test.

use roost_relay_api::{AlarmTest, AlarmsStatus};
use tokio::time::Instant;

use crate::Result;
use crate::state::EngineState;

/// Returns where alarms go, and what is wrong now.
pub(crate) async fn status(engine: &EngineState) -> Result<AlarmsStatus> {
    let (services, asked) = (engine.services()?, Instant::now());
    engine.relay_answered(asked, services.relay.alarms().await)
}

/// Has the relay send a test through every channel. How long that takes says nothing of the relay.
pub(crate) async fn test(engine: &EngineState) -> Result<Vec<AlarmTest>> {
    let services = engine.services()?;
    Ok(services.relay.test_alarms().await?)
}
