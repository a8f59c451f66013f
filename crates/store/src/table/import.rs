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
    /// The person's own plan, within which its rows have ids.
    pub plan: Option<String>,
    /// Waiting posts that it changed.
    pub updated: u64,
    /// Posts of it that were made as drafts.
    pub drafts: u64,
    /// Warnings that its check gave.
    pub warnings: u64,
    /// What X charges for all its posts, in micro-dollars.
    pub cost_micros: i64,
    /// When the first of them is planned.
    pub first_at: Option<UnixMillis>,
    /// When the last of them is.
    pub last_at: Option<UnixMillis>,
    /// The first event of its write; none for an import of an earlier release.
    #[serde(skip)]
    pub(crate) first_event: Option<i64>,
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
    /// The person's own plan, within which its rows have ids.
    pub plan: Option<String>,
    /// Warnings that its check gave.
    pub warnings: u64,
}

/// What is known of an import once its rows are in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ImportTally {
    pub(crate) imported: u64,
    pub(crate) updated: u64,
    pub(crate) drafts: u64,
    pub(crate) cost_micros: i64,
    pub(crate) first_at: Option<UnixMillis>,
    pub(crate) last_at: Option<UnixMillis>,
    pub(crate) first_event: i64,
}

const COLUMNS: &str = "seq, id, source, format, account_id, zone, options, found, imported, \
                       skipped, plan, updated, drafts, warnings, cost_micros, first_at, last_at, \
                       first_event, created_at, undone_at";

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
        plan: row.get("plan")?,
        updated: row.get("updated")?,
        drafts: row.get("drafts")?,
        warnings: row.get("warnings")?,
        cost_micros: row.get("cost_micros")?,
        first_at: instant_option(row, "first_at")?,
        last_at: instant_option(row, "last_at")?,
        first_event: row.get("first_event")?,
        created_at: instant(row, "created_at")?,
        undone_at: instant_option(row, "undone_at")?,
    })
}

impl Read<'_> {
    /// Returns one import.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn import(&self, id: ImportId) -> Result<Option<ImportBatch>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM import_batch WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([id.to_string()], read_import).optional()?)
    }

    /// Returns all imports, newest first.
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
                     found, skipped, plan, warnings, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
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
                &new.plan,
                new.warnings,
                self.now.0,
            ))?;
        Ok(())
    }

    /// All posts of the import are in. Search and counts learn them now.
    pub(crate) fn count_import(&mut self, id: ImportId, tally: &ImportTally) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE import_batch SET imported = ?2, updated = ?3, drafts = ?4, cost_micros = ?5,
                     first_at = ?6, last_at = ?7, first_event = ?8
                 WHERE id = ?1",
            )?
            .execute((
                id.to_string(),
                tally.imported,
                tally.updated,
                tally.drafts,
                tally.cost_micros,
                tally.first_at.map(|at| at.0),
                tally.last_at.map(|at| at.0),
                tally.first_event,
            ))?;
        Ok(())
    }

    /// Notes that an import that was undone is in force again: its posts are back.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn mark_import_redone(&mut self, id: ImportId) -> Result<(), Error> {
        self.step.import = Some(id);
        self.connection
            .prepare_cached("UPDATE import_batch SET undone_at = NULL WHERE id = ?1")?
            .execute([id.to_string()])?;
        Ok(())
    }

    pub(crate) fn mark_import_undone(&mut self, id: ImportId) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE import_batch SET undone_at = ?2 WHERE id = ?1")?
            .execute((id.to_string(), self.now.0))?;
        Ok(())
    }
}
