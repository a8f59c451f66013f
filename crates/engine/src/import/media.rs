//! The files that rows name are taken in at the commit. No address is asked and no file is opened before
//! that.

use std::collections::HashMap;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use roost_import::session::Session;
use roost_import::surroundings::NamedMedia;
use roost_media::{Kind, Library};
use roost_media_fetch::{Limits, fetch};
use roost_private_files::{beside, options};
use roost_store::Media;
use tokio::runtime::Handle;

use super::desk::Desk;
use super::named_media::{StoredMedia, here};
use crate::change_feed::ChangeFeed;
use crate::media::{self, Incoming};
use crate::open_import::Opened;
use crate::{Error, Result};

/// The most bytes that are fetched of one file: X takes no larger one.
const BYTES_MAX: u64 = 512_000_000;
/// Where a file is while it is fetched, beside the store.
const FETCHED: &str = "fetched";

/// Takes in every file that a row which is ready names and that is not in the library. Returns what
/// became of each; `None` when none is to be taken in.
pub(super) fn take_in(
    desk: &Desk,
    changes: &ChangeFeed,
    opened: &Opened,
    session: &Session,
    watch: &dyn Fn() -> ControlFlow<()>,
) -> Result<Option<Arc<StoredMedia>>> {
    let mut named: Vec<String> = Vec::new();
    for row in session.ready() {
        let sources = row.content.parts.into_iter().flat_map(|part| part.media_sources);
        named.extend(sources.map(|source| source.source));
    }
    named.sort_unstable();
    named.dedup();
    if named.is_empty() {
        return Ok(None);
    }
    let places = Places::of(opened, session.choices().media_outside);
    let library = desk.media.library()?;
    let mut taken = HashMap::with_capacity(named.len());
    for source in named {
        if watch().is_break() {
            return Err(Error::ImportGivenUp);
        }
        let found = match one(desk, changes, &library, &places, &source) {
            Ok(media) => NamedMedia::Here(here(&media)),
            Err(why) => NamedMedia::Refused(why),
        };
        taken.insert(source, found);
    }
    Ok(Some(StoredMedia::after(&desk.store, taken)))
}

/// Takes one file in, or says in words why not.
fn one(
    desk: &Desk,
    changes: &ChangeFeed,
    library: &Arc<Library>,
    places: &Places,
    source: &str,
) -> std::result::Result<Media, String> {
    let words = |error: Error| error.to_string();
    let incoming = if source.contains("://") {
        let fetched = Fetched::get(desk, source)?;
        let name = source.split(['?', '#']).next().unwrap_or(source);
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        let read = Incoming::read(library, &fetched.path, Some(name));
        drop(fetched);
        read.map_err(words)?
    } else {
        Incoming::read(library, &places.file(source)?, None).map_err(words)?
    };
    let library = library.clone();
    let noted =
        changes.write(&desk.store, "media.add", |store| media::note_in(store, &library, &incoming));
    noted.map_err(words)
}

/// A file that was fetched; it goes when it was copied into the library.
struct Fetched {
    path: PathBuf,
}

impl Fetched {
    fn get(desk: &Desk, address: &str) -> std::result::Result<Self, String> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = beside(
            &desk.config.database.with_file_name(FETCHED),
            &format!(".{}-{number}", std::process::id()),
        );
        let made = options().write(true).create(true).truncate(true).open(&path);
        let mut file: File = made.map_err(|error| format!("it can't be kept here: {error}"))?;
        let fetched = Self { path };
        let limits = Limits {
            refuses: desk.config.refuses_address,
            ..Limits::public(BYTES_MAX, |first| Kind::of(first).is_some())
        };
        let network = Handle::try_current().map_err(|_| "no network is at hand".to_owned())?;
        network.block_on(fetch(address, &mut file, &limits)).map_err(|error| error.to_string())?;
        Ok(fetched)
    }
}

impl Drop for Fetched {
    fn drop(&mut self) {
        // What stays of it is of no use, and in nobody's way.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Where files may lie.
struct Places {
    /// The folder of the sources; none where they have no file, or lie in several folders.
    folder: Option<PathBuf>,
    may_be_outside: bool,
}

impl Places {
    fn of(opened: &Opened, may_be_outside: bool) -> Self {
        let mut folders = opened
            .sources
            .iter()
            .map(|source| source.path.as_ref()?.canonicalize().ok()?.parent().map(Path::to_owned));
        let first = folders.next().flatten();
        let folder = first.filter(|first| folders.all(|other| other.as_ref() == Some(first)));
        Self { folder, may_be_outside }
    }

    /// Returns the file that a row names. A link counts as what it leads to.
    fn file(&self, source: &str) -> std::result::Result<PathBuf, String> {
        let written = Path::new(source);
        let path = match &self.folder {
            _ if written.is_absolute() => written.to_owned(),
            Some(folder) => folder.join(written),
            None => {
                let why = "the rows have no folder of their own: name the file by its whole path";
                return Err(why.to_owned());
            }
        };
        let real = path.canonicalize().map_err(|_| "there is no such file".to_owned())?;
        let is_inside = self.folder.as_ref().is_some_and(|folder| real.starts_with(folder));
        if !is_inside && !self.may_be_outside {
            return Err(
                "it lies outside the file's folder, or is a link that leads there: allow that \
                        for this import, or put it beside the file"
                    .to_owned(),
            );
        }
        Ok(real)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_beside_the_rows_is_taken_and_one_outside_only_when_that_is_allowed() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("plan");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("cat.png"), "cat").unwrap();
        std::fs::write(home.path().join("private.png"), "private").unwrap();
        let outside = home.path().join("private.png");
        std::os::unix::fs::symlink(&outside, folder.join("link.png")).unwrap();
        let folder = Some(folder.canonicalize().unwrap());
        let places = Places { folder: folder.clone(), may_be_outside: false };
        assert!(places.file("cat.png").unwrap().ends_with("plan/cat.png"));
        assert!(places.file("./cat.png").is_ok());
        for source in ["../private.png", "link.png", outside.to_str().unwrap()] {
            assert!(places.file(source).unwrap_err().contains("outside"), "{source}");
            let places = Places { folder: folder.clone(), may_be_outside: true };
            assert!(places.file(source).unwrap().ends_with("private.png"), "{source}");
        }
        assert!(places.file("dog.png").unwrap_err().contains("no such file"));
        let homeless = Places { folder: None, may_be_outside: false };
        assert!(homeless.file("cat.png").unwrap_err().contains("whole path"));
    }
}
