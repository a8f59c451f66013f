//! Writing posts.

use roost_core::text::MAX_WEIGHTED_LENGTH;
use roost_core::zone::Zone;

use super::{Here, Told, zone_of};
use crate::dto::compose::{Count, EditInput, PostInput, Saved, Suggestion, Verdict};
use crate::failure::Failure;
use crate::ipc::specta;
use crate::suggest;

/// Counts a text as X does: asked at every keystroke.
#[tauri::command]
#[specta]
pub(crate) async fn count(shell: Here<'_>, text: String) -> Told<Count> {
    let accounts = shell.engine()?.accounts().await?;
    let limit = accounts.first().map_or(MAX_WEIGHTED_LENGTH, |account| account.text_limit);
    Ok(Count::of(&text, limit))
}

/// Says what there is to say of a post as it stands. Writes nothing.
#[tauri::command]
#[specta]
pub(crate) async fn judge(shell: Here<'_>, post: PostInput) -> Told<Verdict> {
    Ok(shell.engine()?.judge(&post.into()).await?.into())
}

/// Times that the composer offers in a zone.
#[tauri::command]
#[specta]
pub(crate) fn suggest_times(shell: Here<'_>, zone: String) -> Told<Vec<Suggestion>> {
    let zone = Zone::parse(&zone).map_err(|error| Failure::new("zone", error.to_string()))?;
    Ok(suggest::times(shell.now(), &zone))
}

/// Makes a post or a draft.
#[tauri::command]
#[specta]
pub(crate) async fn create(shell: Here<'_>, post: PostInput) -> Told<Saved> {
    let saved = shell.engine()?.create(post.into()).await?;
    Ok(Saved::shown_in(&zone_of(&shell).await?, saved))
}

/// Changes a post.
#[tauri::command]
#[specta]
pub(crate) async fn edit(shell: Here<'_>, id: String, edit: EditInput) -> Told<Saved> {
    let saved = shell.engine()?.edit(id.parse()?, edit.into()).await?;
    Ok(Saved::shown_in(&zone_of(&shell).await?, saved))
}
