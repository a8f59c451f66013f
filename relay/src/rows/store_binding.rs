//! Which device feeds the relay from which desktop store.

use roost_core::clock::UnixMillis;
use roost_core::id::StoreId;
use rusqlite::{Connection, OptionalExtension, params};

/// Returns whether a device may feed the relay from a store. The first device that names an unknown store
/// is bound to it.
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
