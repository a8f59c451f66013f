//! The contract between the window and the shell. The only file that names specta: its versions
//! are pinned to each other, and a change of them is made here.

use roost_engine::api::Failure;
use serde::{Deserialize, Serialize};
pub(crate) use specta::{Type, specta};
use tauri::Wry;
pub(crate) use tauri_specta::Event;
use tauri_specta::{Builder, collect_commands, collect_events};

use crate::{commands, deep_link, events, quick_capture, quit, system_notification, updates};

/// JSON whose shape stands in the API's table: the window's client knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Json(pub serde_json::Value);

impl Json {
    /// Returns a value as JSON; what is no JSON is null.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        Self(serde_json::to_value(value).unwrap_or_default())
    }
}

impl From<Failure> for Json {
    fn from(failure: Failure) -> Self {
        Self::of(&failure)
    }
}

impl Type for Json {
    fn definition(types: &mut specta::Types) -> specta::datatype::DataType {
        <specta_typescript::Unknown as Type>::definition(types)
    }
}

/// Every command and event, for the handler and for the window's bindings alike.
pub(crate) fn contract() -> Builder<Wry> {
    Builder::<Wry>::new()
        .commands(collect_commands![
            commands::call,
            commands::window::quit,
            commands::window::painted,
            commands::window::sample_file,
            commands::window::set_zoom,
            commands::window::set_quick_capture,
            commands::sign_in::begin_sign_in,
            commands::sign_in::finish_sign_in,
            commands::sign_in::paste_sign_in,
            commands::sign_in::cancel_sign_in,
            commands::computer_move::can_move_in,
            commands::computer_move::move_out,
            commands::computer_move::move_in,
            commands::sign_in::add_sandbox_account,
            commands::pairing::pairing_state,
            commands::pairing::describe_pairing_link,
            commands::pairing::pair,
            commands::pairing::unpair,
            commands::pairing::keep_scheduler_token,
            commands::pairing::use_relays_scheduler,
            commands::pairing::opened_link,
            commands::pairing::start_again,
            commands::updates::update_state,
            commands::updates::keep_update_source,
            commands::updates::check_for_update,
            commands::updates::install_update,
            commands::updates::cancel_update,
            commands::updates::start_updated,
        ])
        .events(collect_events![
            events::Changed,
            quit::QuitAsked,
            deep_link::LinkOpened,
            quick_capture::CaptureAsked,
            system_notification::NoticeOpened,
            updates::UpdateStage,
        ])
        // Instants and amounts stay far below 2^53.
        .dangerously_cast_bigints_to_number()
        // A type goes either in or out, never both, so that one shape is enough.
        .disable_serde_phases()
}

/// The engine's API as TypeScript: its types, and a client with a function for each operation.
#[cfg(test)]
fn api(path: &std::path::Path) -> Result<(), specta_typescript::Error> {
    let client = roost_engine::api::client();
    Builder::<Wry>::new()
        .types(&roost_engine::api::types())
        .dangerously_cast_bigints_to_number()
        .disable_serde_phases()
        .export(specta_typescript::Typescript::default().with_raw(client), path)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// With `ROOST_WRITE_BINDINGS` the file is written; otherwise it must be what would be.
    fn check(name: &str, write: impl FnOnce(&Path)) {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/lib/ipc").join(name);
        let folder = tempfile::tempdir().unwrap();
        let fresh = folder.path().join(name);
        write(&fresh);
        let text = std::fs::read_to_string(&fresh).unwrap();
        if std::env::var_os("ROOST_WRITE_BINDINGS").is_some() {
            std::fs::write(&kept, &text).unwrap();
        }
        let found = std::fs::read_to_string(&kept).unwrap_or_default().replace("\r\n", "\n");
        assert!(found == text, "{} is behind: cargo xtask types", kept.display());
    }

    #[test]
    fn the_windows_bindings_are_those_of_the_commands() {
        check("bindings.ts", |path| {
            contract().export(specta_typescript::Typescript::default(), path).unwrap();
        });
    }

    #[test]
    fn the_windows_bindings_of_the_api_are_those_of_the_engine() {
        check("api.ts", |path| api(path).unwrap());
    }
}
