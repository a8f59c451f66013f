//! Imports: what came in with one file, undone as a whole.

use roost_core::clock::UnixMillis;
use roost_core::id::{ImportId, XUserId};
use rusqlite::{OptionalExtension, Row};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::sql::{instant, instant_option, json, parsed};
use crate::store::{Read, Tx};

/// One import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportBatch {
    /// The number by which a person knows it: "Import #14".
    pub number: i64,
    /// Its id.
    pub id: ImportId,
    /// The file's name, or where the rows came from.
    pub source: String,
    /// `json`, `csv` or another format's name.
    pub format: String,
    /// The account that rows without one were given.
    pub account: Option<XUserId>,
    /// The zone that rows without one were given.
    pub zone: Option<String>,
    /// The other choices, as they were made.
    pub options: Value,
    /// Rows in the file.
    pub found: u64,
    /// Rows that became posts.
    pub imported: u64,
    /// Rows left out.
    pub skipped: u64,
    /// When.
    pub created_at: UnixMillis,
    /// When it was undone.
    pub undone_at: Option<UnixMillis>,
}

/// An import to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewImport {
    /// Its id.
    pub id: ImportId,
    /// The file's name, or where the rows come from.
    pub source: String,
    /// `json`, `csv` or another format's name.
    pub format: String,
    /// SHA-256 of the file, to notice it when it comes again.
    pub sha256: Option<[u8; 32]>,
    /// The account for rows without one.
    pub account: Option<XUserId>,
    /// The zone for rows without one.
    pub zone: Option<String>,
    /// The other choices.
    pub options: Value,
    /// Rows in the file.
    pub found: u64,
    /// Rows left out.
    pub skipped: u64,
}

const COLUMNS: &str = "seq, id, source, format, account_id, zone, options, found, imported, \
                       skipped, created_at, undone_at";

fn read_import(row: &Row<'_>) -> rusqlite::Result<ImportBatch> {
    Ok(ImportBatch {
        number: row.get("seq")?,
        id: parsed(row, "id")?,
        source: row.get("source")?,
        format: row.get("format")?,
        account: row.get::<_, Option<String>>("account_id")?.map(XUserId),
        zone: row.get("zone")?,
        options: json(row, "options")?,
        found: row.get("found")?,
        imported: row.get("imported")?,
        skipped: row.get("skipped")?,
        created_at: instant(row, "created_at")?,
        undone_at: instant_option(row, "undone_at")?,
    })
}

impl Read<'_> {
    /// One import.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn import(&self, id: ImportId) -> Result<Option<ImportBatch>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM import_batch WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([id.to_string()], read_import).optional()?)
    }

    /// All imports, newest first.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn imports(&self) -> Result<Vec<ImportBatch>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM import_batch ORDER BY seq DESC");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let imports = statement.query_map([], read_import)?;
        Ok(imports.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    pub(crate) fn insert_import(&mut self, new: &NewImport) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO import_batch (id, source, format, sha256, account_id, zone, options,
                     found, skipped, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute((
                new.id.to_string(),
                &new.source,
                &new.format,
                new.sha256.as_ref().map(<[u8; 32]>::as_slice),
                new.account.as_ref().map(|account| &account.0),
                &new.zone,
                new.options.to_string(),
                new.found,
                new.skipped,
                self.now.0,
            ))?;
        Ok(())
    }

    /// All posts of the import are in. Search learns them now.
    pub(crate) fn count_import(&mut self, id: ImportId, imported: u64) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE import_batch SET imported = ?2 WHERE id = ?1")?
            .execute((id.to_string(), imported))?;
        Ok(())
    }

    pub(crate) fn mark_import_undone(&mut self, id: ImportId) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE import_batch SET undone_at = ?2 WHERE id = ?1")?
            .execute((id.to_string(), self.now.0))?;
        Ok(())
    }
}
