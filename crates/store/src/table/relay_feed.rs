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
    /// Returns the place in the feed of `relay`, a name that stays when its port changes. None
    /// before the first contact.
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

    /// Returns the relay whose database had a mark when it was last in step with this store. A mark
    /// is one database's alone, so that a relay is known by it under any address.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn relay_with_epoch(&self, epoch: &str) -> Result<Option<String>, Error> {
        let sql = "SELECT relay FROM relay_feed WHERE epoch = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([epoch], |row| row.get(0)).optional()?)
    }
}

impl Tx<'_> {
    /// Notes that `relay` is in step with this store, and forgets how far the feeds of others were
    /// read: what changed here meanwhile they do not know, and have to be told when they come back.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn relay_introduced(&mut self, relay: &str, feed: &RelayFeed) -> Result<(), Error> {
        self.connection.prepare_cached("DELETE FROM relay_feed")?.execute([])?;
        self.save_relay_feed(relay, feed)
    }

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
