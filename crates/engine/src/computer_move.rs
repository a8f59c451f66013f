//! Moving to another computer. The store is marked first and copied then: a process that ends in between
//! leaves a store that rests, and never two that hand over the same posts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use roost_core::failure::Code;

use crate::state::EngineState;
use crate::sync::run_lock::RunLock;
use crate::view::Trouble;
use crate::{Change, Error, NextStep, Result};

/// A store that is on its way to another computer: no process hands over for it or writes to it.
#[derive(Debug)]
pub struct Leaving {
    state: Arc<EngineState>,
    _lock: RunLock,
}

/// Marks the store as moved into `file`.
pub(crate) async fn leave(engine: &Arc<EngineState>, file: PathBuf) -> Result<Leaving> {
    // A running loop would hand over what goes away.
    let lock = RunLock::acquire(&engine.config.database)?;
    if let Some(trouble) = engine.moved_trouble() {
        return Err(Error::Withheld(trouble));
    }
    // The new computer asks the relay what it knows; what only this one knows would be lost on the way.
    let store = engine.store.clone();
    if !engine.blocking(move || Ok(store.mark_moved_away(&file)?)).await? {
        let message = "The relay was not told yet of a pause, of its end, or of what you decided about a \
                       post, and another computer could not tell it. Nothing was changed.";
        let trouble = Trouble::new(Code::RelayUnreachable, message);
        return Err(Error::Withheld(trouble.with_steps([NextStep::SyncNow])));
    }
    refresh(engine).await?;
    Ok(Leaving { state: engine.clone(), _lock: lock })
}

impl Leaving {
    /// Takes it back: nothing was moved, and the store is in use as before.
    ///
    /// # Errors
    /// When the store can't be written; then it rests, and is used again by [`crate::Engine::come_back`].
    pub async fn stay(self) -> Result<()> {
        let store = self.state.store.clone();
        self.state.blocking(move || Ok(store.unmark_moved_away()?)).await?;
        refresh(&self.state).await
    }

    /// Writes a whole, checked copy of the store. Blocking.
    ///
    /// # Errors
    /// When it can't be written, or the store is damaged.
    pub fn copy_store(&self, to: &Path) -> Result<()> {
        self.state.store.backup_to(to)?;
        Ok(())
    }
}

/// Uses this computer again.
pub(crate) async fn come_back(engine: &Arc<EngineState>) -> Result<()> {
    let store = engine.store.clone();
    let had_gone = engine.blocking(move || Ok(store.come_back()?)).await?;
    refresh(engine).await?;
    if !had_gone {
        return Err(Error::NotMoved);
    }
    Ok(())
}

/// Reads anew where the store is, which another process may have changed.
pub(crate) async fn refresh(engine: &EngineState) -> Result<()> {
    let moved = engine.read(|store| store.moved_away()).await?;
    if engine.set_moved(moved) {
        engine.publish(Change::Everything);
        engine.wake.notify_one();
    }
    Ok(())
}
