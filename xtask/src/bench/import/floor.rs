//! The limit: the rows that an import wrote, in all tables, indexes and the full text, by plain prepared
//! inserts in one transaction with the same durability. No file is read, nothing is checked or made.
#![expect(
    clippy::disallowed_methods,
    reason = "it looks at files from outside, or measures bare SQLite"
)]

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

/// The tables that an import writes, in the order of their references. The account is there before.
const TABLES: [&str; 7] =
    ["import_batch", "tag", "scheduled_post", "post_part", "post_tag", "post_event", "post_count"];

/// A table's rows, and the statement that inserts one.
struct Table {
    insert: String,
    rows: Vec<Vec<Value>>,
}

/// Writes what `from` holds into a fresh file; returns milliseconds from the first insert to the end of
/// the commit, with the log written back as ours does.
pub(super) fn insert(from: &Path, to: &Path) -> Result<f64> {
    let from = Connection::open(from)?;
    let to = Connection::open(to)?;
    to.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;",
    )?;
    schema(&from)?.iter().try_for_each(|sql| to.execute_batch(sql))?;
    let accounts = table(&from, "account")?;
    write(&to, &accounts)?;
    let tables: Vec<Table> = TABLES.iter().map(|name| table(&from, name)).collect::<Result<_>>()?;
    let words = Table {
        insert: "INSERT INTO post_search (rowid, text) VALUES (?1, ?2)".to_owned(),
        rows: rows(&from, "SELECT seq, text FROM post_text ORDER BY seq")?,
    };
    let began = Instant::now();
    to.execute_batch("BEGIN IMMEDIATE")?;
    for table in tables.iter().chain([&words]) {
        write(&to, table)?;
    }
    to.execute_batch("COMMIT")?;
    to.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(began.elapsed().as_secs_f64() * 1e3)
}

/// Returns the statements that make tables and indexes; triggers are left out.
fn schema(from: &Connection) -> Result<Vec<String>> {
    let mut statement = from.prepare(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND type <> 'trigger'
             AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'post\\_search\\_%' ESCAPE '\\'
         ORDER BY rowid",
    )?;
    let sql = statement.query_map([], |row| row.get(0))?;
    Ok(sql.collect::<rusqlite::Result<_>>()?)
}

fn table(from: &Connection, name: &str) -> Result<Table> {
    let mut statement = from.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([name], |row| row.get(0))?;
    let names: Vec<String> = names.collect::<rusqlite::Result<_>>()?;
    let (columns, places) = (names.join(", "), vec!["?"; names.len()].join(", "));
    Ok(Table {
        insert: format!("INSERT INTO {name} ({columns}) VALUES ({places})"),
        rows: rows(from, &format!("SELECT {columns} FROM {name}"))?,
    })
}

fn rows(from: &Connection, sql: &str) -> Result<Vec<Vec<Value>>> {
    let mut statement = from.prepare(sql)?;
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect())?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn write(to: &Connection, table: &Table) -> Result<()> {
    let mut statement = to.prepare(&table.insert)?;
    for row in &table.rows {
        statement.execute(params_from_iter(row))?;
    }
    Ok(())
}
