//! For which epoch each store has sent its manifest, the list of all that it handed over.

use roost_core::clock::UnixMillis;
use roost_core::id::StoreId;
use roost_relay_api::Epoch;
use rusqlite::{Connection, params};

use super::epoch;

/// Notes that a store's manifest for an epoch is complete. Another ledger may have sent what fell due while
/// this one waited for it: the relay reads the timeline before it calls X for those posts.
pub(crate) fn note_complete(
    connection: &Connection,
    store: StoreId,
    of: &Epoch,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let first = connection.execute(
        "UPDATE desk SET manifest_epoch = ?2 WHERE store_id = ?1 AND manifest_epoch IS NOT ?2",
        params![store.to_string(), of.0],
    )?;
    if first == 1 {
        epoch::extend_doubt(connection, now)?;
        connection.execute(
            "UPDATE post SET look_first = 1
              WHERE store_id = ?1 AND due_at <= ?2 AND attempts = 0
                AND state IN ('staged', 'claimed', 'waiting')",
            params![store.to_string(), now.0],
        )?;
    }
    Ok(())
}

/// Returns whether a device has to send a manifest: it has no store yet, or one whose manifest for this
/// epoch is missing.
pub(crate) fn is_due_from(
    connection: &Connection,
    device: &str,
    of: &Epoch,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT NOT EXISTS (SELECT 1 FROM desk WHERE device = ?1)
                 OR EXISTS (SELECT 1 FROM desk WHERE device = ?1
                             AND ifnull(manifest_epoch, '') <> ?2)",
        )?
        .query_row(params![device, of.0], |row| row.get(0))
}

/// Returns whether a store's manifest for the ledger's epoch is complete.
pub(crate) fn is_complete(connection: &Connection, store: StoreId) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM desk d, relay r
              WHERE d.store_id = ?1 AND d.manifest_epoch = r.epoch",
        )?
        .exists([store.to_string()])
}

/// Returns how many stores have not sent their manifest for the ledger's epoch.
pub(crate) fn count_missing(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .prepare_cached(
            "SELECT count(*) FROM desk d, relay r WHERE d.manifest_epoch IS NOT r.epoch",
        )?
        .query_row([], |row| row.get::<_, u32>(0))
        .map(u64::from)
}
