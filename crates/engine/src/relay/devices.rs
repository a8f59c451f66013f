//! The computers that may speak to the relay.

use roost_relay_api::PairedDevice;
use tokio::time::Instant;

use crate::Result;
use crate::state::EngineState;

/// Returns the computers that the relay knows by a key, by name.
pub(crate) async fn list(engine: &EngineState) -> Result<Vec<PairedDevice>> {
    let (services, asked) = (engine.services()?, Instant::now());
    engine.relay_answered(asked, services.relay.devices().await)
}

/// Takes a computer's key away.
pub(crate) async fn revoke(engine: &EngineState, name: &str) -> Result<()> {
    let services = engine.services()?;
    Ok(services.relay.revoke(name).await?)
}
