//! How far the event feed of a relay was read, and under which epoch of its database.

use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::store::{Read, Tx};

/// A place in a relay's feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayFeed {
    /// The mark of the relay's database when it was last in step with this store.
    pub epoch: String,
    /// The last event that was applied.
    pub cursor: i64,
}

impl Read<'_> {
    /// The place in the feed of `relay`, a name that stays when its port changes. None before the
    /// first contact.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn relay_feed(&self, relay: &str) -> Result<Option<RelayFeed>, Error> {
        let sql = "SELECT epoch, cursor FROM relay_feed WHERE relay = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(RelayFeed { epoch: row.get("epoch")?, cursor: row.get("cursor")? })
        };
        Ok(statement.query_row([relay], read).optional()?)
    }
}

impl Tx<'_> {
    /// Keeps the place, in the transaction that applied the events up to it.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn save_relay_feed(&mut self, relay: &str, feed: &RelayFeed) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO relay_feed (relay, epoch, cursor, updated_at)
                 VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (relay) DO UPDATE SET epoch = ?2, cursor = ?3, updated_at = ?4",
            )?
            .execute((relay, &feed.epoch, feed.cursor, self.now.0))?;
        Ok(())
    }
}
