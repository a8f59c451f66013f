//! Migrations: in one transaction with their record, behind the opener's lock.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::Error;
use crate::settings::Schema;

/// Brings the database to the newest format, all or nothing.
///
/// # Errors
/// When SQLite refuses; the format is as it was then.
pub fn migrate(connection: &mut Connection, path: &Path, schema: &Schema) -> Result<(), Error> {
    // Ungrouped, a kill between a migration and its record leaves a database that never opens.
    (schema.migrations)()
        .set_grouped(true)
        .run(connection)
        .map_err(|error| Error::of_migration(&error, path))?;
    Ok(())
}

/// Passes a database that has this program's format, for a program that works beside the one that has
/// it open and must not change its format.
///
/// # Errors
/// [`Error::Older`], [`Error::Newer`], [`Error::History`].
pub fn expect_current(connection: &Connection, path: &Path, schema: &Schema) -> Result<(), Error> {
    match is_pending(connection, path, schema).map_err(|error| error.at(path))? {
        true => Err(Error::Older { path: path.to_owned() }),
        false => Ok(()),
    }
}

/// Reads the record of migrations without trusting it (refinery would panic on a garbled one).
/// Returns whether migrations are to be run.
pub(crate) fn is_pending(
    connection: &Connection,
    path: &Path,
    schema: &Schema,
) -> Result<bool, Error> {
    let runner = (schema.migrations)();
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
