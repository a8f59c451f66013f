//! Migrations: embedded, in one transaction with their record, behind the opener's lock.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::Error;

mod embedded {
    refinery::embed_migrations!("../../migrations");
}

/// Brings the database to the newest format.
pub(super) fn run(writer: &mut Connection, path: &Path) -> Result<(), Error> {
    // Ungrouped, a kill between a migration and its record leaves a database that never opens.
    embedded::migrations::runner()
        .set_grouped(true)
        .run(writer)
        .map_err(|error| Error::of_migration(&error, path))?;
    Ok(())
}

/// Reads the record of migrations without trusting it (refinery would panic on a garbled one), and
/// tells whether migrations are pending.
pub(super) fn history(connection: &Connection, path: &Path) -> Result<bool, Error> {
    let runner = embedded::migrations::runner();
    let mut known: Vec<_> = runner.get_migrations().iter().collect();
    known.sort_by_key(|migration| migration.version());
    let newest = known.last().map_or(0, |migration| i64::from(migration.version()));
    let garbled = |detail: &str| Error::History { path: path.to_owned(), detail: detail.into() };

    let recorded = connection
        .query_row("SELECT 1 FROM sqlite_schema WHERE name = 'refinery_schema_history'", [], |_| {
            Ok(())
        })
        .optional()?;
    if recorded.is_none() {
        // A crash between the first commit and the first migration leaves a file without tables.
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        return if tables == 0 { Ok(true) } else { Err(garbled("it is not there")) };
    }
    let columns = "SELECT version, name, applied_on, checksum FROM refinery_schema_history";
    let mut statement = connection
        .prepare(&format!("{columns} ORDER BY version"))
        .map_err(|_| garbled("its columns are others"))?;
    let mut rows = statement.query([])?;
    let mut applied = 0;
    while let Some(row) = rows.next()? {
        let ValueRef::Integer(version) = row.get_ref(0)? else {
            return Err(garbled("a version is no number"));
        };
        if version > newest {
            return Err(Error::Newer { path: path.to_owned(), found: version, known: newest });
        }
        let text = |column| row.get_ref(column).ok().and_then(|value| value.as_str().ok());
        let dated = text(2).is_some_and(|at| OffsetDateTime::parse(at, &Rfc3339).is_ok());
        let checksum = text(3).and_then(|sum| sum.parse::<u64>().ok());
        let expected = known.get(applied);
        let matches = expected.is_some_and(|migration| {
            i64::from(migration.version()) == version
                && text(1) == Some(migration.name())
                && checksum == Some(migration.checksum())
        });
        if !dated || !matches {
            return Err(garbled(&format!("the entry of version {version} does not match")));
        }
        applied += 1;
    }
    Ok(applied < known.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_and_its_record_are_one_transaction() {
        let mut connection = Connection::open_in_memory().expect("in memory");
        // The record's table stands in the way of the last statement of the batch: the record.
        connection
            .execute_batch(
                "CREATE TABLE refinery_schema_history
                     (version INT4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255),
                      checksum VARCHAR(255));
                 CREATE TRIGGER refuse BEFORE INSERT ON refinery_schema_history
                 BEGIN SELECT RAISE(ABORT, 'power is gone'); END;",
            )
            .expect("tables");
        run(&mut connection, Path::new("x")).expect_err("the record is refused");
        let tables: i64 = connection
            .query_row(
                "SELECT count(*) FROM sqlite_schema WHERE name = 'scheduled_post'",
                [],
                |row| row.get(0),
            )
            .expect("count");
        assert_eq!(tables, 0, "the schema stayed without its record");
    }
}
