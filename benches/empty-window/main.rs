//! A Tauri window with a page of one line and something to scroll: the least that a window costs here.

fn main() -> std::process::ExitCode {
    match tauri::Builder::default().run(tauri::generate_context!()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the window could not be opened: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
