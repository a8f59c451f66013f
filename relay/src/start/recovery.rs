//! What a start reads from the ledger and settles in it: what an earlier process left open.

use std::collections::HashMap;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_relay_api::{AccountHealth, Epoch};
use rusqlite::Connection;

use super::copied_ledger;
use crate::audit_log::Change;
use crate::config::{Config, QstashKeys, Secret};
use crate::incidents::Subject;
use crate::ledger_write::LedgerWrite;
use crate::log_recovery;
use crate::publisher::{refuse_damaged, settle_interrupted};
use crate::rows::{account, epoch, event, intent, part, relay, scheduler_keys};
use crate::tokens::{Vault, open_scheduler_keys, settle_grants};
use crate::x_time::KnownSkew;

/// A call that X's limits still count: the account, its app and when it was made.
pub(super) type Call = (XUserId, String, UnixMillis);

/// What a start learned from the ledger.
pub(super) struct Recovered {
    /// The feed's newest event.
    pub(super) head: i64,
    pub(super) calls: Vec<Call>,
    /// What an earlier process changed, and perhaps did not log before its end.
    pub(super) unlogged_changes: Vec<Change>,
    /// What this start changed.
    pub(super) changes: Vec<Change>,
    /// The troubles of accounts that still stand, so that their end is said as well.
    pub(super) incidents: Vec<(Subject, Code)>,
    pub(super) clock_skew: KnownSkew,
    /// Whether there are posts with media.
    pub(super) has_media: bool,
    /// The signing keys that a computer sent.
    pub(super) sent_keys: Option<QstashKeys>,
}

/// Settles in the ledger what an earlier process left open, and returns what the relay has to know of it.
pub(super) fn recover(
    connection: &Connection,
    config: &Config,
    vault: &Vault,
    new_epoch: &Epoch,
    now: UnixMillis,
) -> rusqlite::Result<Recovered> {
    if relay::get(connection)?.is_none() {
        epoch::renew(connection, new_epoch, false, now)?;
    }
    copied_ledger::note_file(connection, &config.database, new_epoch, now)?;
    // Read before the beat: the last one tells since when changes may be unlogged.
    let heartbeat = relay::row(connection)?.heartbeat_at;
    let unlogged_changes = log_recovery::unlogged_changes(connection, heartbeat)?;
    let gap = i64::try_from(config.pace.gap.as_millis()).unwrap_or(i64::MAX);
    relay::beat(connection, now, gap)?;
    let changes = settle(connection, vault, now)?;
    let memory = Duration::from_secs(config.limits.memory_seconds().into());
    Ok(Recovered {
        calls: earlier_calls(connection, now.minus(memory))?,
        incidents: standing_incidents(connection)?,
        clock_skew: relay::x_time(connection)?,
        has_media: part::any_has_media(connection)?,
        sent_keys: sent_keys(connection, vault)?,
        head: event::head(connection)?,
        unlogged_changes,
        changes,
    })
}

/// The signing keys that a computer sent. Where the key file was replaced they open no more, and the
/// computer sends them again.
fn sent_keys(connection: &Connection, vault: &Vault) -> rusqlite::Result<Option<QstashKeys>> {
    let Some(sealed) = scheduler_keys::get(connection)? else { return Ok(None) };
    Ok(match open_scheduler_keys(vault, &sealed) {
        Ok(keys) => {
            Some(QstashKeys { current: Secret::new(keys.current), next: Secret::new(keys.next) })
        }
        Err(error) => {
            tracing::warn!(%error, "the signing keys that a computer sent can't be opened");
            None
        }
    })
}

/// Decides what the end of an earlier process interrupted. Returns the changes.
fn settle(
    connection: &Connection,
    vault: &Vault,
    now: UnixMillis,
) -> rusqlite::Result<Vec<Change>> {
    let message = "The relay ended before X answered.";
    let mut write = LedgerWrite::new(connection);
    let open = settle_interrupted(&mut write, |_| false, message, now)?;
    refuse_damaged(&mut write, now)?;
    settle_grants(&mut write, vault, now)?;
    if open > 0 {
        tracing::warn!(posts = open, "posts were being sent when the relay ended");
    }
    Ok(write.into_log().changes)
}

/// Returns the troubles of accounts that still stand.
fn standing_incidents(connection: &Connection) -> rusqlite::Result<Vec<(Subject, Code)>> {
    let mut standing = Vec::new();
    for row in account::list(connection)? {
        let code = match row.account.health {
            // Somebody took it away here: no trouble. One that does not open was told already, and
            // X never saw it.
            AccountHealth::Disconnected if row.grant_sealed.is_none() || row.unopened => continue,
            AccountHealth::Disconnected => Code::SignInNeeded,
            AccountHealth::Suspended => Code::AccountSuspended,
            AccountHealth::Connected if row.doubted_since.is_some() => Code::SignInDoubtful,
            AccountHealth::Connected => continue,
        };
        standing.push((Subject::Account(row.account.x_user_id), code));
    }
    Ok(standing)
}

/// Returns the calls since `since`, each with its app.
fn earlier_calls(connection: &Connection, since: UnixMillis) -> rusqlite::Result<Vec<Call>> {
    let apps: HashMap<XUserId, String> = account::list(connection)?
        .into_iter()
        .map(|row| (row.account.x_user_id, row.client_id))
        .collect();
    let calls = intent::recent(connection, since)?;
    Ok(calls
        .into_iter()
        .map(|(account, at)| {
            let app = apps.get(&account).cloned().unwrap_or_default();
            (account, app, at)
        })
        .collect())
}
