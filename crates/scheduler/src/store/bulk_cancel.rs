//! Cancelling many messages at once, a limited number in each write, so that publishes and results
//! go on meanwhile.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::message_row::{Message, read_due};
use super::writer::Write;
use super::{Database, Filter};
use crate::error::Error;

/// Messages cancelled in one write.
const AT_ONCE: usize = 500;

/// Cancels every live message that the filter tells now; gives how many there were.
pub(crate) async fn cancel_matching(
    database: Arc<Database>,
    filter: Filter,
    now: i64,
) -> Result<usize, Error> {
    let found = database.read(move |connection| live_matching(connection, &filter)).await?;
    let mut cancelled = 0;
    for seqs in found.chunks(AT_ONCE) {
        let seqs = seqs.to_vec();
        let cancelling = move |write: &mut Write<'_>| cancel_live(write, &seqs, now);
        cancelled += database.write("cancel-bulk", cancelling).await?;
    }
    Ok(cancelled)
}

/// The newest first: whoever is next in a queue follows only when all that come after it, and are
/// to be cancelled as well, are.
fn live_matching(connection: &Connection, filter: &Filter) -> Result<Vec<i64>, Error> {
    let (condition, values) = filter.sql();
    let mut statement = connection.prepare(&live_sql(&condition))?;
    let both = values.iter().chain(&values);
    let rows = statement.query_map(params_from_iter(both), |row| row.get(0))?;
    let mut seqs = rows.collect::<Result<Vec<i64>, _>>()?;
    seqs.sort_unstable_by(|one, other| other.cmp(one));
    Ok(seqs)
}

/// Each half is what one index of live messages holds: none of those that ended is looked at. What
/// is true of all of them, the time and the name, leads to the index; asked for in an order, SQLite
/// would take the whole table's.
fn live_sql(condition: &str) -> String {
    format!(
        "SELECT seq FROM message
             WHERE state = 'live' AND (queue_name IS NULL OR turn IS NOT NULL)
                 AND due_at >= -9223372036854775808 AND {condition}
         UNION ALL SELECT seq FROM message
             WHERE state = 'live' AND queue_name IS NOT NULL AND turn IS NULL
                 AND queue_name >= '' AND {condition}"
    )
}

/// Cancels those that are still live.
fn cancel_live(write: &mut Write<'_>, seqs: &[i64], now: i64) -> Result<usize, Error> {
    let sql = "SELECT due_at, seq, flow_key FROM message WHERE seq = ?1 AND state = 'live'";
    let mut cancelled = 0;
    for seq in seqs {
        let found = write.connection.prepare_cached(sql)?.query_row([seq], read_due).optional()?;
        if let Some(due) = found {
            Message::cancel(write, due, now)?;
            cancelled += 1;
        }
    }
    Ok(cancelled)
}

#[cfg(test)]
mod tests {
    use roost_sqlite::Executor;

    use super::*;

    #[test]
    fn no_filter_walks_through_what_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let timer = Arc::new(crate::timer::Timer::new(1));
        let limits = crate::limits::Limits::default();
        let database = Arc::new(Database::open(&path, timer, limits, Executor::Threads).unwrap());
        let text = ["x".to_owned()];
        let mut filters = vec![Filter::default()];
        for column in ["url", "host", "queue_name", "flow_key", "schedule_id", "topic_name", "id"] {
            let mut filter = Filter::default();
            let column: &'static str = format!("message.{column}").leak();
            filter.any_text(column, &text);
            filters.push(filter);
        }
        let mut filter = Filter::default();
        filter.number("message.created_at >= ?", 1);
        filters.push(filter);
        for filter in filters {
            let plan = database.read_now(|connection| {
                let (condition, values) = filter.sql();
                let sql = format!("EXPLAIN QUERY PLAN {}", live_sql(&condition));
                let mut statement = connection.prepare(&sql)?;
                let both = values.iter().chain(&values);
                let rows = statement.query_map(params_from_iter(both), |row| row.get(3))?;
                Ok(rows.collect::<Result<Vec<String>, _>>()?)
            });
            for step in plan.unwrap() {
                let walks = step.starts_with("SCAN message");
                assert!(!walks, "{step} for {filter:?}");
            }
        }
    }
}
