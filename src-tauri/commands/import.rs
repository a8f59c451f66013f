//! Importing files.

use super::{Here, Told, zone_of};
use crate::dto::import::{ImportOptions, ImportReport, Undone};
use crate::ipc::specta;
use crate::preview;

/// Says what importing a file would do. Writes nothing.
#[tauri::command]
#[specta]
pub(crate) async fn rehearse_import(
    shell: Here<'_>,
    path: String,
    options: ImportOptions,
) -> Told<ImportReport> {
    preview::rehearse(shell.engine()?, &zone_of(&shell).await?, &path, options).await
}

/// Imports a file.
#[tauri::command]
#[specta]
pub(crate) async fn import_file(
    shell: Here<'_>,
    path: String,
    options: ImportOptions,
) -> Told<ImportReport> {
    preview::import(shell.engine()?, &zone_of(&shell).await?, &path, options).await
}

/// Takes a whole import back.
#[tauri::command]
#[specta]
pub(crate) async fn undo_import(shell: Here<'_>, id: String) -> Told<Undone> {
    Ok(shell.engine()?.undo_import(id.parse()?).await?.into())
}
