//! `roost-relay check`: what is in the way of deliveries.

use std::io::Write;
use std::path::Path;

use anyhow::bail;
use roost_core::clock::{Clock, SystemClock};
use roost_relay::{Config, admin};

use super::file::File;

/// Says what was found, and fails when anything of it stops deliveries.
pub(super) fn check(
    path: &Path,
    embedded_scheduler: bool,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let file = File::read(path)?;
    let config = file.config(path)?;
    let embedded_scheduler = embedded_scheduler || file.embedded_scheduler();
    let makes_or_hears_keys = embedded_scheduler || file.keys_from_desktop();
    let mut findings = missing(&config, path, makes_or_hears_keys);
    let health = admin::check(&config, SystemClock.now())?;
    writeln!(out, "The database is sound (epoch {}).", health.epoch.0)?;
    for (state, count) in health.posts {
        writeln!(out, "{count:>8} {state}")?;
    }
    if let Some(reason) = health.unwritable {
        findings.push(format!("The database can't be written: {reason}."));
    }
    if let Some(ahead) = health.clock_ahead_ms {
        findings.push(format!(
            "This clock differed from X's by {} seconds when last compared: set it by NTP.",
            ahead / 1000
        ));
    }
    for (account, trouble) in health.accounts {
        match trouble {
            None => writeln!(out, "@{}: its sign-in opens", account.username)?,
            Some(trouble) => {
                findings.push(format!("No post of @{} goes out: {trouble}", account.username));
            }
        }
    }
    for post in &health.damaged {
        findings.push(format!(
            "The copy of post {post} is damaged and will not be sent: hand it over again."
        ));
    }
    if health.quarantined > 0 {
        let count = health.quarantined;
        writeln!(out, "{count} deliveries could never be read (table quarantine).")?;
    }
    for finding in &findings {
        writeln!(out, "! {finding}")?;
    }
    match findings.len() {
        0 => Ok(()),
        1 => bail!("one finding is in the way of deliveries"),
        count => bail!("{count} findings are in the way of deliveries"),
    }
}

/// Settings without which no delivery is accepted. `makes_or_hears_keys` says that the signing keys come
/// from the scheduler inside the relay, or from a computer.
pub(super) fn missing(config: &Config, path: &Path, makes_or_hears_keys: bool) -> Vec<String> {
    let mut missing = Vec::new();
    let file = path.display();
    if config.public_urls.is_empty() {
        missing.push(format!(
            "public_urls is empty, so every delivery would be refused: set it in {file} to the \
             address under which the scheduler reaches this relay."
        ));
    }
    if config.qstash_keys.is_none() && !makes_or_hears_keys {
        missing.push(format!(
            "There are no signing keys, so every delivery would be refused: put QStash's \
             current_signing_key and next_signing_key under [qstash] in {file}, or into \
             QSTASH_CURRENT_SIGNING_KEY and QSTASH_NEXT_SIGNING_KEY. With embedded_scheduler = \
             true in the file, or --embedded-scheduler, none are needed; with keys_from_desktop = \
             true under [qstash] a paired computer that has QStash's token sends them."
        ));
    }
    missing
}
