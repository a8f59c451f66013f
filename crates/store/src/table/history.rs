//! What the person did, in the order in which it was done: the steps that undo and redo go by.
//!
//! A row is written with the command that it is of, in the same transaction, and never again. A change has
//! no `origin`; an undo or a redo names the change that it is of, so that the newest of these says whether
//! the change is in force.

use roost_core::clock::UnixMillis;
use roost_core::id::ImportId;
use rusqlite::{OptionalExtension, Row};
use serde_json::Value;

use crate::error::Error;
use crate::sql::{instant, instant_option, parsed, parsed_option, unreadable};
use crate::step_notes::StepNotes;
use crate::store::{Read, Tx};
use crate::table::Label;

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryStep {
    /// Its place among all steps, by which it is named.
    pub seq: i64,
    /// When.
    pub at: UnixMillis,
    /// What the command is called.
    pub label: Label,
    /// The first and the last event that it appended; none where it touched no post.
    pub events: Option<(i64, i64)>,
    /// How many posts it touched.
    pub posts: u64,
    /// The import that it made or took back.
    pub import: Option<ImportId>,
    /// The account, the relay or the series that it is about.
    pub subject: Option<String>,
    /// Settings, posting times or a series as they were; null for a series that was not there.
    pub before: Option<Value>,
    /// The same as they are.
    pub after: Option<Value>,
    /// The change that an undo or a redo is of.
    pub origin: Option<i64>,
}

/// A change, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedStep {
    /// The change.
    pub step: HistoryStep,
    /// Since when it is undone.
    pub undone_at: Option<UnixMillis>,
}

/// A change, and the step whose effect is to be reversed: the change itself, or the newest undo or redo
/// of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reversed {
    /// The change.
    pub change: HistoryStep,
    /// What is reversed.
    pub effect: HistoryStep,
}

const COLUMNS: &str = "step.seq, step.at, step.label, step.first_event, step.last_event, step.posts, \
                       step.import_id, step.subject, step.before, step.after, step.origin";

/// The newest undo or redo of a change.
const NEWEST: &str = "SELECT later.seq FROM history_step AS later WHERE later.origin = step.seq
    ORDER BY later.seq DESC LIMIT 1";

fn read_step(row: &Row<'_>) -> rusqlite::Result<HistoryStep> {
    let value = |column| match row.get::<_, Option<String>>(column)? {
        Some(text) => {
            serde_json::from_str(&text).map(Some).map_err(|error| unreadable(row, column, error))
        }
        None => Ok(None),
    };
    let first: Option<i64> = row.get("first_event")?;
    Ok(HistoryStep {
        seq: row.get("seq")?,
        at: instant(row, "at")?,
        label: parsed(row, "label")?,
        events: first.zip(row.get("last_event")?),
        posts: row.get("posts")?,
        import: parsed_option(row, "import_id")?,
        subject: row.get("subject")?,
        before: value("before")?,
        after: value("after")?,
        origin: row.get("origin")?,
    })
}

/// Returns the labels of steps that can be taken back, as JSON.
fn undoable() -> Result<String, Error> {
    let labels = Label::ALL.iter().filter(|label| label.can_be_undone());
    Ok(serde_json::to_string(&labels.collect::<Vec<_>>())?)
}

impl Read<'_> {
    /// Returns the seq of the newest step of any kind; 0 when there is none.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn newest_step(&self) -> Result<i64, Error> {
        let sql = "SELECT coalesce(max(seq), 0) FROM history_step";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// Returns the changes before the step `before`, newest first, at most `limit`.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn history(&self, before: Option<i64>, limit: u32) -> Result<Vec<ListedStep>, Error> {
        let sql = format!(
            "SELECT {COLUMNS}, undo.at AS undone_at FROM history_step AS step
             LEFT JOIN history_step AS undo ON undo.seq = ({NEWEST}) AND undo.label = 'undo'
             WHERE step.origin IS NULL AND step.seq < ?1 ORDER BY step.seq DESC LIMIT ?2"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let steps = statement.query_map((before.unwrap_or(i64::MAX), limit), |row| {
            Ok(ListedStep { step: read_step(row)?, undone_at: instant_option(row, "undone_at")? })
        })?;
        Ok(steps.collect::<Result<_, _>>()?)
    }

    /// Returns one step.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn history_step(&self, seq: i64) -> Result<Option<HistoryStep>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM history_step AS step WHERE step.seq = ?1");
        Ok(self.connection.prepare_cached(&sql)?.query_row([seq], read_step).optional()?)
    }

    /// Returns the changes in force that can be taken back, newest first: the newest alone, or down to
    /// the change `to`.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn undo_stack(&self, to: Option<i64>) -> Result<Vec<Reversed>, Error> {
        let sql = format!(
            "SELECT {COLUMNS}, newest.seq AS effect FROM history_step AS step
             LEFT JOIN history_step AS newest ON newest.seq = ({NEWEST})
             WHERE step.origin IS NULL AND step.seq >= ?1
                 AND step.label IN (SELECT value FROM json_each(?2))
                 AND coalesce(newest.label, 'redo') = 'redo'
             ORDER BY step.seq DESC LIMIT ?3"
        );
        self.stack(&sql, to)
    }

    /// Returns the changes that are undone and can be made again, the one undone last first. A change that
    /// was made since the undo ends this.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn redo_stack(&self) -> Result<Vec<Reversed>, Error> {
        let sql = format!(
            "SELECT {COLUMNS}, newest.seq AS effect FROM history_step AS newest
             JOIN history_step AS step ON step.seq = newest.origin
             WHERE newest.label = 'undo' AND newest.seq = ({NEWEST})
                 AND newest.seq > (SELECT coalesce(max(seq), ?1) FROM history_step
                     WHERE origin IS NULL AND label IN (SELECT value FROM json_each(?2)))
             ORDER BY newest.seq DESC LIMIT ?3"
        );
        self.stack(&sql, Some(0))
    }

    fn stack(&self, sql: &str, to: Option<i64>) -> Result<Vec<Reversed>, Error> {
        let limit = if to.is_some() { -1 } else { 1 };
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_map((to.unwrap_or(0), undoable()?, limit), |row| {
            Ok((read_step(row)?, row.get::<_, Option<i64>>("effect")?))
        })?;
        let found: Vec<_> = found.collect::<Result<_, _>>()?;
        found
            .into_iter()
            .map(|(change, effect)| {
                let effect = effect.map(|seq| self.history_step(seq)).transpose()?.flatten();
                Ok(Reversed { effect: effect.unwrap_or_else(|| change.clone()), change })
            })
            .collect()
    }
}

impl Tx<'_> {
    /// Notes that this write is a step of the person's though it changes no post, or is no step by its
    /// events: what it is about, and settings as they were and are.
    pub fn add_step(
        &mut self,
        label: Label,
        subject: Option<String>,
        change: Option<(Value, Value)>,
    ) {
        self.step_label = Some(label);
        self.step.subject = subject;
        self.step.change = change;
    }

    /// Ends a step that undoes or redoes the change `origin`, and returns it. Its events are those that
    /// were appended since the step before.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn end_reversal(&mut self, label: Label, origin: i64) -> Result<HistoryStep, Error> {
        self.align_follow_ups()?;
        let seq = self.insert_step(label, Some(origin))?;
        self.history_step(seq)?.ok_or_else(|| Error::not_found("step", seq))
    }

    /// Writes the step that this transaction is, if it is one.
    pub(crate) fn end_step(&mut self) -> Result<(), Error> {
        self.align_follow_ups()?;
        let by_events = self.label.filter(|label| label.makes_a_step() && self.has_touched());
        if let Some(label) = self.step_label.or(by_events) {
            self.insert_step(label, None)?;
        }
        Ok(())
    }

    fn has_touched(&self) -> bool {
        self.touched.many > 0 || !self.touched.single.is_empty()
    }

    fn insert_step(&mut self, label: Label, origin: Option<i64>) -> Result<i64, Error> {
        let events = match self.action.filter(|_| self.has_touched()) {
            Some(group) => {
                let first = self.touched.until.map_or(group, |until| until + 1);
                Some((first, self.last_event()?))
            }
            None => None,
        };
        let touched = std::mem::take(&mut self.touched);
        self.touched.until = events.map(|(_, last)| last).or(touched.until);
        self.step_label = None;
        let StepNotes { import, subject, change } = std::mem::take(&mut self.step);
        let (before, after) = change.map(|(was, is)| (was.to_string(), is.to_string())).unzip();
        self.connection
            .prepare_cached(
                "INSERT INTO history_step (at, label, first_event, last_event, posts, import_id,
                     subject, before, after, origin)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute((
                self.now.0,
                label.as_str(),
                events.map(|(first, _)| first),
                events.map(|(_, last)| last),
                touched.many + touched.single.len() as u64,
                import.map(|import| import.to_string()),
                subject,
                before,
                after,
                origin,
            ))?;
        Ok(self.connection.last_insert_rowid())
    }
}
