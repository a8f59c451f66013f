//! Indexes of posts that are set aside while most of their rows are written, and built anew in the same
//! transaction: sorted at once they take a fraction of the time.

use crate::error::Error;
use crate::store::{Read, Tx};

/// Of so few rows no index is set aside.
const ROWS_MIN: u64 = 5_000;

/// Indexes that are set aside, by the statements that make them.
#[must_use]
pub(super) struct Aside(Vec<String>);

impl Read<'_> {
    /// Returns whether so many rows are most of those that there are.
    fn is_most(&self, rows: u64) -> Result<bool, Error> {
        let sql = "SELECT coalesce(max(seq), 0) FROM scheduled_post";
        let posts: u64 = self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(rows >= ROWS_MIN && rows >= posts / 2)
    }
}

impl Tx<'_> {
    /// Sets the indexes of posts aside whose definition contains `about`, when as many as `rows` are most
    /// posts that there are. Those that keep something unique stay.
    pub(super) fn set_indexes_aside(&mut self, rows: u64, about: &str) -> Result<Aside, Error> {
        if !self.is_most(rows)? {
            return Ok(Aside(Vec::new()));
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT name, sql FROM sqlite_schema
             WHERE type = 'index' AND tbl_name = 'scheduled_post' AND sql NOT LIKE '% UNIQUE %'
                 AND instr(sql, ?1) > 0",
        )?;
        let found = statement.query_map([about], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let found: Vec<(String, String)> = found.collect::<Result<_, _>>()?;
        drop(statement);
        for (name, _) in &found {
            self.connection.execute_batch(&format!("DROP INDEX {name}"))?;
        }
        Ok(Aside(found.into_iter().map(|(_, sql)| sql).collect()))
    }

    /// Builds the indexes anew that were set aside.
    pub(super) fn put_indexes_back(&mut self, aside: Aside) -> Result<(), Error> {
        for sql in aside.0 {
            self.connection.execute_batch(&sql)?;
        }
        Ok(())
    }
}
