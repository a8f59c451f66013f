//! What tasks ask of services before anything runs on them: the scheduler's keys, and accounts of the
//! sandbox.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use roost_core::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::http;

/// Starts a scheduler for a moment, so that it makes its keys, and returns the two: a relay wants to
/// know them.
pub(crate) fn signing_keys(scheduler: &mut Command) -> Result<[String; 2]> {
    let mut child = scheduler.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut keys = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let lines = BufReader::new(stdout).lines().map_while(std::io::Result::ok);
        let values = lines.filter(|line| line.contains("SIGNING_KEY="));
        keys.extend(values.take(2).filter_map(|line| Some(line.split('"').nth(1)?.to_owned())));
    }
    child.kill()?;
    child.wait()?;
    keys.try_into().map_err(|_| anyhow::anyhow!("the scheduler told no keys"))
}

/// Lets an account of the sandbox `x` consent, and returns its number and the grant that a relay takes.
pub(crate) fn consent(x: &str, username: &str) -> Result<(String, Value)> {
    let asked = json!({ "username": username });
    let made = http::post(&format!("{x}/_sandbox/accounts"), "", &[], &asked);
    let (_, made) = made.context("the sandbox does not answer")?;
    let id = made["id"].as_str().context("the account has no id")?.to_owned();
    let lifetime_ms = made["expires_in"].as_i64().unwrap_or(0) * 1000;
    let grant = json!({
        "username": made["username"], "name": made["username"],
        "client_id": made["client_id"], "client_secret": made["client_secret"],
        "access_token": made["access_token"], "refresh_token": made["refresh_token"],
        "expires_at": SystemClock.now().0 + lifetime_ms, "scope": made["scope"],
    });
    Ok((id, grant))
}
