//! How the programs of a run are called: short paces, nothing else out of the ordinary.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::programs::Programs;

/// The relay as messages name it.
pub(crate) const PUBLIC_URL: &str = "http://relay.roost.internal";
/// The scheduler's token.
pub(crate) const QSTASH_TOKEN: &str = "qstash_token_of_the_crash_test";
/// An access token lives so short, in seconds, that it has to be refreshed in the middle.
const ACCESS_TOKEN_SECONDS: &str = "3";

/// When the relay looks for a lost post, in seconds after the call: as far apart, in proportion, as
/// where it is in earnest. The last is half an hour there.
const LOOKS: &str = "[0.1, 0.4, 1.7, 4, 10]";

pub(crate) fn sandbox(programs: &Programs, folder: &Path) -> Command {
    let mut command = Command::new(programs.path("x-sandbox"));
    command.args(["--port", "0", "--print-ready", "--exit-with-stdin", "--limits", "demo"]);
    command.args(["--duplicates", "off", "--access-token-seconds", ACCESS_TOKEN_SECONDS]);
    command.arg("--database").arg(folder.join("x/x.db"));
    command
}

pub(crate) fn scheduler(programs: &Programs, folder: &Path, port: u16, relay: &str) -> Command {
    let mut command = Command::new(programs.path("qstash-local"));
    command.args(["--port", &port.to_string()]);
    command.arg("--database").arg(folder.join("scheduler/scheduler.db"));
    command.arg("--deliver-via").arg(format!("{PUBLIC_URL}={relay}"));
    command.env("QSTASH_TOKEN", QSTASH_TOKEN).env_remove("RUST_LOG");
    command
}

pub(crate) fn relay(programs: &Programs, folder: &Path) -> Command {
    let mut command = Command::new(programs.path("roost-relay"));
    command.arg("--config").arg(folder.join("relay/relay.toml")).env_remove("RUST_LOG");
    command
}

pub(crate) fn roost(programs: &Programs, folder: &Path) -> Command {
    let mut command = Command::new(programs.path("roost"));
    command.arg("--data").arg(folder.join("roost"));
    for name in ["RUST_LOG", "ROOST_RELAY_URL", "QSTASH_TOKEN", "QSTASH_URL", "X_API_BASE"] {
        command.env_remove(name);
    }
    command
}

pub(crate) fn write_relay(folder: &Path, port: u16, x: &str, keys: &[String; 2]) -> Result<()> {
    let text = format!(
        "database = \"relay.sqlite\"\nlisten = \"127.0.0.1:{port}\"\n\
         public_urls = [\"{PUBLIC_URL}\"]\nx_api_base = \"{x}\"\n\
         [qstash]\ncurrent_signing_key = \"{}\"\nnext_signing_key = \"{}\"\n\
         [limits]\nplan = \"demo\"\n[pace]\ntick_seconds = 0.05\n\
         looks_seconds = {LOOKS}\ndoubt_margin_seconds = 1\n\
         overdue_spacing_seconds = 0.01\n\
         backstop_after_seconds = 2\nretry_first_seconds = 0.1\nretry_max_seconds = 1\n\
         token_margin_seconds = 1\n",
        keys[0], keys[1]
    );
    std::fs::write(folder.join("relay/relay.toml"), text)?;
    Ok(())
}
