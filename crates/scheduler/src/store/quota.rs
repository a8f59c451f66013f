//! What a plan allows, counted where it is spent.

use rusqlite::{OptionalExtension, params};

use super::writer::Write;
use crate::error::Error;

const DAY_MS: i64 = 86_400_000;

/// Refuses to go beyond `limit`.
pub(crate) fn within(name: &'static str, count: u64, limit: Option<u32>) -> Result<(), Error> {
    match limit {
        Some(limit) if count > u64::from(limit) => {
            Err(Error::Quota(format!("quota {name} exceeded, current limit: {limit}")))
        }
        _ => Ok(()),
    }
}

/// How many rows of a table there are.
pub(super) fn count(write: &Write<'_>, table: &'static str) -> Result<u64, Error> {
    let sql = format!("SELECT count(*) FROM {table}");
    let count: i64 = write.connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Counts messages of this day, or refuses them.
pub(crate) fn spend(write: &Write<'_>, messages: usize, now: i64) -> Result<(), Error> {
    let Some(limit) = write.limits.messages_per_day else { return Ok(()) };
    let day = now.div_euclid(DAY_MS);
    let sql = "SELECT messages FROM daily_usage WHERE day = ?1";
    let mut statement = write.connection.prepare_cached(sql)?;
    let spent: Option<i64> = statement.query_row([day], |row| row.get(0)).optional()?;
    let spent = spent.unwrap_or(0).saturating_add(i64::try_from(messages).unwrap_or(i64::MAX));
    if spent > i64::from(limit) {
        return Err(Error::DailyLimit { limit, resets_at: (day + 1) * DAY_MS });
    }
    write.connection.prepare_cached("DELETE FROM daily_usage WHERE day < ?1")?.execute([day])?;
    let sql = "INSERT INTO daily_usage (day, messages) VALUES (?1, ?2)
               ON CONFLICT (day) DO UPDATE SET messages = excluded.messages";
    write.connection.prepare_cached(sql)?.execute(params![day, spent])?;
    Ok(())
}
