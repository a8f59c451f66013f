//! The horizon: until when posts are handed over.

use roost_core::clock::UnixMillis;
use roost_core::window::{self, Window};
use roost_core::zone::Zone;

use crate::state::EngineState;
use crate::{Result, preferences};

/// The windows to hand over, the current one first.
pub(crate) async fn windows(engine: &EngineState) -> Result<Vec<Window>> {
    let preferences = preferences::get(engine).await?;
    let zone = Zone::parse(&preferences.zone)?;
    let count = usize::try_from(preferences.horizon_windows).unwrap_or(1);
    Ok(window::horizon(engine.now(), &zone, count))
}

/// The first instant beyond the horizon.
pub(crate) async fn end(engine: &EngineState) -> Result<UnixMillis> {
    Ok(windows(engine).await?.last().map_or(engine.now(), |window| window.end))
}
