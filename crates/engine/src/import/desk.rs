//! What operations on an open import work with: it is taken from where it is held, or opened again from
//! its journal.

use std::ops::ControlFlow;
use std::sync::Arc;

use roost_core::clock::UnixMillis;
use roost_core::id::ImportId;
use roost_import::mapping::Mapping;
use roost_import::session::{Edits, Session, SessionError};
use roost_store::Store;

use super::{handled, reading, recall, source, surroundings};
use crate::api::{ImportStepName, SourceState};
use crate::open_import::{
    Contents, Entry, Fingerprint, Held, OpenSessions, Opened, Source, Work, lock, refused,
};
use crate::preferences::watched_folder;
use crate::state::MediaLibrary;
use crate::{EngineConfig, Error, Result};

/// What an operation on an open import works with, on a thread that may block.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    pub(super) store: Store,
    pub(super) config: EngineConfig,
    pub(super) now: UnixMillis,
    pub(super) sessions: OpenSessions,
    /// The folder of pictures and videos.
    pub(super) media: Arc<MediaLibrary>,
}

impl Desk {
    /// Opens sources as a new import, and works with it.
    pub(super) fn begin<T>(
        &self,
        new: NewSession,
        work: impl FnOnce(&mut Held) -> Result<T>,
    ) -> Result<T> {
        let id = new.opened.id;
        let slot = self.sessions.slot(id, self.now);
        let mut place = lock(&slot.held);
        let said = [
            Entry::Choices(new.session.choices().clone()),
            Entry::Mapping(new.session.mapping().clone()),
        ];
        let folder = self.sessions.folder();
        let journal = folder.begin(&new.opened, &new.sources, &said, self.now)?;
        let held = Held {
            opened: new.opened,
            opened_at: self.now,
            session: new.session,
            judged_after: new.judged_after,
            judged_at: self.now,
            journal,
        };
        work(place.insert(held))
    }

    /// Works with an open import. After an error it is read from its journal the next time, so that what is
    /// held is never ahead of what is kept.
    pub(super) fn with<T>(
        &self,
        id: ImportId,
        work: impl FnOnce(&mut Held) -> Result<T>,
    ) -> Result<T> {
        self.with_source(id, ReadAnew::No, work)
    }

    /// The same; a source that changed since may be judged as it is now.
    pub(super) fn with_source<T>(
        &self,
        id: ImportId,
        anew: ReadAnew,
        work: impl FnOnce(&mut Held) -> Result<T>,
    ) -> Result<T> {
        let slot = self.sessions.slot(id, self.now);
        let mut place = lock(&slot.held);
        let is_stale = |held: &Held| anew == ReadAnew::Yes && !is_as_opened(held);
        if place.as_ref().is_none_or(is_stale) {
            *place = None;
            *place = Some(self.reopen(id, anew)?);
        }
        let Some(held) = place.as_mut() else { return Err(Error::ImportNotOpen(id)) };
        let done = work(held);
        if done.is_err() {
            // It is opened again from its journal, for the one that waits for it too.
            *place = None;
        }
        done
    }

    /// Closes an import for good: it was committed or dropped. A file of the watched folder is not offered
    /// again as it was.
    pub(super) fn close(&self, id: ImportId) -> Result<()> {
        // One that can't be read is closed all the same.
        if let Ok(Some(contents)) = self.sessions.folder().read(id) {
            self.note_handled(&contents.opened.sources)?;
        }
        self.sessions.forget(id);
        self.sessions.folder().remove(id)
    }

    /// Closes an import that is in the store. A journal that stays is removed the next time that open
    /// imports are listed.
    pub(super) fn close_committed(&self, id: ImportId) {
        if let Err(error) = self.close(id) {
            tracing::warn!(%error, "an import is committed, and its journal stays");
        }
    }

    /// Notes those of the sources that lie in the watched folder.
    fn note_handled(&self, sources: &[Fingerprint]) -> Result<()> {
        let Some(folder) = self.store.read(watched_folder)? else {
            return Ok(());
        };
        let lies_in = |it: &&Fingerprint| {
            it.path.as_ref().is_some_and(|path| path.parent() == Some(folder.as_path()))
        };
        let inside: Vec<Fingerprint> = sources.iter().filter(lies_in).cloned().collect();
        if !inside.is_empty() {
            self.store.write("watched.handled", |store| handled::note(store, &inside))?;
        }
        Ok(())
    }

    /// Takes an import away, as if it had not been opened, unless its journal says what is to be kept.
    /// Returns whether it is gone.
    pub(super) fn take_away_unless(
        &self,
        id: ImportId,
        is_kept: impl FnOnce(&Contents) -> bool,
    ) -> Result<bool> {
        let slot = self.sessions.slot(id, self.now);
        // What is being done with it comes first.
        let mut place = lock(&slot.held);
        if self.sessions.folder().read(id)?.is_some_and(|contents| is_kept(&contents)) {
            return Ok(false);
        }
        *place = None;
        self.sessions.forget(id);
        self.sessions.folder().remove(id)?;
        Ok(true)
    }

    fn reopen(&self, id: ImportId, anew: ReadAnew) -> Result<Held> {
        let Some((contents, mut journal)) = self.sessions.folder().open(id)? else {
            return Err(Error::ImportNotOpen(id));
        };
        if self.store.read(|store| store.import(id))?.is_some() {
            // It was committed, and the process ended before its journal was removed.
            self.close_committed(id);
            return Err(Error::ImportNotOpen(id));
        }
        let edits = contents.edits();
        let Contents { mut opened, opened_at, mapping, choices, .. } = contents;
        let sources = self.sources(&opened)?;
        let prints: Vec<Fingerprint> = sources.iter().map(Source::fingerprint).collect();
        let changed =
            opened.sources.iter().zip(&prints).find(|(then, now)| then.sha256 != now.sha256);
        if let (Some((then, _)), ReadAnew::No) = (changed, anew) {
            return Err(Error::SourceChanged { name: then.name.clone() });
        }
        let table = reading::read(&sources, &reading::Wanted::of(&opened))?;
        // A large file is not held beside its rows.
        drop(sources);
        let is_other = changed.is_some();
        let edits = if is_other { Edits::default() } else { edits };
        // A mapping counts columns: in a source that changed, another may stand in a place.
        let fits = |it: &Mapping| !is_other && it.columns.len() == table.columns.len();
        let mapping = match mapping.filter(fits) {
            Some(mapping) => mapping,
            None => recall::mapping(&self.store, &table)?,
        };
        if is_other {
            opened.sources = prints;
            opened.rows = table.len() as u64;
            let said = [Entry::Choices(choices.clone()), Entry::Mapping(mapping.clone())];
            journal = self.sessions.folder().begin_anew(&opened, &said, self.now)?;
        }
        let (surroundings, judged_after) = surroundings::read(&self.store, &self.config, self.now)?;
        let session =
            Session::open_watched(table, mapping, choices, surroundings, edits, &unwatched)
                .map_err(session_error)?;
        Ok(Held { opened, opened_at, session, judged_after, judged_at: self.now, journal })
    }

    /// Reads the sources of an open import in another way, as `opened` says, and begins its journal anew.
    pub(super) fn read_otherwise(
        &self,
        held: &Held,
        mut opened: Opened,
        rows: Rows,
        work: &Work,
    ) -> Result<Held> {
        let sources = self.sources(&opened)?;
        let read = sources.iter().map(Source::fingerprint);
        if let Some((then, _)) =
            opened.sources.iter().zip(read).find(|(then, now)| then.sha256 != now.sha256)
        {
            return Err(Error::SourceChanged { name: then.name.clone() });
        }
        let table = reading::read(&sources, &reading::Wanted::of(&opened))?;
        // A large file is not held beside its rows.
        drop(sources);
        opened.rows = table.len() as u64;
        let (mapping, edits) = match rows {
            Rows::Others => (recall::mapping(&self.store, &table)?, Edits::default()),
            Rows::Same => (held.session.mapping().clone(), held.session.edits()),
        };
        let choices = held.session.choices().clone();
        let mut said = vec![Entry::Choices(choices.clone()), Entry::Mapping(mapping.clone())];
        if !edits.cells.is_empty() {
            said.push(Entry::Cells(edits.cells.clone()));
        }
        if !edits.decisions.is_empty() {
            said.push(Entry::Decisions(edits.decisions.clone()));
        }
        let (surroundings, judged_after) = surroundings::read(&self.store, &self.config, self.now)?;
        let all = opened.rows;
        let watch = |judged: u32| work.at(ImportStepName::Judging, judged.into(), all);
        let session = Session::open_watched(table, mapping, choices, surroundings, edits, &watch)
            .map_err(session_error)?;
        let journal = self.sessions.folder().begin_anew(&opened, &said, self.now)?;
        let opened_at = held.opened_at;
        Ok(Held { opened, opened_at, session, judged_after, judged_at: self.now, journal })
    }

    fn sources(&self, opened: &Opened) -> Result<Vec<Source>> {
        let read = |(place, kept): (usize, &Fingerprint)| match &kept.path {
            // A link may stand now where the file was that was found.
            Some(path) if opened.is_watched => source::read_regular(path),
            Some(path) => source::read_file(path),
            None => Ok(Source {
                name: kept.name.clone(),
                path: None,
                bytes: self.sessions.folder().text(opened.id, place)?,
            }),
        };
        opened.sources.iter().enumerate().map(read).collect()
    }
}

/// Whether sources that are read in another way have the same rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// They have: what the person changed in them is kept.
    Same,
    /// They have others.
    Others,
}

/// Whether a source that changed since it was opened is judged as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadAnew {
    /// It is; what the person changed in it is given up, since its rows may be others.
    Yes,
    /// It is refused.
    No,
}

/// An import that was read and judged, and is not kept yet.
#[derive(Debug)]
pub(super) struct NewSession {
    pub(super) opened: Opened,
    pub(super) sources: Vec<Source>,
    pub(super) session: Session,
    pub(super) judged_after: i64,
}

/// Whether its sources are as they were when it was opened.
fn is_as_opened(held: &Held) -> bool {
    held.opened.sources.iter().all(|it| source::state(it) == SourceState::Same)
}

/// Goes on, whatever the progress.
pub(super) const fn unwatched(_rows: u32) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Returns what a session refused, as the engine says it.
pub(super) fn session_error(error: SessionError) -> Error {
    match error {
        SessionError::NoSuchRow { .. } => {
            refused(roost_core::failure::Code::BadRequest, error.to_string())
        }
        SessionError::GivenUp => Error::ImportGivenUp,
        SessionError::Lookup(_) => Error::Internal(error.to_string()),
    }
}
