//! The contract between the window and the shell. The only file that names specta: its versions
//! are pinned to each other, and a change of them is made here.

pub(crate) use specta::{Type, specta};
use tauri::Wry;
pub(crate) use tauri_specta::Event;
use tauri_specta::{Builder, collect_commands, collect_events};

use crate::{commands, feed, leave};

/// Every command and event, for the handler and for the window's bindings alike.
pub(crate) fn contract() -> Builder<Wry> {
    Builder::<Wry>::new()
        .commands(collect_commands![
            commands::read::overview,
            commands::read::posts,
            commands::read::post,
            commands::read::imports,
            commands::read::settings,
            commands::read::zones,
            commands::compose::count,
            commands::compose::judge,
            commands::compose::suggest_times,
            commands::compose::create,
            commands::compose::edit,
            commands::act::cancel,
            commands::act::cancel_account,
            commands::act::remove,
            commands::act::retry,
            commands::act::post_too,
            commands::act::replace,
            commands::act::verify,
            commands::act::went_out,
            commands::act::send_again,
            commands::act::pause,
            commands::act::try_now,
            commands::act::prefer,
            commands::act::quit,
            commands::act::painted,
            commands::import::rehearse_import,
            commands::import::import_file,
            commands::import::undo_import,
        ])
        .events(collect_events![feed::Changed, leave::QuitAsked])
        // Instants and amounts stay far below 2^53.
        .dangerously_cast_bigints_to_number()
        // A type goes either in or out, never both, so that one shape is enough.
        .disable_serde_phases()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// With `ROOST_WRITE_BINDINGS` the file is written; otherwise it must be what would be.
    #[test]
    fn the_windows_bindings_are_those_of_the_commands() {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/lib/ipc/bindings.ts");
        let folder = std::env::temp_dir().join(format!("roost-bindings-{}", std::process::id()));
        let fresh = folder.join("bindings.ts");
        contract().export(specta_typescript::Typescript::default(), &fresh).unwrap();
        let text = std::fs::read_to_string(&fresh).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        if std::env::var_os("ROOST_WRITE_BINDINGS").is_some() {
            std::fs::write(&kept, &text).unwrap();
        }
        let found = std::fs::read_to_string(&kept).unwrap_or_default().replace("\r\n", "\n");
        assert!(found == text, "{} is behind: cargo xtask types", kept.display());
    }
}
