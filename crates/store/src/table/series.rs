//! Series: posts that repeat by a rule. What becomes of their rule, and which posts they make, is the
//! engine's.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::{SeriesId, Version, XUserId};
use roost_core::post::Content;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params_from_iter};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::sql::{instant, instant_option, json, parsed, unreadable};
use crate::store::{Read, Tx};

/// What a series is, and how far its posts are made: what a step of history keeps of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesState {
    /// The account that is to post it.
    pub account: Option<XUserId>,
    /// The rule, as RFC 5545 writes it.
    pub rule: String,
    /// The wall time from which it holds.
    pub first: String,
    /// The zone of all its wall times.
    pub zone: String,
    /// What its posts say, in turn.
    pub variants: Vec<Content>,
    /// The tags of its posts.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The wall times of the rule that are left out, in their order.
    #[serde(default)]
    pub skipped: Vec<String>,
    /// The wall time up to which posts were made.
    #[serde(default)]
    pub made_until: Option<String>,
    /// Which of the variants comes next, from 0.
    #[serde(default)]
    pub next_variant: u32,
    /// When the next post is to be made; none when the rule has no more.
    #[serde(default)]
    pub make_next_at: Option<UnixMillis>,
    /// Since when it has ended by the person's wish.
    #[serde(default)]
    pub ended_at: Option<UnixMillis>,
    /// Since when it is taken back as if it had never been made.
    #[serde(default)]
    pub removed_at: Option<UnixMillis>,
}

/// A series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Its id.
    pub id: SeriesId,
    /// What it is.
    pub state: SeriesState,
    /// Rises with each change that a person makes.
    pub version: Version,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was last written.
    pub updated_at: UnixMillis,
}

impl SeriesState {
    /// Returns whether it says the same as `other`; how far posts are made is none of it.
    #[must_use]
    pub fn means_the_same(&self, other: &Self) -> bool {
        let meant = |state: &Self| Self {
            made_until: None,
            next_variant: 0,
            make_next_at: None,
            ..state.clone()
        };
        meant(self) == meant(other)
    }

    /// Returns whether it still makes posts.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.ended_at.is_none() && self.removed_at.is_none()
    }

    /// Returns the values of [`WRITTEN`], in its order.
    fn values(&self) -> Result<Vec<Value>, Error> {
        let text = |value: &Option<String>| value.clone().map_or(Value::Null, Value::Text);
        let at = |value: Option<UnixMillis>| value.map_or(Value::Null, |at| Value::Integer(at.0));
        Ok(vec![
            text(&self.account.as_ref().map(|account| account.0.clone())),
            Value::Text(self.rule.clone()),
            Value::Text(self.first.clone()),
            Value::Text(self.zone.clone()),
            Value::Text(serde_json::to_string(&self.variants)?),
            Value::Text(serde_json::to_string(&self.tags)?),
            Value::Text(serde_json::to_string(&self.skipped)?),
            text(&self.made_until),
            Value::Integer(self.next_variant.into()),
            at(self.make_next_at),
            at(self.ended_at),
            at(self.removed_at),
        ])
    }
}

/// The columns of [`SeriesState`].
const WRITTEN: &str = "account_id, rule, first, zone, variants, tags, skipped, made_until, \
                       next_variant, make_next_at, ended_at, removed_at";

fn read_series(row: &Row<'_>) -> rusqlite::Result<Series> {
    fn of_json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
        serde_json::from_value(json(row, column)?).map_err(|error| unreadable(row, column, error))
    }
    let state = SeriesState {
        account: row.get::<_, Option<String>>("account_id")?.map(XUserId),
        rule: row.get("rule")?,
        first: row.get("first")?,
        zone: row.get("zone")?,
        variants: of_json(row, "variants")?,
        tags: of_json(row, "tags")?,
        skipped: of_json(row, "skipped")?,
        made_until: row.get("made_until")?,
        next_variant: row.get("next_variant")?,
        make_next_at: instant_option(row, "make_next_at")?,
        ended_at: instant_option(row, "ended_at")?,
        removed_at: instant_option(row, "removed_at")?,
    };
    Ok(Series {
        id: parsed(row, "id")?,
        state,
        version: Version(row.get("version")?),
        created_at: instant(row, "created_at")?,
        updated_at: instant(row, "updated_at")?,
    })
}

impl Read<'_> {
    /// Returns a series, ended or taken back though it may be.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn series(&self, id: SeriesId) -> Result<Option<Series>, Error> {
        let sql = format!(
            "SELECT id, {WRITTEN}, version, created_at, updated_at FROM series WHERE id = ?1"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([id.to_string()], read_series).optional()?)
    }

    /// Returns all series but those that were taken back, the newest first.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn all_series(&self) -> Result<Vec<Series>, Error> {
        let sql = format!(
            "SELECT id, {WRITTEN}, version, created_at, updated_at FROM series
             WHERE removed_at IS NULL ORDER BY seq DESC"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let series = statement.query_map([], read_series)?;
        Ok(series.collect::<Result<_, _>>()?)
    }

    /// Returns the series that have posts to make at `now`, the one that waits longest first, and those that
    /// were written more than `margin` after now: by a clock that stood ahead, which may have put off or
    /// ended what they make.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn series_to_make(
        &self,
        now: UnixMillis,
        margin: Duration,
    ) -> Result<Vec<SeriesId>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM series
             WHERE ended_at IS NULL AND removed_at IS NULL
                 AND (make_next_at <= ?1 OR updated_at > ?2)
             ORDER BY make_next_at",
        )?;
        let ids = statement.query_map([now.0, now.plus(margin).0], |row| parsed(row, "id"))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Returns when the oldest series was made, ended or taken back though it may be.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn oldest_series_at(&self) -> Result<Option<UnixMillis>, Error> {
        let mut statement = self.connection.prepare_cached("SELECT min(created_at) FROM series")?;
        let at = statement.query_row([], |row| row.get::<_, Option<i64>>(0))?;
        Ok(at.map(UnixMillis))
    }
}

impl Tx<'_> {
    /// Keeps a new series.
    ///
    /// # Errors
    /// When its account is not known, or SQLite cannot write.
    pub fn create_series(&mut self, id: SeriesId, state: &SeriesState) -> Result<(), Error> {
        let sql = format!(
            "INSERT INTO series ({WRITTEN}, id, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14)"
        );
        let mut values = state.values()?;
        values.push(Value::Text(id.to_string()));
        values.push(Value::Integer(self.now.0));
        self.connection.prepare_cached(&sql)?.execute(params_from_iter(values))?;
        Ok(())
    }

    /// Keeps what a series is from now on. `is_meant` says that a person changed it, which its version
    /// tells.
    ///
    /// # Errors
    /// When there is no such series, its account is not known, or SQLite cannot write.
    pub fn save_series(
        &mut self,
        id: SeriesId,
        state: &SeriesState,
        is_meant: bool,
    ) -> Result<(), Error> {
        let sql = format!(
            "UPDATE series SET ({WRITTEN})
                 = (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12),
                 updated_at = ?14, version = version + ?15
             WHERE id = ?13"
        );
        let mut values = state.values()?;
        values.push(Value::Text(id.to_string()));
        values.push(Value::Integer(self.now.0));
        values.push(Value::Integer(is_meant.into()));
        match self.connection.prepare_cached(&sql)?.execute(params_from_iter(values))? {
            0 => Err(Error::not_found("series", id)),
            _ => Ok(()),
        }
    }
}
