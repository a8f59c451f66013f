//! The imports that are open in this process. Each is backed by its journal, so that one that is not held
//! here, or was let go for want of room, is opened again from there.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use roost_core::clock::UnixMillis;
use roost_core::id::ImportId;
use roost_import::session::Session;

use super::folder::Folder;
use super::journal::{Entry, Journal, Opened};
use super::lock::lock;
use super::work::Works;
use crate::Result;

/// Imports that are held at once; the one that was used longest ago makes room.
const HELD_MAX: usize = 4;
/// So long an import is held after its last use.
const IDLE_MS: i64 = 30 * 60 * 1000;

/// The imports that are open in this process, for all clones of an engine.
#[derive(Debug, Clone)]
pub(crate) struct OpenSessions(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: Folder,
    /// Held for one look or one change; never while rows are judged.
    held: Mutex<HashMap<ImportId, Arc<Slot>>>,
    works: Arc<Works>,
    /// The import that was committed last, while its left-out rows may still be saved.
    committed: Mutex<Option<Committed>>,
}

/// One open import; its lock is held while it is worked on.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) held: Mutex<Option<Held>>,
    used_at: Mutex<UnixMillis>,
}

/// An import that was committed, and since when it is.
#[derive(Debug)]
struct Committed {
    id: ImportId,
    session: Session,
    at: UnixMillis,
}

/// An open import.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) opened: Opened,
    pub(crate) opened_at: UnixMillis,
    pub(crate) session: Session,
    /// The last event of the store that its rows were judged after.
    pub(crate) judged_after: i64,
    /// When its rows were judged against the store.
    pub(crate) judged_at: UnixMillis,
    pub(crate) journal: Journal,
}

impl OpenSessions {
    /// Returns the open imports of the store in a file: none is held yet.
    pub(crate) fn beside(database: &Path) -> Self {
        let folder = Folder::beside(database);
        Self(Arc::new(Shared {
            folder,
            held: Mutex::default(),
            works: Arc::default(),
            committed: Mutex::default(),
        }))
    }

    pub(crate) fn folder(&self) -> &Folder {
        &self.0.folder
    }

    /// Returns what is being done with imports.
    pub(crate) fn works(&self) -> &Arc<Works> {
        &self.0.works
    }

    /// Lets go of what was not used for a while; it stays open on the disk.
    fn make_room(&self, now: UnixMillis) {
        lock(&self.0.committed).take_if(|it| it.at.0 + IDLE_MS <= now.0);
        let mut held = lock(&self.0.held);
        held.retain(|_, slot| {
            Arc::strong_count(slot) > 1 || lock(&slot.used_at).0 + IDLE_MS > now.0
        });
        while held.len() >= HELD_MAX {
            // What is in use stays: two copies of one import would not know each other's changes.
            let idle = held.iter().filter(|(_, slot)| Arc::strong_count(slot) == 1);
            let Some(oldest) = idle.min_by_key(|(_, slot)| *lock(&slot.used_at)) else {
                return;
            };
            let id = *oldest.0;
            held.remove(&id);
        }
    }

    pub(crate) fn slot(&self, id: ImportId, now: UnixMillis) -> Arc<Slot> {
        if let Some(slot) = lock(&self.0.held).get(&id) {
            *lock(&slot.used_at) = now;
            return slot.clone();
        }
        self.make_room(now);
        let slot = Arc::new(Slot { held: Mutex::new(None), used_at: Mutex::new(now) });
        lock(&self.0.held).entry(id).or_insert(slot).clone()
    }

    /// Keeps the rows of an import that was committed until the next one is, or for a while: those that
    /// were left out may still be saved. They are not kept on the disk.
    pub(crate) fn keep_committed(&self, id: ImportId, now: UnixMillis) {
        let slot = lock(&self.0.held).get(&id).cloned();
        let Some(held) = slot.and_then(|slot| lock(&slot.held).take()) else { return };
        *lock(&self.0.committed) = Some(Committed { id, session: held.session, at: now });
    }

    /// Looks at the rows of the import that was committed last; `None` where it is another.
    pub(crate) fn with_committed<T>(
        &self,
        id: ImportId,
        look: impl FnOnce(&Session) -> T,
    ) -> Option<T> {
        lock(&self.0.committed).as_ref().filter(|it| it.id == id).map(|it| look(&it.session))
    }

    /// Lets go of an import.
    pub(crate) fn forget(&self, id: ImportId) {
        lock(&self.0.held).remove(&id);
    }
}

impl Held {
    /// Notes a change where it survives the process.
    pub(crate) fn note(&mut self, at: UnixMillis, entry: Entry) -> Result<()> {
        self.journal.note(at, entry)
    }
}
