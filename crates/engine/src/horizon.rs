//! The horizon: until when posts are handed over.

use roost_core::clock::UnixMillis;
use roost_core::window::{self, Window};
use roost_core::zone::Zone;
use roost_relay_api::Coverage;
use tokio::time::Instant;

use crate::relay::session;
use crate::state::{EngineState, Services};
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

/// Tells the relay until when it is covered, and how many posts wait beyond.
pub(crate) async fn tell(engine: &EngineState, services: &Services, end: UnixMillis) -> Result<()> {
    let coverage = engine
        .read(move |store| {
            let until = store.first_here()?.map_or(end, |first| first.min(end));
            Ok(Coverage { until, posts_beyond: store.posts_beyond(end)? })
        })
        .await?;
    let asked = Instant::now();
    let status = engine.relay_answered(asked, services.relay.coverage(coverage).await)?;
    session::record_status(engine, &status, asked);
    Ok(())
}
