//! Pauses after the relay's database changed. A relay that lost it knows of no pause, and one that was
//! restored knows old ones: it is told what the person last wanted before the manifest lets it post.

use std::collections::BTreeSet;

use roost_relay_api::{OrderedPause, Pause, PauseOrder, RelayStatus};
use tokio::time::Instant;

use crate::paused::{self, Paused};
use crate::state::{EngineState, Services};
use crate::{Change, Result};

/// Tells a relay whose database is a new one what is paused here. Returns its last answer.
pub(super) async fn repeat(
    engine: &EngineState,
    services: &Services,
    status: &RelayStatus,
) -> Result<Option<RelayStatus>> {
    let (wanted, number) =
        engine.read(|store| Ok((paused::known(store)?, store.newest_pause()?))).await?;
    let Some(wanted) = wanted else { return Ok(None) };
    let mut last = None;
    let order = Some(PauseOrder { store_id: engine.store.id(), number });
    let said = |paused| OrderedPause { pause: Pause { paused }, order };
    if wanted.everything != status.paused {
        let asked = Instant::now();
        let answer = services.relay.pause_in_order(said(wanted.everything)).await;
        last = Some(engine.relay_answered(asked, answer)?);
    }
    let known: BTreeSet<_> = status.paused_accounts.iter().cloned().collect();
    for account in wanted.accounts.symmetric_difference(&known) {
        let asked = Instant::now();
        let paused = wanted.accounts.contains(account);
        let answer = services.relay.pause_account(account, said(paused)).await;
        last = Some(engine.relay_answered(asked, answer)?);
    }
    Ok(last)
}

/// Takes in what the relay says is paused: another desktop may have said so. What was pressed here and
/// has not reached the relay is newer.
pub(super) async fn learn(engine: &EngineState, status: &RelayStatus) -> Result<()> {
    let told = Paused {
        everything: status.paused,
        accounts: status.paused_accounts.iter().cloned().collect(),
    };
    let is_news = {
        let told = told.clone();
        engine.read(move |store| Ok(paused::get(store)? != told && !store.is_pause_open()?)).await?
    };
    if !is_news {
        return Ok(());
    }
    engine
        .write("pause.learned", move |store| {
            if !store.is_pause_open()? {
                paused::save(store, &told)?;
            }
            Ok(())
        })
        .await?;
    engine.publish(Change::Accounts);
    engine.publish(Change::Sync);
    Ok(())
}
