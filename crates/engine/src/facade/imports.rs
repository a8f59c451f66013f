//! What concerns imports: sources opened as sessions, judged, changed, committed, taken back.

use roost_core::id::{ImportId, XUserId};
use roost_import::format::Format;
use roost_import::template::Template;

use crate::api::{
    AccountSlots, DecideImportRows, FixImport, GetImportPrompt, GetImportTemplate, ImportCellsSet,
    ImportFixed, ImportProgressNow, ImportPrompt, ImportReport, ImportRows, ImportRowsQuery,
    ImportSession, ImportSummary, ImportTemplate, ImportWork, OpenImport, OpenImports, RejectsFile,
    ReopenImport, SaveImportRejects, SetImportCells, SetImportChoices, SetImportMapping,
    SetImportPart, SetSlots,
};
use crate::import::{run, session, slots, start};
use crate::{Engine, ImportDone, ImportProgress, ImportRun, Result};

impl Engine {
    /// Opens files, or texts, as one import. Nothing is written to the store before it is committed.
    ///
    /// # Errors
    /// When a source can't be read, or is refused as a whole.
    pub async fn open_import(&self, open: OpenImport) -> Result<ImportSession> {
        session::open(&self.state, open).await
    }

    /// Opens an import again that was left open, such as when the window ended.
    ///
    /// # Errors
    /// When it is not open any more, or its source changed since and is not to be read anew.
    pub async fn reopen_import(&self, reopen: ReopenImport) -> Result<ImportSession> {
        session::reopen(&self.state, reopen).await
    }

    /// Returns the imports that are open, newest first.
    ///
    /// # Errors
    /// When their folder can't be read.
    pub async fn open_imports(&self) -> Result<OpenImports> {
        session::list(&self.state).await
    }

    /// Imports in one go, or says what that would do; nothing is kept on the way. `progress` is told how
    /// far it is, and may give it up: nothing is written then.
    ///
    /// # Errors
    /// When a source is refused as a whole, a choice is none, or the store can't be used.
    pub async fn run_import(&self, run: ImportRun, progress: ImportProgress) -> Result<ImportDone> {
        run::run(&self.state, run, progress).await
    }

    /// Returns rows of an open import.
    ///
    /// # Errors
    /// When it is not open.
    pub async fn import_rows(&self, query: ImportRowsQuery) -> Result<ImportRows> {
        session::rows(&self.state, query).await
    }

    /// Sets cells of an open import, and judges them anew.
    ///
    /// # Errors
    /// When it is not open, has no such row, or the change can't be kept on the disk.
    pub async fn set_import_cells(&self, set: SetImportCells) -> Result<ImportCellsSet> {
        session::set_cells(&self.state, set).await
    }

    /// Says what columns of an open import are.
    ///
    /// # Errors
    /// When it is not open, has no such column, or the change can't be kept on the disk.
    pub async fn set_import_mapping(&self, set: SetImportMapping) -> Result<ImportSession> {
        session::set_mapping(&self.state, set).await
    }

    /// Chooses policies and switches of an open import.
    ///
    /// # Errors
    /// When it is not open, a choice is none, or the change can't be kept on the disk.
    pub async fn set_import_choices(&self, set: SetImportChoices) -> Result<ImportSession> {
        session::set_choices(&self.state, set).await
    }

    /// Reads the sources of an open import in another way: another sheet of a workbook, another list of a
    /// JSON file, or the ids of rows within another plan. Rows of another sheet or list are others, and
    /// what was changed in those before is given up.
    ///
    /// # Errors
    /// When it is not open, a source changed since, or there is no such sheet or list; it stays as it was.
    pub async fn set_import_part(&self, part: SetImportPart) -> Result<ImportSession> {
        session::set_part(&self.state, part).await
    }

    /// Mends what a finding is about, in one row or in all that have it.
    ///
    /// # Errors
    /// When it is not open, there is no such fix, or the change can't be kept on the disk.
    pub async fn fix_import(&self, fix: FixImport) -> Result<ImportFixed> {
        session::fix(&self.state, fix).await
    }

    /// Decides what becomes of single rows, or takes a decision back.
    ///
    /// # Errors
    /// When it is not open, has no such row, or the decision can't be kept on the disk.
    pub async fn decide_import_rows(&self, decide: DecideImportRows) -> Result<ImportCellsSet> {
        session::decide(&self.state, decide).await
    }

    /// Looks for texts that are nearly the same in some more rows of an open import, and says whether any
    /// are left: it takes too long to be done before the first rows are shown.
    ///
    /// # Errors
    /// When it is not open, its source changed since, or the store can't be read.
    pub async fn compare_import_texts(&self, session: ImportId) -> Result<ImportSummary> {
        session::compare_texts(&self.state, session).await
    }

    /// Imports what is ready, in one transaction, and closes the session. While an error stands in the
    /// way, nothing is written, the report says so, and it stays open.
    ///
    /// # Errors
    /// When it is not open, its source changed since, or the store can't be written.
    pub async fn commit_import(&self, session: ImportId) -> Result<ImportReport> {
        session::commit(&self.state, session).await
    }

    /// Closes an import without importing anything. One that is not open is no error.
    ///
    /// # Errors
    /// When its file can't be removed.
    pub async fn drop_import(&self, session: ImportId) -> Result<OpenImports> {
        session::drop(&self.state, session).await?;
        self.open_imports().await
    }

    /// Returns how far something is that is being done with an import: opened, judged or committed.
    #[must_use]
    pub fn import_progress(&self, work: &ImportWork) -> ImportProgressNow {
        self.state.open_imports.works().now(&work.work)
    }

    /// Has what is being done with an import end without a result, and returns how far it was.
    #[must_use]
    pub fn give_up_import(&self, work: &ImportWork) -> ImportProgressNow {
        self.state.open_imports.works().give_up(&work.work)
    }

    /// Writes the rows that are left out or refused into a file, each with its reason.
    ///
    /// # Errors
    /// When it is not open, or the file can't be written.
    pub async fn save_import_rejects(&self, save: SaveImportRejects) -> Result<RejectsFile> {
        session::save_rejects(&self.state, save).await
    }

    /// Returns the weekly posting times of an account.
    ///
    /// # Errors
    /// When there is no such account, or the store can't be read.
    pub async fn slots(&self, account: XUserId) -> Result<AccountSlots> {
        slots::get(&self.state, account).await
    }

    /// Sets the weekly posting times of an account.
    ///
    /// # Errors
    /// When there is no such account, a time or zone is none, or the store can't be written.
    pub async fn set_slots(&self, set: SetSlots) -> Result<AccountSlots> {
        slots::set(&self.state, set).await
    }

    /// Returns a file of posts to fill in, with the zone and the account that are named or known; its times
    /// lie ahead.
    ///
    /// # Errors
    /// When the format has none, or zone or account are not known.
    pub async fn import_template(
        &self,
        format: Format,
        zone: Option<String>,
        account: Option<String>,
    ) -> Result<Template> {
        start::file(&self.state, format, zone, account).await
    }

    /// Returns a file of posts to fill in as a text, or writes it where the person wants it.
    ///
    /// # Errors
    /// When the format has none, zone or account are not known, or the file can't be written.
    pub async fn get_import_template(&self, asked: GetImportTemplate) -> Result<ImportTemplate> {
        start::get_template(&self.state, asked).await
    }

    /// Returns words that make a language model write a file which an import takes, with zone, account,
    /// length and posting times filled in.
    ///
    /// # Errors
    /// When zone or account are not known.
    pub async fn get_import_prompt(&self, asked: GetImportPrompt) -> Result<ImportPrompt> {
        start::get_prompt(&self.state, asked).await
    }
}
