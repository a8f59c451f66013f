//! Prepares what Tauri builds into the program.

use std::path::Path;

fn main() {
    // The window's files are built by `npm run build`; without them the shell still compiles.
    let dist = Path::new("ui/dist");
    if !dist.join("index.html").exists() {
        println!("cargo:warning=the window is empty: run `npm run build` in ui/ first");
        if let Err(error) = std::fs::create_dir_all(dist) {
            println!("cargo:warning=ui/dist can't be made: {error}");
        }
    }
    println!("cargo:rerun-if-changed=ui/dist");
    tauri_build::build();
}
