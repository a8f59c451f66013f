//! The times of the week at which an account posts what has no time of its own.

use roost_core::id::XUserId;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::store::{Read, Tx};

/// A time of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PostingSlot {
    /// The day of the week, from 1 for Monday to 7 for Sunday.
    pub weekday: u8,
    /// Minutes since the day began, on the wall clock.
    pub minute: u16,
}

/// The times of the week at which an account posts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostingSlots {
    /// The zone of the wall clock; none is the zone of the settings.
    pub zone: Option<String>,
    /// The times, in the order of the week.
    pub slots: Vec<PostingSlot>,
}

impl Read<'_> {
    /// Returns the times of the week at which an account posts; none for an account that is not known.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn posting_slots(&self, account: &XUserId) -> Result<PostingSlots, Error> {
        let sql = "SELECT slot_zone FROM account WHERE x_user_id = ?1";
        let zone = self.connection.prepare_cached(sql)?.query_row([&account.0], |row| row.get(0));
        let mut statement = self.connection.prepare_cached(
            "SELECT weekday, minute FROM posting_slot WHERE account_id = ?1
             ORDER BY weekday, minute",
        )?;
        let slots = statement.query_map([&account.0], |row| {
            Ok(PostingSlot { weekday: row.get("weekday")?, minute: row.get("minute")? })
        })?;
        let slots = slots.collect::<Result<_, _>>()?;
        Ok(PostingSlots { zone: zone.optional()?.flatten(), slots })
    }
}

impl Tx<'_> {
    /// Keeps the times of the week at which an account posts, in place of those that it had.
    ///
    /// # Errors
    /// When there is no such account, a time is none of a week, or SQLite cannot write.
    pub fn save_posting_slots(
        &mut self,
        account: &XUserId,
        slots: &PostingSlots,
    ) -> Result<(), Error> {
        let changed = self
            .connection
            .prepare_cached("UPDATE account SET slot_zone = ?2 WHERE x_user_id = ?1")?
            .execute((&account.0, &slots.zone))?;
        if changed == 0 {
            return Err(Error::not_found("account", account));
        }
        self.connection
            .prepare_cached("DELETE FROM posting_slot WHERE account_id = ?1")?
            .execute([&account.0])?;
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO posting_slot (account_id, weekday, minute) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?;
        for slot in &slots.slots {
            statement.execute((&account.0, slot.weekday, slot.minute))?;
        }
        Ok(())
    }
}
