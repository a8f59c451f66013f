//! Runs of handing over and of recovery, for the health sheet.

use roost_core::clock::UnixMillis;
use rusqlite::{OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::sql::{instant, instant_option, parsed, words};
use crate::store::{Read, Tx};

words! {
    /// How a run ended.
    SyncOutcome, "outcome of a run" {
        /// It has not ended; after a crash it never will.
        Running = "running",
        /// All that was due is handed over.
        Done = "done",
        /// Some of it.
        Partial = "partial",
        /// None of it.
        Failed = "failed",
    }
}

words! {
    /// What kind of run it was.
    SyncKind, "kind of a run" {
        /// A window began, or a post inside the horizon changed.
        Main = "main",
        /// Results that no event brought were asked for.
        Recovery = "recovery",
        /// After a start, a sleep, or a service that was away.
        CatchUp = "catch-up",
        /// A person asked for it.
        Manual = "manual",
    }
}

/// A run that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSyncRun {
    /// Why: `window`, `start`, `wake`, `network`, `scheduler`, `change`, `person`, `recovery`.
    pub reason: String,
    /// Of which kind it is.
    pub kind: SyncKind,
    /// The window of the day in which it begins, as its first instant and the first after it.
    pub window: Option<(UnixMillis, UnixMillis)>,
}

/// What one run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncTally {
    /// Until when the run was to hand over.
    pub horizon_end: Option<UnixMillis>,
    /// Posts that the relay took.
    pub staged: u64,
    /// Messages that the scheduler took.
    pub published: u64,
    /// Posts that could not be handed over.
    pub failed: u64,
    /// Posts that wait beyond the horizon.
    pub posts_beyond: u64,
    /// Posts that a recovery asked the relay for.
    pub asked: u64,
    /// Those of them of which the relay told.
    pub answered: u64,
    /// The first failure's code.
    pub error_code: Option<String>,
    /// The same in plain words.
    pub error_message: Option<String>,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRun {
    /// Its place.
    pub seq: i64,
    /// Why it ran: `window`, `start`, `wake`, `network`, `change`, `person`, `recovery` …
    pub reason: String,
    /// Of which kind it was.
    pub kind: SyncKind,
    /// The window of the day in which it began.
    pub window: Option<(UnixMillis, UnixMillis)>,
    /// How it ended.
    pub outcome: SyncOutcome,
    /// What it did.
    pub tally: SyncTally,
    /// When it began.
    pub started_at: UnixMillis,
    /// When it ended.
    pub finished_at: Option<UnixMillis>,
}

fn read_run(row: &Row<'_>) -> rusqlite::Result<SyncRun> {
    Ok(SyncRun {
        seq: row.get("seq")?,
        reason: row.get("reason")?,
        kind: parsed(row, "kind")?,
        window: instant_option(row, "window_start")?.zip(instant_option(row, "window_end")?),
        outcome: parsed(row, "outcome")?,
        tally: SyncTally {
            horizon_end: instant_option(row, "horizon_end")?,
            staged: row.get("staged")?,
            published: row.get("published")?,
            failed: row.get("failed")?,
            posts_beyond: row.get("posts_beyond")?,
            asked: row.get("asked")?,
            answered: row.get("answered")?,
            error_code: row.get("error_code")?,
            error_message: row.get("error_message")?,
        },
        started_at: instant(row, "started_at")?,
        finished_at: instant_option(row, "finished_at")?,
    })
}

impl Read<'_> {
    /// Returns the newest run that handed everything over.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn last_whole_sync(&self) -> Result<Option<SyncRun>, Error> {
        let sql = "SELECT * FROM sync_run WHERE outcome = 'done' AND kind <> 'recovery'
                   ORDER BY seq DESC LIMIT 1";
        Ok(self.connection.prepare_cached(sql)?.query_row([], read_run).optional()?)
    }

    /// Returns the newest runs, newest first.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn sync_runs(&self, limit: u32) -> Result<Vec<SyncRun>, Error> {
        let mut statement =
            self.connection.prepare_cached("SELECT * FROM sync_run ORDER BY seq DESC LIMIT ?1")?;
        let runs = statement.query_map([limit], read_run)?;
        Ok(runs.collect::<Result<_, _>>()?)
    }

    /// Returns how many messages the scheduler took in the runs that began at `from` or later.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn messages_since(&self, from: UnixMillis) -> Result<u64, Error> {
        let sql = "SELECT coalesce(sum(published), 0) FROM sync_run WHERE started_at >= ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([from.0], |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// Notes that a run begins. Answers its seq.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn sync_began(&mut self, run: &NewSyncRun) -> Result<i64, Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO sync_run (reason, kind, window_start, window_end, outcome, started_at)
                 VALUES (?1, ?2, ?3, ?4, 'running', ?5)",
            )?
            .execute((
                &run.reason,
                run.kind.as_str(),
                run.window.map(|(start, _)| start.0),
                run.window.map(|(_, end)| end.0),
                self.now.0,
            ))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Notes how a run ended.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn sync_ended(
        &mut self,
        seq: i64,
        outcome: SyncOutcome,
        tally: &SyncTally,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE sync_run SET outcome = ?2, horizon_end = ?3, staged = ?4, published = ?5,
                     failed = ?6, posts_beyond = ?7, error_code = ?8, error_message = ?9,
                     finished_at = ?10, asked = ?11, answered = ?12
                 WHERE seq = ?1",
            )?
            .execute((
                seq,
                outcome.as_str(),
                tally.horizon_end.map(|at| at.0),
                tally.staged,
                tally.published,
                tally.failed,
                tally.posts_beyond,
                &tally.error_code,
                &tally.error_message,
                self.now.0,
                tally.asked,
                tally.answered,
            ))?;
        Ok(())
    }

    /// Notes a run that failed before it could hand anything over. One that fails again and again for
    /// the same cause is one row, which says when it last did.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn sync_failed(&mut self, run: &NewSyncRun, tally: &SyncTally) -> Result<(), Error> {
        let newest = self.sync_runs(1)?.pop();
        let again = newest.filter(|newest| {
            newest.outcome == SyncOutcome::Failed
                && newest.kind == run.kind
                && newest.tally.error_code == tally.error_code
                && newest.tally.staged == 0
        });
        let seq = match again {
            Some(known) => known.seq,
            None => self.sync_began(run)?,
        };
        self.sync_ended(seq, SyncOutcome::Failed, tally)
    }

    /// Removes runs that began before `before`, but the last whole one: it tells when all was last well.
    /// Returns how many it removed.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn sync_prune(&mut self, before: UnixMillis) -> Result<usize, Error> {
        Ok(self
            .connection
            .prepare_cached(
                "DELETE FROM sync_run WHERE started_at < ?1 AND seq IS NOT
                     (SELECT max(seq) FROM sync_run
                      WHERE outcome = 'done' AND kind <> 'recovery')",
            )?
            .execute([before.0])?)
    }
}
