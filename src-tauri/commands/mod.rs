//! What the window may ask for. Each command is a sentence: the engine does the work.

use roost_core::zone::Zone;
use tauri::State;

use crate::failure::Failure;
use crate::start::Shell;

pub(crate) mod act;
pub(crate) mod compose;
pub(crate) mod import;
pub(crate) mod read;

type Told<T> = Result<T, Failure>;
type Here<'a> = State<'a, Shell>;

/// The zone that the window shows times in.
async fn zone_of(shell: &Shell) -> Told<Zone> {
    let name = shell.engine()?.preferences().await?.zone;
    Zone::parse(&name).map_err(|error| Failure::new("unknown_zone", error.to_string()))
}
