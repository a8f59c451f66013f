//! An open import on the disk: where it comes from, and all that a person changed of it.
//!
//! A journal is a file of JSON lines. The first says what was opened, each further one a change; the last
//! word on a cell, on the mapping and on the choices counts, so that it is read in one go whatever came
//! between. Journals and pasted texts stand in a folder of their own beside the store, for their owner
//! alone: no backup holds them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::ImportId;
use roost_import::choices::Choices;
use roost_import::field::Field;
use roost_import::format::Format;
use roost_import::mapping::Mapping;
use roost_import::session::{CellChange, Decision, Edits, RowDecision};
use serde::{Deserialize, Serialize};

use super::source::{Fingerprint, Source, refused};
use crate::{Error, Result};

/// The name of the folder beside the store.
const FOLDER: &str = "open-imports";
/// The end of a journal's name.
const SUFFIX: &str = "import";
/// So long an import stays open after its last change.
const KEPT_MS: i64 = 7 * 24 * 3_600_000;

/// What was opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Opened {
    /// Its id; the import keeps it once it is committed.
    pub(crate) id: ImportId,
    /// The sources, in the order of their rows.
    pub(crate) sources: Vec<Fingerprint>,
    /// The format that the person named.
    pub(crate) format: Option<Format>,
    /// The sheet that the person named.
    pub(crate) sheet: Option<String>,
    /// The plan that the person named.
    pub(crate) plan: Option<String>,
    /// Rows of the sources.
    pub(crate) rows: u64,
    /// Whether it was found in the watched folder.
    #[serde(default)]
    pub(crate) is_watched: bool,
}

/// A line of a journal.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    at: UnixMillis,
    #[serde(flatten)]
    entry: Entry,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "value")]
pub(crate) enum Entry {
    /// What was opened.
    Opened(Opened),
    /// Which column is which field.
    Mapping(Mapping),
    /// Defaults, policies and switches.
    Choices(Choices),
    /// Cells that were changed.
    Cells(Vec<CellChange>),
    /// What becomes of single rows.
    Decisions(Vec<RowDecision>),
    /// Rows of which nothing is decided any more.
    Undecided(Vec<u32>),
}

/// All that a journal says, the last word on each thing.
#[derive(Debug, Clone)]
pub(crate) struct Contents {
    pub(crate) opened: Opened,
    pub(crate) opened_at: UnixMillis,
    pub(crate) changed_at: UnixMillis,
    pub(crate) mapping: Option<Mapping>,
    pub(crate) choices: Choices,
    pub(crate) cells: BTreeMap<(u32, Field), String>,
    pub(crate) decisions: BTreeMap<u32, Decision>,
}

/// The folder of one store's open imports.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

/// The journal of one open import, to be written on.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
}

impl Folder {
    /// Returns the folder beside a store.
    pub(crate) fn beside(database: &Path) -> Self {
        Self(database.with_file_name(FOLDER))
    }

    /// Begins a journal, and keeps the texts that no file holds.
    pub(crate) fn begin(
        &self,
        opened: &Opened,
        sources: &[Source],
        at: UnixMillis,
    ) -> Result<Journal> {
        roost_private_files::make_folder(&self.0).map_err(|error| unwritable(&error))?;
        for (place, source) in sources.iter().enumerate().filter(|(_, it)| it.path.is_none()) {
            let mut file = roost_private_files::options()
                .write(true)
                .create(true)
                .truncate(true)
                .open(self.text_of(opened.id, place))
                .map_err(|error| unwritable(&error))?;
            file.write_all(&source.bytes).map_err(|error| unwritable(&error))?;
            file.sync_data().map_err(|error| unwritable(&error))?;
        }
        let file = roost_private_files::options()
            .append(true)
            .create_new(true)
            .open(self.journal_of(opened.id))
            .map_err(|error| unwritable(&error))?;
        let mut journal = Journal { file };
        journal.note(at, Entry::Opened(opened.clone()))?;
        Ok(journal)
    }

    /// Opens a journal to go on with it; none when there is none.
    pub(crate) fn open(&self, id: ImportId) -> Result<Option<(Contents, Journal)>> {
        let Some((contents, length)) = self.read_to_end(id)? else { return Ok(None) };
        let file = roost_private_files::options()
            .append(true)
            .open(self.journal_of(id))
            .map_err(|error| unwritable(&error))?;
        // Half a line, which a process left that was ended: the next one would be hung on it.
        file.set_len(length).map_err(|error| unwritable(&error))?;
        Ok(Some((contents, Journal { file })))
    }

    /// Returns what a journal says; none when there is none.
    pub(crate) fn read(&self, id: ImportId) -> Result<Option<Contents>> {
        Ok(self.read_to_end(id)?.map(|(contents, _)| contents))
    }

    /// Returns what a journal says, and how many bytes of it say so.
    fn read_to_end(&self, id: ImportId) -> Result<Option<(Contents, u64)>> {
        match fs::read(self.journal_of(id)) {
            Ok(lines) => Ok(contents(&lines)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&error)),
        }
    }

    /// Returns the text that is kept as the source at `place`.
    pub(crate) fn text(&self, id: ImportId, place: usize) -> Result<Vec<u8>> {
        fs::read(self.text_of(id, place)).map_err(|error| unreadable(&error))
    }

    /// Returns the ids of all journals.
    pub(crate) fn ids(&self) -> Result<Vec<ImportId>> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(&error)),
        };
        let id = |entry: fs::DirEntry| {
            let path = entry.path();
            let is_journal = path.extension().is_some_and(|it| it == SUFFIX);
            path.file_stem()?.to_str()?.parse().ok().filter(|_| is_journal)
        };
        Ok(entries.filter_map(io::Result::ok).filter_map(id).collect())
    }

    /// Removes a journal and the texts that belong to it. One that is not there is no error.
    pub(crate) fn remove(&self, id: ImportId) -> Result<()> {
        // The journal first: without it, the texts are nobody's, and the next cleaning takes them.
        remove_file(&self.journal_of(id))?;
        for path in self.texts_of(id)? {
            remove_file(&path)?;
        }
        Ok(())
    }

    /// Removes what nothing changed for a week, and texts without a journal.
    pub(crate) fn clean(&self, now: UnixMillis) -> Result<()> {
        let ids = self.ids()?;
        for id in &ids {
            let changed_at = self.read(*id)?.map(|contents| contents.changed_at);
            if changed_at.is_none_or(|at| at.0 + KEPT_MS < now.0) {
                self.remove(*id)?;
            }
        }
        Ok(())
    }

    fn journal_of(&self, id: ImportId) -> PathBuf {
        self.0.join(format!("{id}.{SUFFIX}"))
    }

    fn text_of(&self, id: ImportId, place: usize) -> PathBuf {
        self.0.join(format!("{id}.{place}.text"))
    }

    fn texts_of(&self, id: ImportId) -> Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(&error)),
        };
        let prefix = format!("{id}.");
        let belongs = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix))
        };
        Ok(entries.filter_map(io::Result::ok).map(|entry| entry.path()).filter(belongs).collect())
    }
}

impl Journal {
    /// Notes a change. It is with the system when this returns, and survives the end of the process.
    pub(crate) fn note(&mut self, at: UnixMillis, entry: Entry) -> Result<()> {
        let mut line = serde_json::to_vec(&Line { at, entry })
            .map_err(|error| Error::Internal(error.to_string()))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(|error| unwritable(&error))
    }
}

/// Returns what the lines say, and how many bytes of them do; none when the first is no beginning. A line
/// that was cut off by the end of a process ends the journal.
fn contents(text: &[u8]) -> Option<(Contents, u64)> {
    let mut said: Option<Contents> = None;
    let mut length = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let Some(Ok(read)) = line.strip_suffix(b"\n").map(serde_json::from_slice::<Line>) else {
            break;
        };
        match (&mut said, read.entry) {
            (said @ None, Entry::Opened(opened)) => *said = Some(Contents::of(opened, read.at)),
            (Some(said), entry) => said.take(entry, read.at),
            (None, _) => return None,
        }
        length += line.len() as u64;
    }
    said.map(|said| (said, length))
}

impl Contents {
    fn of(opened: Opened, at: UnixMillis) -> Self {
        Self {
            opened,
            opened_at: at,
            changed_at: at,
            mapping: None,
            choices: Choices::default(),
            cells: BTreeMap::new(),
            decisions: BTreeMap::new(),
        }
    }

    /// Returns all that a person changed in cells and decided about rows.
    pub(crate) fn edits(&self) -> Edits {
        let cells = self.cells.iter().map(|((row, field), text)| CellChange {
            row: *row,
            field: *field,
            text: text.clone(),
        });
        let decisions = self.decisions.iter();
        let decisions =
            decisions.map(|(row, decision)| RowDecision { row: *row, decision: *decision });
        Edits { cells: cells.collect(), decisions: decisions.collect() }
    }

    fn take(&mut self, entry: Entry, at: UnixMillis) {
        self.changed_at = at;
        match entry {
            // The source was read anew.
            Entry::Opened(opened) => self.opened = opened,
            Entry::Mapping(mapping) => self.mapping = Some(mapping),
            Entry::Choices(choices) => self.choices = choices,
            Entry::Cells(cells) => {
                let cells = cells.into_iter().map(|cell| ((cell.row, cell.field), cell.text));
                self.cells.extend(cells);
            }
            Entry::Decisions(decisions) => {
                self.decisions.extend(decisions.into_iter().map(|it| (it.row, it.decision)));
            }
            Entry::Undecided(rows) => {
                for row in rows {
                    self.decisions.remove(&row);
                }
            }
        }
    }
}

fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(&error)),
        _ => Ok(()),
    }
}

fn unwritable(error: &io::Error) -> Error {
    let code = match error.kind() {
        io::ErrorKind::StorageFull => Code::DiskFull,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Code::DatabaseReadOnly
        }
        _ => Code::Internal,
    };
    refused(code, format!("The open import can't be kept on the disk: {error}."))
}

fn unreadable(error: &io::Error) -> Error {
    refused(Code::FileUnreadable, format!("The open import can't be read: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(id: ImportId) -> Opened {
        Opened {
            id,
            sources: Vec::new(),
            format: None,
            sheet: None,
            plan: None,
            rows: 3,
            is_watched: false,
        }
    }

    fn cell(row: u32, text: &str) -> CellChange {
        CellChange { row, field: Field::Content, text: text.to_owned() }
    }

    #[test]
    fn the_last_word_counts_and_half_a_line_is_nobody_s() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::beside(&folder.path().join("roost.db"));
        let id = ImportId::new(UnixMillis(1_800_000_000_000));
        let at = UnixMillis(1_800_000_000_000);
        let mut journal = folder.begin(&opened(id), &[], at).unwrap();
        journal.note(at, Entry::Cells(vec![cell(1, "one"), cell(2, "two")])).unwrap();
        journal.note(at, Entry::Cells(vec![cell(1, "uno")])).unwrap();
        let choices = Choices { update: true, ..Choices::default() };
        journal.note(at, Entry::Choices(choices.clone())).unwrap();
        journal.file.write_all(br#"{"at":1800000000000,"kind":"cells","va"#).unwrap();
        drop(journal);

        let (read, mut journal) = folder.open(id).unwrap().unwrap();
        assert_eq!(read.cells[&(1, Field::Content)], "uno");
        assert_eq!((read.cells.len(), read.choices), (2, choices));
        journal.note(at, Entry::Cells(vec![cell(3, "three")])).unwrap();
        assert_eq!(folder.read(id).unwrap().unwrap().cells.len(), 3);
    }

    #[test]
    fn what_nothing_changed_for_a_week_is_gone_and_a_text_with_it() {
        let kept = tempfile::tempdir().unwrap();
        let folder = Folder::beside(&kept.path().join("roost.db"));
        let now = UnixMillis(1_800_000_000_000);
        let (old, new) = (ImportId::new(now), ImportId::new(now));
        let pasted = Source { name: "paste".to_owned(), path: None, bytes: b"[]".to_vec() };
        folder.begin(&opened(old), std::slice::from_ref(&pasted), now).unwrap();
        let later = UnixMillis(now.0 + KEPT_MS);
        folder.begin(&opened(new), std::slice::from_ref(&pasted), later).unwrap();
        folder.clean(UnixMillis(later.0 + 1)).unwrap();
        assert_eq!(folder.ids().unwrap(), [new]);
        assert_eq!(folder.text(new, 0).unwrap(), b"[]");
        assert!(folder.text(old, 0).is_err());
        folder.remove(new).unwrap();
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn journals_and_texts_are_their_owner_s_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let kept = tempfile::tempdir().unwrap();
        let folder = Folder::beside(&kept.path().join("roost.db"));
        let now = UnixMillis(1_800_000_000_000);
        let pasted = Source { name: "paste".to_owned(), path: None, bytes: b"[]".to_vec() };
        folder.begin(&opened(ImportId::new(now)), &[pasted], now).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.0), 0o700);
        for entry in fs::read_dir(&folder.0).unwrap() {
            assert_eq!(mode(&entry.unwrap().path()), 0o600);
        }
    }
}
