//! A ledger whose file is not the one that it was in at the last start: somebody copied it or put it
//! back. It can be older than what was sent since, so that the relay rests until every desktop has told
//! what it knows.

use std::path::Path;

use roost_core::clock::UnixMillis;
use roost_crash_points as crash;
use roost_relay_api::Epoch;
use rusqlite::Connection;

use crate::database;
use crate::rows::epoch;

/// Notes which file the ledger is in. Where it was in another one, the ledger takes the new epoch and
/// rests.
pub(super) fn note_file(
    connection: &Connection,
    database: &Path,
    new_epoch: &Epoch,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let Some(file) = database::identity(database) else { return Ok(()) };
    let is_copy = epoch::note_file(connection, &file)?;
    if is_copy && !crash::sabotaged("epoch") {
        tracing::warn!(
            "this ledger is a copy: it rests until each desktop has told it what it knows"
        );
        epoch::renew(connection, new_epoch, true, now)?;
        epoch::note_file(connection, &file)?;
    }
    Ok(())
}
