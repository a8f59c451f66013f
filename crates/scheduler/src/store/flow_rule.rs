//! Keeping what somebody decided about flow control keys.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::writer::Write;
use crate::error::Error;
use crate::flow_rule::FlowRule;

const SELECT: &str = "SELECT key, paused, parallelism, rate, period_seconds FROM flow_rule";

/// Nothing is decided any more.
const FORGET: &str = "DELETE FROM flow_rule WHERE key = ?1";

impl FlowRule {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            key: row.get(0)?,
            paused: row.get(1)?,
            parallelism: row.get(2)?,
            rate: row.get(3)?,
            period_seconds: row.get(4)?,
        })
    }

    pub(crate) fn all(connection: &Connection) -> Result<Vec<Self>, Error> {
        let mut statement = connection.prepare(SELECT)?;
        let rows = statement.query_map([], Self::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Changes what was decided about a key, and lets the timer know.
    pub(crate) fn change(
        write: &mut Write<'_>,
        key: &str,
        change: impl FnOnce(&mut Self),
    ) -> Result<(), Error> {
        let sql = format!("{SELECT} WHERE key = ?1");
        let mut statement = write.connection.prepare_cached(&sql)?;
        let known = statement.query_row([key], Self::read).optional()?;
        let mut rule = known.unwrap_or_else(|| Self { key: key.to_owned(), ..Self::default() });
        change(&mut rule);
        if rule == (Self { key: key.to_owned(), ..Self::default() }) {
            let mut statement = write.connection.prepare_cached(FORGET)?;
            statement.execute([key])?;
            write.decide(rule);
            return Ok(());
        }
        let sql = "INSERT INTO flow_rule (key, paused, parallelism, rate, period_seconds)
                   VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (key) DO UPDATE SET paused = excluded.paused,
                       parallelism = excluded.parallelism, rate = excluded.rate,
                       period_seconds = excluded.period_seconds";
        let mut statement = write.connection.prepare_cached(sql)?;
        let (paused, period) = (rule.paused, rule.period_seconds);
        statement.execute(params![rule.key, paused, rule.parallelism, rule.rate, period])?;
        write.decide(rule);
        Ok(())
    }
}
