//! What the window may ask for. Each command is a sentence: the engine does the work.

use roost_core::zone::Zone;
use roost_engine::api;
use tauri::State;

use crate::failure::Failure;
use crate::ipc::{Json, specta};
use crate::start::Shell;

pub(crate) mod act;
pub(crate) mod compose;
pub(crate) mod import;
pub(crate) mod read;
pub(crate) mod sign_in;

type Told<T> = Result<T, Failure>;
type Here<'a> = State<'a, Shell>;

/// The zone that the window shows times in.
async fn zone_of(shell: &Shell) -> Told<Zone> {
    let name = shell.engine()?.preferences().await?.zone;
    Zone::parse(&name).map_err(|error| Failure::new("unknown_zone", error.to_string()))
}

/// Carries out an operation of the engine's table: `params` is its request. What comes back is its
/// answer, or the API's failure.
#[tauri::command]
#[specta]
pub(crate) async fn call(shell: Here<'_>, operation: String, params: Json) -> Result<Json, Json> {
    let called = match shell.engine() {
        Ok(engine) => api::call(engine, &operation, params.0).await,
        Err(failure) => Err(failure.into_api()),
    };
    called.map(Json).map_err(|failure| Json::of(&failure))
}
