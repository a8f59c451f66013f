//! Desktop stores, and the device that feeds the relay from each.

use roost_core::clock::UnixMillis;
use roost_core::id::StoreId;
use roost_relay_api::Epoch;
use rusqlite::{Connection, OptionalExtension, params};

use super::relay;

/// Whether a device may feed the relay from a store; a store nobody knows is welcomed.
pub(crate) fn admit(
    connection: &Connection,
    store: StoreId,
    device: &str,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let id = store.to_string();
    let known: Option<String> = connection
        .prepare_cached("SELECT device FROM desk WHERE store_id = ?1")?
        .query_row([&id], |row| row.get(0))
        .optional()?;
    match known {
        Some(other) if other != device => return Ok(false),
        Some(_) => {}
        None => {
            connection.execute(
                "INSERT INTO desk (store_id, device, seen_at) VALUES (?1, ?2, ?3)",
                params![id, device, now.0],
            )?;
        }
    }
    Ok(true)
}

/// Makes a device the one that feeds the relay from a store.
pub(crate) fn take_over(
    connection: &Connection,
    store: StoreId,
    device: &str,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO desk (store_id, device, seen_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (store_id) DO UPDATE SET device = ?2, seen_at = ?3",
        params![store.to_string(), device, now.0],
    )?;
    Ok(())
}

/// Notes that a store's manifest for an epoch is complete. What fell due while this database rested
/// may have gone out from another one: it is looked for before its call.
pub(crate) fn introduced(
    connection: &Connection,
    store: StoreId,
    epoch: &Epoch,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let first = connection.execute(
        "UPDATE desk SET manifest_epoch = ?2 WHERE store_id = ?1 AND manifest_epoch IS NOT ?2",
        params![store.to_string(), epoch.0],
    )?;
    if first == 1 {
        relay::rested_until(connection, now)?;
        connection.execute(
            "UPDATE post SET look_first = 1
              WHERE store_id = ?1 AND due_at <= ?2 AND attempts = 0
                AND state IN ('staged', 'claimed', 'waiting')",
            params![store.to_string(), now.0],
        )?;
    }
    Ok(())
}

/// Whether a manifest is due from a device: it has no store yet, or one that did not send it.
pub(crate) fn needs_manifest(
    connection: &Connection,
    device: &str,
    epoch: &Epoch,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT NOT EXISTS (SELECT 1 FROM desk WHERE device = ?1)
                 OR EXISTS (SELECT 1 FROM desk WHERE device = ?1
                             AND ifnull(manifest_epoch, '') <> ?2)",
        )?
        .query_row(params![device, epoch.0], |row| row.get(0))
}

/// Whether a store's manifest for the epoch at hand is complete.
pub(crate) fn is_introduced(connection: &Connection, store: StoreId) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM desk d, relay r
              WHERE d.store_id = ?1 AND d.manifest_epoch = r.epoch",
        )?
        .exists([store.to_string()])
}

/// How many stores did not send the manifest for the epoch at hand.
pub(crate) fn awaited(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .prepare_cached(
            "SELECT count(*) FROM desk d, relay r WHERE d.manifest_epoch IS NOT r.epoch",
        )?
        .query_row([], |row| row.get::<_, u32>(0))
        .map(u64::from)
}
