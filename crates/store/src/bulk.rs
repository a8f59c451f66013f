//! Many rows with few statements: one that inserts 32 rows takes half the time of 32 that insert one
//! each.

use rusqlite::types::ToSql;
use rusqlite::{Connection, Statement};

/// Rows of one statement. More of them make no insert faster.
const ROWS_MAX: usize = 32;

/// Binds the values of rows, one after the other.
pub(crate) struct Values<'s, 'c> {
    statement: &'s mut Statement<'c>,
    bound: usize,
}

impl Values<'_, '_> {
    /// Binds the next value of the row.
    pub(crate) fn next(&mut self, value: impl ToSql) -> rusqlite::Result<()> {
        self.bound += 1;
        self.statement.raw_bind_parameter(self.bound, value)
    }
}

/// Inserts rows, in their order. `into` names the table and its columns, of which there are `columns`;
/// `bind` binds the values of a row in the order of the columns.
///
/// # Errors
/// When SQLite refuses a row; the caller's transaction is then to be undone.
pub(crate) fn insert<R>(
    connection: &Connection,
    (into, columns): (&str, usize),
    rows: &[R],
    bind: impl Fn(&R, &mut Values<'_, '_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let (whole, rest) = rows.as_chunks::<ROWS_MAX>();
    if !whole.is_empty() {
        let mut statement = connection.prepare_cached(&sql(into, columns, ROWS_MAX))?;
        for rows in whole {
            run(&mut statement, rows, &bind)?;
        }
    }
    if rest.is_empty() {
        return Ok(());
    }
    // Each number of rows is another statement: kept ones would push all others out.
    run(&mut connection.prepare(&sql(into, columns, rest.len()))?, rest, &bind)
}

fn run<R>(
    statement: &mut Statement<'_>,
    rows: &[R],
    bind: &impl Fn(&R, &mut Values<'_, '_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut values = Values { statement, bound: 0 };
    for row in rows {
        bind(row, &mut values)?;
    }
    statement.raw_execute().map(drop)
}

fn sql(into: &str, columns: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(","));
    format!("INSERT INTO {into} VALUES {}", vec![row.as_str(); rows].join(","))
}
