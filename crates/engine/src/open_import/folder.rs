//! The folder of one store's open imports: a journal each, and the texts that no file holds. It stands
//! beside the store, for its owner alone: no backup holds it.
//!
//! A journal is begun beside its place and put there whole, so that one that is there can be read,
//! whenever the process that began it was ended.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::ImportId;

use super::journal::{self, Contents, Entry, Journal, Opened, Reading};
use super::source::{Source, refused, unwritable};
use crate::{Error, Result};

/// The name of the folder beside the store.
const FOLDER: &str = "open-imports";
/// The end of a journal's name.
const SUFFIX: &str = "import";
/// What stands behind the name of a file that is not whole yet.
const PART: &str = ".part";
/// So long an import stays open after its last change.
const KEPT_MS: i64 = 7 * 24 * 3_600_000;
/// So long what has no journal may be waiting for one: longer than any source takes to be read.
const BEGINNING_MS: i64 = 3_600_000;

/// The folder of one store's open imports.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Returns the folder beside a store.
    pub(crate) fn beside(database: &Path) -> Self {
        Self(database.with_file_name(FOLDER))
    }

    /// Keeps the texts that no file holds, and begins a journal. When it can't, nothing stays.
    pub(crate) fn begin(
        &self,
        opened: &Opened,
        sources: &[Source],
        said: &[Entry],
        at: UnixMillis,
    ) -> Result<Journal> {
        roost_private_files::make_folder(&self.0).map_err(|error| unwritable(&error))?;
        let mut texts = (0..).zip(sources).filter(|(_, it)| it.path.is_none());
        let kept =
            texts.try_for_each(|(place, text)| write(&self.text_of(opened.id, place), &text.bytes));
        let begun = match kept {
            Ok(()) => self.begin_anew(opened, said, at),
            Err(error) => Err(unwritable(&error)),
        };
        if begun.is_err()
            && let Err(error) = self.remove(opened.id)
        {
            tracing::warn!(%error, "what was kept of an import that could not be opened stays");
        }
        begun
    }

    /// Begins a journal, in the place of one that may be there.
    pub(crate) fn begin_anew(
        &self,
        opened: &Opened,
        said: &[Entry],
        at: UnixMillis,
    ) -> Result<Journal> {
        let path = self.journal_of(opened.id);
        let part = roost_private_files::beside(&path, PART);
        remove_file(&part)?;
        let file = roost_private_files::options()
            .append(true)
            .create_new(true)
            .open(&part)
            .map_err(|error| unwritable(&error))?;
        let mut journal = Journal::on(file);
        let begun = (|| {
            journal.note(at, Entry::Opened(opened.clone()))?;
            said.iter().try_for_each(|entry| journal.note(at, entry.clone()))?;
            fs::rename(&part, &path).map_err(|error| unwritable(&error))
        })();
        if begun.is_err() {
            // It is no journal, and the next cleaning finds it otherwise.
            drop(fs::remove_file(&part));
        }
        begun.map(|()| journal)
    }

    /// Opens a journal to go on with it; none when there is none, or none that can be read.
    pub(crate) fn open(&self, id: ImportId) -> Result<Option<(Contents, Journal)>> {
        let Some(Reading { contents, whole, damaged }) = self.read_to_end(id)? else {
            return Ok(None);
        };
        if damaged > 0 {
            tracing::warn!(%id, damaged, "changes of an open import can't be read, and are left out");
        }
        let file = match roost_private_files::options().append(true).open(self.journal_of(id)) {
            Ok(file) => file,
            // It was committed or dropped since it was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unwritable(&error)),
        };
        // Half a line, which a process left that was ended: the next one would be hung on it.
        file.set_len(whole).map_err(|error| unwritable(&error))?;
        Ok(Some((contents, Journal::on(file))))
    }

    /// Returns what a journal says; none when there is none, or none that can be read.
    pub(crate) fn read(&self, id: ImportId) -> Result<Option<Contents>> {
        Ok(self.read_to_end(id)?.map(|reading| reading.contents))
    }

    fn read_to_end(&self, id: ImportId) -> Result<Option<Reading>> {
        match fs::read(self.journal_of(id)) {
            Ok(text) => Ok(journal::read(&text)),
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
        let is_journal = |path: &PathBuf| path.extension().is_some_and(|it| it == SUFFIX);
        Ok(self
            .files()?
            .iter()
            .filter(|path| is_journal(path))
            .filter_map(|it| id_of(it))
            .collect())
    }

    /// Removes a journal and all that belongs to it. One that is not there is no error.
    pub(crate) fn remove(&self, id: ImportId) -> Result<()> {
        // The journal first: without it, the rest is nobody's, and a later cleaning takes it.
        remove_file(&self.journal_of(id))?;
        let files = self.files()?;
        files.iter().filter(|path| id_of(path) == Some(id)).try_for_each(|path| remove_file(path))
    }

    /// Removes what nothing changed for a week, what can't be read, and what has no journal. What can't be
    /// removed is no error: it is in nobody's way.
    pub(crate) fn clean(&self, now: UnixMillis) -> Result<()> {
        let ids: BTreeSet<ImportId> = self.files()?.iter().filter_map(|path| id_of(path)).collect();
        for id in ids {
            let is_over = match self.read_to_end(id) {
                Ok(Some(reading)) => reading.contents.changed_at.0 + KEPT_MS < now.0,
                Ok(None) if self.journal_of(id).exists() => {
                    tracing::warn!(%id, "an open import was damaged on the disk, and is given up");
                    true
                }
                Ok(None) => made_at(id) + BEGINNING_MS < now.0,
                Err(error) => {
                    tracing::warn!(%id, %error, "an open import is passed over");
                    false
                }
            };
            if is_over && let Err(error) = self.remove(id) {
                tracing::warn!(%id, %error, "an import that is over stays on the disk");
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

    /// Returns all files of the folder; none when it is not there.
    fn files(&self) -> Result<Vec<PathBuf>> {
        match fs::read_dir(&self.0) {
            Ok(entries) => Ok(entries.filter_map(|it| Some(it.ok()?.path())).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(unreadable(&error)),
        }
    }
}

/// Returns the import that a file belongs to.
fn id_of(path: &Path) -> Option<ImportId> {
    path.file_name().and_then(OsStr::to_str)?.split('.').next()?.parse().ok()
}

/// Returns when an id was made, in Unix milliseconds.
fn made_at(id: ImportId) -> i64 {
    // The uppermost 48 bits of a version 7 are its time.
    i64::try_from(id.0.as_u128() >> 80).unwrap_or(i64::MAX)
}

/// Writes a file of its owner's alone, and has it on the disk.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file =
        roost_private_files::options().write(true).create(true).truncate(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(&error)),
        _ => Ok(()),
    }
}

fn unreadable(error: &io::Error) -> Error {
    refused(Code::FileUnreadable, format!("The open import can't be read: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    use roost_import::choices::Choices;
    use roost_import::field::Field;
    use roost_import::session::CellChange;

    fn opened(id: ImportId) -> Opened {
        Opened {
            id,
            sources: Vec::new(),
            format: None,
            sheet: None,
            list: None,
            plan: None,
            rows: 3,
            is_watched: false,
        }
    }

    fn cell(row: u32, text: &str) -> CellChange {
        CellChange { row, field: Field::Content, text: text.to_owned() }
    }

    fn append(path: &Path, bytes: &[u8]) {
        fs::File::options().append(true).open(path).unwrap().write_all(bytes).unwrap();
    }

    #[test]
    fn the_last_word_counts_and_half_a_line_is_nobody_s() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::beside(&folder.path().join("roost.db"));
        let id = ImportId::new(UnixMillis(1_800_000_000_000));
        let at = UnixMillis(1_800_000_000_000);
        let mut journal = folder.begin(&opened(id), &[], &[], at).unwrap();
        journal.note(at, Entry::Cells(vec![cell(1, "one"), cell(2, "two")])).unwrap();
        journal.note(at, Entry::Cells(vec![cell(1, "uno")])).unwrap();
        let choices = Choices { update: true, ..Choices::default() };
        journal.note(at, Entry::Choices(choices.clone())).unwrap();
        drop(journal);
        append(&folder.journal_of(id), br#"{"at":1800000000000,"kind":"cells","va"#);

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
        folder.begin(&opened(old), std::slice::from_ref(&pasted), &[], now).unwrap();
        let later = UnixMillis(now.0 + KEPT_MS);
        folder.begin(&opened(new), std::slice::from_ref(&pasted), &[], later).unwrap();
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
        folder.begin(&opened(ImportId::new(now)), &[pasted], &[], now).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.0), 0o700);
        for entry in fs::read_dir(&folder.0).unwrap() {
            assert_eq!(mode(&entry.unwrap().path()), 0o600);
        }
    }

    #[test]
    fn a_journal_that_was_cut_off_anywhere_says_what_was_whole_and_can_be_gone_on_with() {
        let kept = tempfile::tempdir().unwrap();
        let folder = Folder::beside(&kept.path().join("roost.db"));
        let at = UnixMillis(1_800_000_000_000);
        let id = ImportId::new(at);
        let mut journal = folder.begin(&opened(id), &[], &[], at).unwrap();
        let mut ends = vec![fs::metadata(folder.journal_of(id)).unwrap().len()];
        for row in 1..=5 {
            journal.note(at, Entry::Cells(vec![cell(row, "é\"\n")])).unwrap();
            ends.push(fs::metadata(folder.journal_of(id)).unwrap().len());
        }
        let whole = fs::read(folder.journal_of(id)).unwrap();
        for length in 0..=whole.len() {
            fs::write(folder.journal_of(id), &whole[..length]).unwrap();
            let lines = ends.iter().filter(|end| **end <= length as u64).count();
            let Some((read, mut journal)) = folder.open(id).unwrap() else {
                assert_eq!(lines, 0, "{length} bytes");
                continue;
            };
            assert_eq!(read.cells.len(), lines - 1, "{length} bytes");
            journal.note(at, Entry::Cells(vec![cell(9, "goes on")])).unwrap();
            assert_eq!(folder.read(id).unwrap().unwrap().cells.len(), lines);
        }
    }

    #[test]
    fn a_damaged_line_costs_its_change_alone() {
        let kept = tempfile::tempdir().unwrap();
        let folder = Folder::beside(&kept.path().join("roost.db"));
        let at = UnixMillis(1_800_000_000_000);
        let id = ImportId::new(at);
        let mut journal = folder.begin(&opened(id), &[], &[], at).unwrap();
        for row in 1..=3 {
            journal.note(at, Entry::Cells(vec![cell(row, &format!("row {row}"))])).unwrap();
        }
        let said = fs::read_to_string(folder.journal_of(id)).unwrap();
        fs::write(folder.journal_of(id), said.replace("\"row 2\"", "\0row 2\0")).unwrap();
        let (read, _) = folder.open(id).unwrap().unwrap();
        let rows: Vec<u32> = read.cells.keys().map(|(row, _)| *row).collect();
        assert_eq!(rows, [1, 3]);
    }

    #[test]
    fn what_can_t_be_read_is_given_up_and_stops_nothing() {
        let kept = tempfile::tempdir().unwrap();
        let folder = Folder::beside(&kept.path().join("roost.db"));
        let now = UnixMillis(1_800_000_000_000);
        let [sound, empty, garbage, other] = [(); 4].map(|()| ImportId::new(now));
        for id in [sound, empty, garbage] {
            folder.begin(&opened(id), &[], &[], now).unwrap();
        }
        fs::write(folder.journal_of(empty), "").unwrap();
        fs::write(folder.journal_of(garbage), [0xff; 300]).unwrap();
        fs::create_dir(folder.journal_of(other)).unwrap();
        fs::write(folder.0.join("a note of the person's"), "stays").unwrap();
        folder.clean(now).unwrap();
        let mut left = folder.ids().unwrap();
        left.sort_unstable();
        let mut expected = [sound, other];
        expected.sort_unstable();
        assert_eq!(left, expected, "a folder is no journal, and nothing that is removed");
        assert!(folder.0.join("a note of the person's").exists());
    }

    #[test]
    fn what_a_beginning_left_that_was_ended_is_gone_and_one_that_goes_on_stays() {
        let kept = tempfile::tempdir().unwrap();
        let folder = Folder::beside(&kept.path().join("roost.db"));
        let begun = UnixMillis(1_800_000_000_000);
        roost_private_files::make_folder(&folder.0).unwrap();
        let (first, second) = (ImportId::new(begun), ImportId::new(begun));
        fs::write(folder.text_of(first, 0), "a secret plan").unwrap();
        fs::write(roost_private_files::beside(&folder.journal_of(second), PART), "{").unwrap();
        folder.clean(UnixMillis(begun.0 + 1000)).unwrap();
        assert_eq!(folder.files().unwrap().len(), 2, "another process is at it");
        folder.clean(UnixMillis(begun.0 + BEGINNING_MS + 1)).unwrap();
        assert_eq!(folder.files().unwrap(), Vec::<PathBuf>::new());
    }
}
