//! Prepares what Tauri builds into the program.

fn main() {
    tauri_build::build();
}
