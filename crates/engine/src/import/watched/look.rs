//! One look at the watched folder, and what is remembered until the next.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use roost_core::failure::Code;
use roost_core::id::ImportId;

use super::folder::{self, FileStat};
use super::notices;
use crate::import::desk::{Desk, ReadAnew};
use crate::import::handled::{self, is_handled};
use crate::import::session::{Opening, new_session};
use crate::import::source;
use crate::open_import::{Contents, Fingerprint, Source};
use crate::preferences::watched_folder;
use crate::{Error, Result};

/// The setting that notes that the person was told of a folder that can't be read.
const MISSING: &str = "watched_folder_missing";
/// At so many looks in a row something is missing before it counts: programs that save a file may take it
/// away for a moment.
const MISSES: u32 = 2;

/// What is known of the watched folder from look to look. Without it, all is found out anew.
#[derive(Debug, Default)]
pub(super) struct FolderWatch {
    folder: Option<PathBuf>,
    files: HashMap<PathBuf, Tracked>,
    /// The imports that wait, by their files.
    waiting: HashMap<PathBuf, Waiting>,
    /// Looks in a row at which the folder could not be read.
    misses: u32,
}

/// A file of the folder.
#[derive(Debug)]
struct Tracked {
    stat: FileStat,
    /// Whether it was judged as it is.
    is_judged: bool,
}

/// An import that waits.
#[derive(Debug)]
struct Waiting {
    id: ImportId,
    /// Looks in a row at which its file was not there.
    misses: u32,
}

/// What a look changed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct News {
    pub(super) imports: bool,
    pub(super) notices: bool,
}

impl FolderWatch {
    /// Returns whether no folder is watched, as far as it was looked.
    pub(super) const fn is_idle(&self) -> bool {
        self.folder.is_none()
    }

    /// Looks at the folder. Blocking.
    pub(super) fn look(&mut self, desk: &Desk) -> Result<News> {
        let mut news = News::default();
        let wanted = desk.store.read(watched_folder)?;
        if wanted != self.folder {
            let waiting = match &wanted {
                Some(folder) => waiting_in(desk, folder)?,
                None => HashMap::new(),
            };
            *self = Self { folder: wanted, waiting, ..Self::default() };
        }
        let Some(folder) = self.folder.clone() else { return Ok(news) };
        let present = match folder::files(&folder) {
            Ok(present) => present,
            Err(error) => {
                news.notices = self.note_missing(desk, &folder, &error.to_string())?;
                return Ok(news);
            }
        };
        self.note_found(desk)?;
        self.let_go_of_vanished(desk, &present, &mut news)?;
        for path in self.settled(&present) {
            let is_judged = self.judge(desk, &path, &mut news)?;
            if let Some(tracked) = self.files.get_mut(&path) {
                tracked.is_judged = is_judged;
            }
        }
        Ok(news)
    }

    /// Says once, also after a restart, that the folder can't be read.
    fn note_missing(&mut self, desk: &Desk, folder: &Path, reason: &str) -> Result<bool> {
        self.misses = self.misses.saturating_add(1);
        if self.misses != MISSES {
            return Ok(false);
        }
        Ok(desk.store.write("watched.missing", |store| {
            if store.setting::<PathBuf>(MISSING)?.as_deref() == Some(folder) {
                return Ok(false);
            }
            store.save_setting(MISSING, folder)?;
            notices::missing(store, folder, reason)
        })?)
    }

    fn note_found(&mut self, desk: &Desk) -> Result<()> {
        self.misses = 0;
        if desk.store.read(|store| store.setting::<PathBuf>(MISSING))?.is_some() {
            desk.store.write("watched.found", |store| store.remove_setting(MISSING))?;
        }
        Ok(())
    }

    /// Takes the imports away whose files are gone, and on which nobody worked.
    fn let_go_of_vanished(
        &mut self,
        desk: &Desk,
        present: &BTreeMap<PathBuf, FileStat>,
        news: &mut News,
    ) -> Result<()> {
        self.files.retain(|path, _| present.contains_key(path));
        let mut gone = Vec::new();
        for (path, waiting) in &mut self.waiting {
            waiting.misses =
                if present.contains_key(path) { 0 } else { waiting.misses.saturating_add(1) };
            if waiting.misses == MISSES {
                gone.push((path.clone(), waiting.id));
            }
        }
        for (path, id) in gone {
            if desk.take_away_unless(id, is_edited)? {
                self.waiting.remove(&path);
                news.imports = true;
            }
        }
        Ok(())
    }

    /// Returns the files that are as they were at the look before, and not judged so yet.
    fn settled(&mut self, present: &BTreeMap<PathBuf, FileStat>) -> Vec<PathBuf> {
        let mut settled = Vec::new();
        for (path, stat) in present {
            match self.files.get(path) {
                Some(tracked) if tracked.stat == *stat => {
                    if !tracked.is_judged {
                        settled.push(path.clone());
                    }
                }
                _ => {
                    let tracked = Tracked { stat: *stat, is_judged: false };
                    self.files.insert(path.clone(), tracked);
                }
            }
        }
        settled
    }

    /// Judges a file that is no longer written. Returns whether it was; one that was written meanwhile is
    /// looked at again.
    fn judge(&mut self, desk: &Desk, path: &Path, news: &mut News) -> Result<bool> {
        let stat = folder::stat(path);
        let source = match source::read_regular(path) {
            Ok(source) => source,
            Err(error) => {
                let version = format!("{stat:?}");
                news.notices |= say_refused(desk, path, &version, &error, &[])?;
                return Ok(true);
            }
        };
        let is_same = |tracked: &Tracked| Some(tracked.stat) == folder::stat(path);
        if !self.files.get(path).is_some_and(is_same) {
            return Ok(false);
        }
        let print = source.fingerprint();
        if let Some(waiting) = self.waiting.get(path) {
            let id = waiting.id;
            if let Some(contents) = desk.sessions.folder().read(id)? {
                return self.follow(desk, id, &contents, &print, news);
            }
            self.waiting.remove(path);
        }
        let is_known = desk.store.read(|store| is_handled(store, path, &print))?;
        if !is_known && !is_open(desk, path)? {
            self.offer(desk, source, &print, news)?;
        }
        Ok(true)
    }

    /// Has the import of a file follow it: it is judged anew, unless the person worked on it.
    fn follow(
        &mut self,
        desk: &Desk,
        id: ImportId,
        contents: &Contents,
        print: &Fingerprint,
        news: &mut News,
    ) -> Result<bool> {
        if contents.opened.sources.iter().any(|it| it.sha256 == print.sha256) {
            return Ok(true);
        }
        news.imports = true;
        if is_edited(contents) {
            let told =
                desk.store.write("watched.changed", |store| notices::changed(store, print, id))?;
            news.notices |= told;
            return Ok(true);
        }
        match desk.with_source(id, ReadAnew::Yes, |_| Ok(())) {
            Ok(()) => {}
            Err(error) if is_of_the_file(&error) => {
                let Some(path) = print.path.clone() else { return Ok(true) };
                desk.take_away_unless(id, is_edited)?;
                self.waiting.remove(&path);
                let version = &print.sha256;
                news.notices |=
                    say_refused(desk, &path, version, &error, std::slice::from_ref(print))?;
            }
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// Opens a file as an import that waits for a yes.
    fn offer(
        &mut self,
        desk: &Desk,
        source: Source,
        print: &Fingerprint,
        news: &mut News,
    ) -> Result<()> {
        let Some(path) = source.path.clone() else { return Ok(()) };
        let opening = Opening { is_watched: true, ..Opening::default() };
        let refuse = |error: &Error| {
            say_refused(desk, &path, &print.sha256, error, std::slice::from_ref(print))
        };
        match new_session(desk, vec![source], opening, &desk.sessions.works().begin(None)) {
            Ok(new) => {
                let (id, rows) = (new.opened.id, new.opened.rows);
                desk.begin(new, |_| Ok(()))?;
                self.waiting.insert(path, Waiting { id, misses: 0 });
                let name = &print.name;
                news.imports = true;
                news.notices |= desk
                    .store
                    .write("watched.offered", |store| notices::offered(store, name, rows, id))?;
            }
            Err(error) if is_of_the_file(&error) => news.notices |= refuse(&error)?,
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Returns the imports that wait for files of a folder.
fn waiting_in(desk: &Desk, folder: &Path) -> Result<HashMap<PathBuf, Waiting>> {
    let mut waiting = HashMap::new();
    for id in desk.sessions.folder().ids()? {
        let Some(contents) = desk.sessions.folder().read(id)? else { continue };
        let sources = contents.opened.sources.iter();
        let paths = sources.filter_map(|source| source.path.clone());
        let inside = paths.filter(|path| path.parent() == Some(folder));
        if contents.opened.is_watched {
            waiting.extend(inside.map(|path| (path, Waiting { id, misses: 0 })));
        }
    }
    Ok(waiting)
}

/// Whether the person opened a file by hand, and goes on with it.
fn is_open(desk: &Desk, path: &Path) -> Result<bool> {
    for id in desk.sessions.folder().ids()? {
        let Some(contents) = desk.sessions.folder().read(id)? else { continue };
        if contents.opened.sources.iter().any(|source| source.path.as_deref() == Some(path)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the person worked on an import: cells, decisions, columns or choices.
fn is_edited(contents: &Contents) -> bool {
    !contents.cells.is_empty()
        || !contents.decisions.is_empty()
        || contents.changed_at > contents.opened_at
}

/// Whether the file is to blame, so that it is of no use to read it again as it is.
fn is_of_the_file(error: &Error) -> bool {
    let is_too_large = matches!(error, Error::File { code: Code::FileTooLarge, .. });
    is_too_large || matches!(error, Error::Source { .. })
}

/// Says why a file can't be imported, and notes it as handled as it was read.
fn say_refused(
    desk: &Desk,
    path: &Path,
    version: &str,
    error: &Error,
    read: &[Fingerprint],
) -> Result<bool> {
    let reason = error.to_string();
    Ok(desk.store.write("watched.refused", |store| {
        handled::note(store, read)?;
        notices::refused(store, path, version, &reason)
    })?)
}
