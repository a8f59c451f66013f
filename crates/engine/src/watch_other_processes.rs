//! Notices what other processes write to the store: `roost` beside an open window.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use roost_store::{Account, Error as StoreError, Read, Watch};
use tokio::runtime::Handle;

use crate::preferences::ZONE;
use crate::state::{EngineState, blocking};
use crate::view::Change;
use crate::{Error, Result};

/// Between two looks, each of which costs one read of shared memory: what another process wrote is told
/// within a second.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What is shown and has no events of its own.
#[derive(Debug, PartialEq)]
struct Aside {
    zone: Option<String>,
    accounts: Vec<Account>,
    newest_notice: Option<i64>,
    unread_notices: u64,
}

impl Aside {
    fn read(store: &Read<'_>) -> std::result::Result<Self, StoreError> {
        Ok(Self {
            zone: store.setting(ZONE)?,
            accounts: store.accounts()?,
            newest_notice: store.notifications(false, 1)?.first().map(|notice| notice.seq),
            unread_notices: store.unread_notifications()?,
        })
    }

    /// Returns what a listener is told of the difference.
    fn changes(&self, before: &Self) -> Vec<Change> {
        let notices = |it: &Self| (it.newest_notice, it.unread_notices);
        let differences = [
            (self.zone != before.zone, Change::Everything),
            (self.accounts != before.accounts, Change::Accounts),
            (notices(self) != notices(before), Change::Notices),
        ];
        let told = differences.into_iter().filter(|(differs, _)| *differs);
        told.map(|(_, change)| change).collect()
    }
}

/// Notices from here on what other processes write, when this is called in a Tokio runtime.
pub(crate) fn start_once(engine: &Arc<EngineState>) {
    if let Ok(runtime) = Handle::try_current()
        && !engine.is_watched.swap(true, Ordering::SeqCst)
    {
        runtime.spawn(watch(Arc::downgrade(engine)));
    }
}

/// Tells listeners what changes in the store, until the engine is gone.
async fn watch(engine: Weak<EngineState>) {
    let begun = match engine.upgrade() {
        Some(engine) => begin(&engine).await,
        None => return,
    };
    let (mut watch, mut aside) = match begun {
        Ok(begun) => begun,
        Err(error) => return tracing::warn!(%error, "changes of other processes are not noticed"),
    };
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(engine) = engine.upgrade() else { return };
        match look(&engine, &mut watch, &mut aside).await {
            Ok(()) => {}
            Err(error) => tracing::warn!(%error, "changes could not be read"),
        }
    }
}

async fn begin(engine: &Arc<EngineState>) -> Result<(Watch, Aside)> {
    let (store, feed) = (engine.store.clone(), engine.changes.clone());
    blocking(move || {
        let watch = store.watch()?;
        // What was written since the listener came.
        feed.catch_up(&store)?;
        let aside = store.read(Aside::read)?;
        Ok((watch, aside))
    })
    .await
}

async fn look(engine: &Arc<EngineState>, watch: &mut Watch, aside: &mut Aside) -> Result<()> {
    if !watch.changed()? {
        return Ok(());
    }
    let (store, feed) = (engine.store.clone(), engine.changes.clone());
    let (posts, now) = blocking(move || {
        let posts = feed.catch_up(&store)?;
        Ok::<_, Error>((posts, store.read(Aside::read)?))
    })
    .await?;
    let mut changes = now.changes(aside);
    if !posts && changes.is_empty() {
        // Settings, runs and intentions stand in the status bar.
        changes.push(Change::Sync);
    }
    *aside = now;
    changes.into_iter().for_each(|change| engine.publish(change));
    Ok(())
}
