//! What a person does with posts that are there.

use roost_core::id::{InvalidId, PostId, XUserId};
use roost_engine::Finding;
use tauri::AppHandle;

use super::{Here, Told, zone_of};
use crate::dto::compose::{Saved, Withdrawn};
use crate::dto::settings::{Settings, Wishes};
use crate::graphics::Memory;
use crate::ipc::specta;
use crate::leave;

fn ids(texts: &[String]) -> Result<Vec<PostId>, InvalidId> {
    texts.iter().map(|text| text.parse()).collect()
}

/// Withdraws posts.
#[tauri::command]
#[specta]
pub(crate) async fn cancel(shell: Here<'_>, ids: Vec<String>) -> Told<Withdrawn> {
    Ok(shell.engine()?.cancel(&self::ids(&ids)?).await?.into())
}

/// Withdraws every post of an account that is still to go out.
#[tauri::command]
#[specta]
pub(crate) async fn cancel_account(shell: Here<'_>, x_user_id: String) -> Told<Withdrawn> {
    Ok(shell.engine()?.cancel_account(XUserId(x_user_id)).await?.into())
}

/// Removes rows; what was handed over is withdrawn first.
#[tauri::command]
#[specta]
pub(crate) async fn remove(shell: Here<'_>, ids: Vec<String>) -> Told<Withdrawn> {
    Ok(shell.engine()?.delete(&self::ids(&ids)?).await?.into())
}

/// Arms a post again; a time in the past means now.
#[tauri::command]
#[specta]
pub(crate) async fn retry(shell: Here<'_>, id: String) -> Told<Saved> {
    let saved = shell.engine()?.retry(id.parse::<PostId>()?).await?;
    Ok(Saved::shown_in(&zone_of(&shell).await?, saved))
}

/// Schedules the draft that keeps a change which came too late.
#[tauri::command]
#[specta]
pub(crate) async fn post_too(shell: Here<'_>, id: String) -> Told<Saved> {
    let saved = shell.engine()?.post_too(id.parse()?).await?;
    Ok(Saved::shown_in(&zone_of(&shell).await?, saved))
}

/// Deletes on X what went out before a change, and posts what the change meant.
#[tauri::command]
#[specta]
pub(crate) async fn replace(shell: Here<'_>, id: String) -> Told<()> {
    shell.engine()?.replace(id.parse()?).await?;
    Ok(())
}

/// Reads the account's timeline on X once more.
#[tauri::command]
#[specta]
pub(crate) async fn verify(shell: Here<'_>, id: String) -> Told<()> {
    shell.engine()?.resolve(id.parse::<PostId>()?, Finding::Verify).await?;
    Ok(())
}

/// The person found the post on X: its address, or its id.
#[tauri::command]
#[specta]
pub(crate) async fn went_out(shell: Here<'_>, id: String, tweet: String) -> Told<()> {
    shell.engine()?.resolve(id.parse::<PostId>()?, Finding::WentOut { tweet }).await?;
    Ok(())
}

/// The post is not on X: send it again.
#[tauri::command]
#[specta]
pub(crate) async fn send_again(shell: Here<'_>, id: String) -> Told<()> {
    shell.engine()?.resolve(id.parse::<PostId>()?, Finding::SendAgain).await?;
    Ok(())
}

/// Pauses everything, or goes on.
#[tauri::command]
#[specta]
pub(crate) async fn pause(shell: Here<'_>, paused: bool) -> Told<()> {
    shell.engine()?.pause(paused).await?;
    Ok(())
}

/// Tries at once whatever waits for X, an account or the scheduler.
#[tauri::command]
#[specta]
pub(crate) async fn try_now(shell: Here<'_>) -> Told<()> {
    shell.engine()?.try_now().await?;
    Ok(())
}

/// Changes what the person prefers.
#[tauri::command]
#[specta]
pub(crate) async fn prefer(shell: Here<'_>, wishes: Wishes) -> Told<Settings> {
    let engine = shell.engine()?;
    engine.set_preferences(wishes.over(engine.preferences().await?)).await?;
    Ok(engine.preferences().await?.into())
}

/// Quits, whatever would not go out.
#[tauri::command]
#[specta]
pub(crate) async fn quit(app: AppHandle) -> Told<()> {
    leave::quit(&app).await;
    Ok(())
}

/// The window's first picture is on the screen.
#[tauri::command]
#[specta]
pub(crate) fn painted(memory: tauri::State<'_, Memory>) {
    memory.painted();
}
