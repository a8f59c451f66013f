//! Imports that are open: each a source, how it is taken, and its rows as they are judged.

use roost_core::failure::Code;
use roost_core::id::ImportId;

use crate::api::{
    FixImport, ImportCellsSet, ImportFixed, ImportReport, ImportRows, ImportRowsQuery,
    ImportSession, OpenImport, OpenImports, RejectsFile, ReopenImport, SaveImportRejects,
    SetImportCells, SetImportChoices, SetImportMapping,
};
use crate::state::EngineState;
use crate::{Error, Result};

pub(crate) async fn open(_state: &EngineState, _open: OpenImport) -> Result<ImportSession> {
    let message = "Name a file or a text to import.".to_owned();
    Err(Error::File { code: Code::FileUnreadable, message })
}

pub(crate) async fn reopen(_state: &EngineState, reopen: ReopenImport) -> Result<ImportSession> {
    Err(Error::ImportNotOpen(reopen.session))
}

pub(crate) async fn list(_state: &EngineState) -> Result<OpenImports> {
    Ok(OpenImports { imports: Vec::new() })
}

pub(crate) async fn rows(_state: &EngineState, query: ImportRowsQuery) -> Result<ImportRows> {
    Err(Error::ImportNotOpen(query.session))
}

pub(crate) async fn set_cells(_state: &EngineState, set: SetImportCells) -> Result<ImportCellsSet> {
    Err(Error::ImportNotOpen(set.session))
}

pub(crate) async fn set_mapping(
    _state: &EngineState,
    set: SetImportMapping,
) -> Result<ImportSession> {
    Err(Error::ImportNotOpen(set.session))
}

pub(crate) async fn set_choices(
    _state: &EngineState,
    set: SetImportChoices,
) -> Result<ImportSession> {
    Err(Error::ImportNotOpen(set.session))
}

pub(crate) async fn fix(_state: &EngineState, fix: FixImport) -> Result<ImportFixed> {
    Err(Error::ImportNotOpen(fix.session))
}

pub(crate) async fn commit(_state: &EngineState, session: ImportId) -> Result<ImportReport> {
    Err(Error::ImportNotOpen(session))
}

pub(crate) async fn drop(_state: &EngineState, _session: ImportId) -> Result<()> {
    Ok(())
}

pub(crate) async fn save_rejects(
    _state: &EngineState,
    save: SaveImportRejects,
) -> Result<RejectsFile> {
    Err(Error::ImportNotOpen(save.session))
}
