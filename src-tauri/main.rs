//! The desktop application.

// On Windows a release build opens no console beside its window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    // First of all: whoever makes a TLS client later finds one provider. A second installation
    // can't happen here, and would change nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    roost_desktop::run()
}
