//! Bringing results back: polls the feed, and does what the poll asks for.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_store::RelayFeed;

use crate::Result;
use crate::relay::feed::{self, Pulled};
use crate::relay::{account_sync, results, session};
use crate::state::{EngineState, Services};

pub(crate) use crate::relay::feed::LONG_POLL;

/// Posts asked for in one round.
const PAGE: u32 = 500;

/// Reads one page of the feed and applies it; registers this store, or asks for everything, where
/// that is needed first. Waits up to `wait` for something to happen. Returns the number of events.
///
/// # Errors
/// When the relay can't be reached, or the store can't be used.
pub(crate) async fn pull(
    engine: &EngineState,
    services: &Services,
    wait: Duration,
) -> Result<usize> {
    match feed::pull(engine, services, wait).await? {
        Pulled::Events(count) => return Ok(count),
        Pulled::NeedsRegistration => {
            session::ensure_registered(engine, services).await?;
        }
        Pulled::CursorGone => resync(engine, services).await?,
    }
    Ok(0)
}

/// Reads the feed until nothing new is in it.
///
/// # Errors
/// When the relay can't be reached, or the store can't be used.
pub(crate) async fn pull_all(engine: &EngineState, services: &Services) -> Result<()> {
    while pull(engine, services, Duration::ZERO).await? > 0 {}
    Ok(())
}

/// Asks for every post that is not decided, and goes on reading the feed from its end.
async fn resync(engine: &EngineState, services: &Services) -> Result<()> {
    let status = session::status(engine, services).await?;
    let since = UnixMillis(0);
    let mut after_seq = 0;
    loop {
        let page = engine.read(move |store| store.ever_offered(since, after_seq, PAGE)).await?;
        let ids: Vec<PostId> =
            page.iter().filter(|post| !post.status.is_decided()).map(|post| post.id).collect();
        results::look_up(engine, services, &ids).await?;
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after_seq = last.seq,
            _ => break,
        }
    }
    account_sync::refresh(engine, services).await?;
    let name = services.relay_public_url.clone();
    let feed = RelayFeed { epoch: status.epoch.0, cursor: status.head };
    engine.write("results.resync", move |store| Ok(store.save_relay_feed(&name, &feed)?)).await
}
