//! The relay's feed of events, read by long poll from the store's cursor.

use std::time::Duration;

use roost_relay_api::{ClientError, EventKind, EventPage, RefusalCode};
use roost_store::RelayFeed;

use crate::Result;
use crate::diagnosis::holds;
use crate::relay::effects::Effects;
use crate::relay::{account_sync, results};
use crate::state::{EngineState, Services};

/// Events in one page.
const PAGE: u32 = 500;
/// How long the relay holds an answer when nothing happens.
pub(crate) const LONG_POLL: Duration = Duration::from_secs(25);

/// What became of one poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pulled {
    /// So many events were applied.
    Events(usize),
    /// The relay's database is not the one that the cursor belongs to, or the store was restored: the
    /// store has to be registered with the relay first.
    NeedsRegistration,
    /// The cursor is older than what the relay keeps: everything has to be asked for.
    CursorGone,
}

/// Reads one page of the feed and applies it. Waits up to `wait` for something to happen. Takes no
/// lock but the store's: what its answer asks for is the caller's to do.
///
/// # Errors
/// When the relay can't be reached, or the store can't be used.
pub(super) async fn pull(
    engine: &EngineState,
    services: &Services,
    wait: Duration,
) -> Result<Pulled> {
    let name = services.relay_public_url.clone();
    let feed = engine
        .read(move |store| match store.restored_mark()? {
            // Old news would be taken for what holds: the posts themselves are asked for first.
            Some(_) => Ok(None),
            None => store.relay_feed(&name),
        })
        .await?;
    let Some(feed) = feed else { return Ok(Pulled::NeedsRegistration) };
    let answer = services.relay.events(feed.cursor, PAGE, wait).await;
    if answer.as_ref().err().is_some_and(is_gone) {
        return Ok(Pulled::CursorGone);
    }
    let page = engine.relay_polled(answer)?;
    if page.epoch.0 != feed.epoch || page.head < feed.cursor {
        return Ok(Pulled::NeedsRegistration);
    }
    let count = page.events.len();
    if count > 0 {
        apply_page(engine, services, page).await?;
    }
    Ok(Pulled::Events(count))
}

fn is_gone(error: &ClientError) -> bool {
    error.refusal().is_some_and(|refusal| refusal.code == RefusalCode::CursorGone)
}

/// Applies a page in one transaction with the cursor, so that nothing is effects half.
async fn apply_page(engine: &EngineState, services: &Services, page: EventPage) -> Result<()> {
    let name = services.relay_public_url.clone();
    let effects = Effects::begin(engine).await?;
    let effects = engine
        .write("results.events", move |store| {
            let mut effects = effects;
            for event in page.events {
                match event.kind {
                    EventKind::Delivery { delivery } => {
                        results::apply_delivery(store, &name, &delivery, &mut effects)?;
                    }
                    EventKind::Account { account } => {
                        account_sync::apply_reported(store, &account, &mut effects)?;
                    }
                }
            }
            let feed = RelayFeed { epoch: page.epoch.0, cursor: page.cursor };
            store.save_relay_feed(&name, &feed)?;
            effects.notices |= holds::follow(store, effects.got_through)?;
            Ok(effects)
        })
        .await?;
    effects.publish(engine);
    Ok(())
}
