//! Logs on standard error: for people, or as JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// `RUST_LOG` says how much; otherwise one line per decision.
pub(super) fn begin(json: bool) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn,roost_relay=info".into());
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if json { logs.json().init() } else { logs.init() }
}
