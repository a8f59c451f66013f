//! Reading: nothing here writes.

use roost_core::zone::Zone;

use super::{Here, Told, zone_of};
use crate::dto::import::ImportRow;
use crate::dto::overview::{Overview, Parts};
use crate::dto::post::{Detail, Page, Query};
use crate::dto::settings::Settings;
use crate::ipc::specta;

/// Rail and status bar.
#[tauri::command]
#[specta]
pub(crate) async fn overview(shell: Here<'_>) -> Told<Overview> {
    let engine = shell.engine()?;
    let (counts, sync) = (engine.counts().await?, engine.sync_state().await?);
    let (accounts, zone) = (engine.accounts().await?, zone_of(&shell).await?);
    let (now, sample) = (shell.now(), shell.sample());
    Ok(Parts { now, zone, counts, accounts, sync, sample }.into())
}

/// What the person prefers.
#[tauri::command]
#[specta]
pub(crate) async fn settings(shell: Here<'_>) -> Told<Settings> {
    Ok(shell.engine()?.preferences().await?.into())
}

/// A page of posts.
#[tauri::command]
#[specta]
pub(crate) async fn posts(shell: Here<'_>, query: Query) -> Told<Page> {
    let page = shell.engine()?.posts(&query.try_into()?).await?;
    Ok(Page::shown_in(&zone_of(&shell).await?, page))
}

/// One post with its receipt.
#[tauri::command]
#[specta]
pub(crate) async fn post(shell: Here<'_>, id: String) -> Told<Detail> {
    let detail = shell.engine()?.post(id.parse()?).await?;
    Ok(Detail::shown_in(&zone_of(&shell).await?, detail))
}

/// Imports, newest first.
#[tauri::command]
#[specta]
pub(crate) async fn imports(shell: Here<'_>) -> Told<Vec<ImportRow>> {
    Ok(shell.engine()?.imports().await?.into_iter().map(Into::into).collect())
}

/// Every zone's name.
#[tauri::command]
#[specta]
pub(crate) fn zones() -> Vec<String> {
    Zone::names().iter().map(|name| (*name).to_owned()).collect()
}

/// The file that a newcomer may import to try things.
#[tauri::command]
#[specta]
pub(crate) fn sample_file(shell: Here<'_>) -> Option<String> {
    shell.sample()
}
