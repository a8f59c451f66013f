//! A store that leaves for another computer, and one that comes back.

use std::path::Path;

use super::moved_away::{self, MovedAway};
use crate::error::Error;
use crate::post::restored;
use crate::store::{Read, Store};
use crate::table::OutboxKind;

impl Read<'_> {
    /// Returns where the store went, if it was moved to another computer and does not live here now.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn moved_away(&self) -> Result<Option<MovedAway>, Error> {
        moved_away::read(self.connection)
    }

    /// Returns whether there was never anything of a person's in this store: no post, no account, no
    /// import.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn is_unused(&self) -> Result<bool, Error> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM scheduled_post)
                      AND NOT EXISTS (SELECT 1 FROM account)
                      AND NOT EXISTS (SELECT 1 FROM import_batch)";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }
}

impl Store {
    /// Marks the store as moved into `file`: from the next transaction on, no process writes to it. Returns
    /// whether it did: it does not while a pause or a decision waits to be told to the relay, which another
    /// computer could not tell.
    ///
    /// # Errors
    /// When it went away already, or SQLite cannot write.
    pub fn mark_moved_away(&self, file: &Path) -> Result<bool, Error> {
        self.write("store.moved_away", |store| {
            if store.outbox_has(OutboxKind::Resolve)? || store.outbox_has(OutboxKind::Pause)? {
                return Ok(false);
            }
            let mark = MovedAway { at: store.now(), file: file.to_owned() };
            store.save_setting(moved_away::KEY, &mark)?;
            Ok(true)
        })
    }

    /// Takes the mark away: it did not go.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn unmark_moved_away(&self) -> Result<(), Error> {
        self.write_regardless("store.stays", |store| store.remove_setting(moved_away::KEY))
    }

    /// Lets the store live here again after it went away. Much may have happened elsewhere since, so that
    /// it asks the relay about every post before it arms one, as after a restore. Returns whether it had
    /// gone.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn come_back(&self) -> Result<bool, Error> {
        self.write_regardless("store.back", |store| {
            if moved_away::read(store.connection)?.is_none() {
                return Ok(false);
            }
            restored::mark(store.connection, store.now(), true)?;
            restored::distrust_now(store.connection, store.now())?;
            store.remove_setting(moved_away::KEY)?;
            Ok(true)
        })
    }
}
