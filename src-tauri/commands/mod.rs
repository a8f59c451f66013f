//! What the window may ask of the shell. What it asks of the engine goes through the engine's table of
//! operations; the rest has to do with a window, a browser or this process.

use roost_engine::api;
use tauri::State;

use crate::ipc::{Json, specta};
use crate::start::Shell;

pub(crate) mod computer_move;
pub(crate) mod pairing;
pub(crate) mod sign_in;
pub(crate) mod updates;
pub(crate) mod window;

/// What a command answers; what it is refused with is the API's failure.
type Answer<T> = Result<T, Json>;
type Here<'a> = State<'a, Shell>;

/// Carries out an operation of the engine's table: `params` is its request. What comes back is its
/// answer, or the API's failure.
#[tauri::command]
#[specta]
pub(crate) async fn call(shell: Here<'_>, operation: String, params: Json) -> Answer<Json> {
    let answer = api::call(shell.engine()?, &operation, params.0).await?;
    Ok(Json(answer))
}
