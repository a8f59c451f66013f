//! The horizon: until when posts are handed over.

use roost_core::clock::UnixMillis;
use roost_core::window::{self, Window};
use roost_core::zone::Zone;
use roost_relay_api::Coverage;
use tokio::time::Instant;

use crate::inner::{Inner, Services};
use crate::{Result, contact, preferences};

/// The windows to hand over, the current one first.
pub(crate) async fn windows(inner: &Inner) -> Result<Vec<Window>> {
    let preferences = preferences::get(inner).await?;
    let zone = Zone::parse(&preferences.zone)?;
    let count = usize::try_from(preferences.horizon_windows).unwrap_or(1);
    Ok(window::horizon(inner.now(), &zone, count))
}

/// The first instant beyond the horizon.
pub(crate) async fn end(inner: &Inner) -> Result<UnixMillis> {
    Ok(windows(inner).await?.last().map_or(inner.now(), |window| window.end))
}

/// Tells the relay until when it is covered, and how many posts wait beyond.
pub(crate) async fn tell(inner: &Inner, services: &Services, end: UnixMillis) -> Result<()> {
    let coverage = inner
        .read(move |store| {
            let until = store.first_here()?.map_or(end, |first| first.min(end));
            Ok(Coverage { until, posts_beyond: store.posts_beyond(end)? })
        })
        .await?;
    let asked = Instant::now();
    let status = inner.relay_answered(asked, services.relay.coverage(coverage).await)?;
    contact::heard(inner, &status, asked);
    Ok(())
}
