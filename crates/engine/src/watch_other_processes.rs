//! Notices what other processes write to the store: `roost` beside an open window.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use roost_store::{Account, Error as StoreError, Read, Watch};
use tokio::runtime::Handle;

use crate::preferences::ZONE;
use crate::state::EngineState;
use crate::view::Change;
use crate::{Error, Result};

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

/// Tells listeners what changes in the store, until the engine is gone. A look costs one read of shared
/// memory: what another process wrote is told within a second.
async fn watch(engine: Weak<EngineState>) {
    let mut begun = None;
    loop {
        let Some(engine) = engine.upgrade() else { return };
        let looked = match &mut begun {
            Some(watched) => look(&engine, watched).await,
            None => begin(&engine).await.map(|watched| begun = Some(watched)),
        };
        if let Err(error) = looked {
            tracing::warn!(%error, "changes could not be read; they are looked for again");
        }
        let beat = engine.beat;
        drop(engine);
        beat.next().await;
    }
}

/// What was seen of the store.
struct Watched {
    watch: Watch,
    aside: Aside,
    /// A change was noticed that could not be read yet: the mark of it is seen only once.
    is_unread: bool,
}

async fn begin(engine: &Arc<EngineState>) -> Result<Watched> {
    let (store, feed) = (engine.store.clone(), engine.changes.clone());
    engine
        .blocking(move || {
            let watch = store.watch()?;
            // What was written since the listener came.
            feed.catch_up(&store)?;
            let aside = store.read(Aside::read)?;
            Ok(Watched { watch, aside, is_unread: false })
        })
        .await
}

async fn look(engine: &Arc<EngineState>, watched: &mut Watched) -> Result<()> {
    watched.is_unread |= watched.watch.changed()?;
    if !watched.is_unread {
        return Ok(());
    }
    let (store, feed) = (engine.store.clone(), engine.changes.clone());
    let (posts, now) = engine
        .blocking(move || {
            let posts = feed.catch_up(&store)?;
            Ok::<_, Error>((posts, store.read(Aside::read)?))
        })
        .await?;
    watched.is_unread = false;
    let mut changes = now.changes(&watched.aside);
    if !posts && changes.is_empty() {
        // Settings, runs and intentions stand in the status bar.
        changes.push(Change::Sync);
    }
    watched.aside = now;
    changes.into_iter().for_each(|change| engine.publish(change));
    Ok(())
}
