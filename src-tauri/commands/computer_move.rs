//! Moving to a new computer, and from an old one.

use std::path::PathBuf;

use super::{Answer, Here};
use crate::computer_move::{self, MovedOut};
use crate::ipc::specta;

/// Returns whether what another computer wrote can be taken in here: nothing was begun yet.
#[tauri::command]
#[specta]
pub(crate) async fn can_move_in(shell: Here<'_>) -> Answer<bool> {
    Ok(computer_move::can_move_in(shell.engine()?, shell.data()?).await?)
}

/// Puts everything into a sealed file; nothing goes out from here after it.
#[tauri::command]
#[specta]
pub(crate) async fn move_out(
    shell: Here<'_>,
    file: String,
    passphrase: String,
) -> Answer<MovedOut> {
    let (engine, data) = (shell.engine()?, shell.data()?);
    shell.rest().await;
    shell.stop_services().await;
    let file = PathBuf::from(file);
    let moved = computer_move::move_out(engine, data, &file, passphrase).await;
    if moved.is_err() && engine.moved_away().is_none() {
        shell.start_services().await?;
        shell.go_on();
    }
    Ok(moved?)
}

/// Takes everything over from a sealed file. It is in use once Roost has started again.
#[tauri::command]
#[specta]
pub(crate) async fn move_in(
    shell: Here<'_>,
    file: String,
    passphrase: String,
    key_in_file: bool,
) -> Answer<()> {
    let data = shell.data()?;
    shell.rest().await;
    let moved = computer_move::move_in(data, PathBuf::from(file), passphrase, key_in_file).await;
    if moved.is_err() {
        shell.go_on();
    }
    Ok(moved?)
}
