//! Schedules: making a message whenever the clock says so.

use axum::body::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::message::NewMessage;
use super::message_state::MessageState;
use super::quota;
use super::url_group::UrlGroup;
use super::writer::Write;
use crate::cron::Cron;
use crate::error::Error;
use crate::spec::{Spec, is_url};

/// A schedule as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) id: String,
    /// As it was given.
    pub(crate) cron: String,
    /// What each message asks for; `url` may name a URL group.
    pub(crate) spec: Spec,
    pub(crate) body: Bytes,
    pub(crate) delay_seconds: i64,
    pub(crate) paused: bool,
    pub(crate) created_at: i64,
    pub(crate) next_at: Option<i64>,
    pub(crate) last_at: Option<i64>,
    pub(crate) error: Option<String>,
}

const SELECT: &str = "SELECT id, cron, spec, body, delay_seconds, paused, created_at, next_at, \
     last_at, error FROM schedule";

impl Schedule {
    fn read(row: &Row<'_>) -> Result<Self, Error> {
        Ok(Self {
            id: row.get(0)?,
            cron: row.get(1)?,
            spec: serde_json::from_str(&row.get::<_, String>(2)?)?,
            body: row.get::<_, Vec<u8>>(3)?.into(),
            delay_seconds: row.get(4)?,
            paused: row.get(5)?,
            created_at: row.get(6)?,
            next_at: row.get(7)?,
            last_at: row.get(8)?,
            error: row.get(9)?,
        })
    }

    pub(crate) fn by_id(connection: &Connection, id: &str) -> Result<Option<Self>, Error> {
        let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?;
        let mut rows = statement.query([id])?;
        rows.next()?.map(Self::read).transpose()
    }

    /// All schedules, oldest first.
    pub(crate) fn all(connection: &Connection) -> Result<Vec<Self>, Error> {
        let mut statement = connection.prepare(&format!("{SELECT} ORDER BY created_at, id"))?;
        let mut rows = statement.query([])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(Self::read(row)?);
        }
        Ok(all)
    }

    /// The messages it made last, and how far they are.
    pub(crate) fn last_messages(
        &self,
        connection: &Connection,
    ) -> Result<Vec<(String, MessageState)>, Error> {
        let sql = "SELECT id, state FROM message WHERE schedule_id = ?1 AND created_at = ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![self.id, self.last_at], |row| {
            Ok((row.get(0)?, MessageState::read(&row.get::<_, String>(1)?)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Puts it in the place of what had its id, except that a paused one stays paused.
    pub(crate) fn replace(&self, write: &mut Write<'_>) -> Result<(), Error> {
        let mut statement = write.connection.prepare_cached(
            "INSERT INTO schedule (id, cron, spec, body, delay_seconds, paused, created_at, next_at)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET
                 cron = excluded.cron, spec = excluded.spec, body = excluded.body,
                 delay_seconds = excluded.delay_seconds, error = NULL,
                 next_at = CASE WHEN paused THEN NULL ELSE excluded.next_at END",
        )?;
        statement.execute(params![
            self.id,
            self.cron,
            serde_json::to_string(&self.spec)?,
            &self.body[..],
            self.delay_seconds,
            self.created_at,
            self.next_at,
        ])?;
        let count = quota::count(write, "schedule")?;
        quota::within("maxSchedules", count, write.limits.schedules)?;
        if let Some(queue) = &self.spec.queue_name {
            super::queue::make_within(write, queue, self.created_at)?;
        }
        plan(write)
    }

    /// Makes its messages, one for each endpoint; however often it was missed, it makes up for it
    /// once.
    fn fire(&self, write: &mut Write<'_>, now: i64) -> Result<(), Error> {
        let endpoints = if is_url(&self.spec.url) {
            vec![(self.spec.url.clone(), None)]
        } else {
            UrlGroup::endpoints_of(write.connection, &self.spec.url)?
        };
        let error = endpoints.is_empty().then(|| format!("topic {} not found", self.spec.url));
        for (url, endpoint_name) in endpoints {
            let new = NewMessage {
                spec: Spec { url, endpoint_name, ..self.spec.clone() },
                body: self.body.clone(),
                due_at: now.saturating_add(self.delay_seconds.saturating_mul(1000)),
                deduplication: None,
                turn: None,
            };
            new.insert(write, now)?;
        }
        let next_at = Cron::parse(&self.cron).ok().and_then(|cron| cron.next(now));
        let sql = "UPDATE schedule SET next_at = ?2, last_at = ?3, error = ?4 WHERE id = ?1";
        let mut statement = write.connection.prepare_cached(sql)?;
        statement.execute(params![self.id, next_at, now, error])?;
        Ok(())
    }
}

/// Pauses or resumes; false when there is no such schedule. What its time was while it was
/// paused is not made up for.
pub(crate) fn pause(
    write: &mut Write<'_>,
    id: &str,
    paused: bool,
    now: i64,
) -> Result<bool, Error> {
    let Some(schedule) = Schedule::by_id(write.connection, id)? else { return Ok(false) };
    let next_at = match (paused, schedule.paused) {
        (true, _) => None,
        (false, false) => schedule.next_at,
        (false, true) => Cron::parse(&schedule.cron).ok().and_then(|cron| cron.next(now)),
    };
    let sql = "UPDATE schedule SET paused = ?2, next_at = ?3 WHERE id = ?1";
    write.connection.prepare_cached(sql)?.execute(params![id, paused, next_at])?;
    plan(write)?;
    Ok(true)
}

/// Removes it; the messages it made stay. False when there is no such schedule.
pub(crate) fn delete(write: &mut Write<'_>, id: &str) -> Result<bool, Error> {
    let known = write.connection.execute("DELETE FROM schedule WHERE id = ?1", [id])? == 1;
    plan(write)?;
    Ok(known)
}

/// Fires every schedule whose time has come.
pub(crate) fn fire_due(write: &mut Write<'_>, now: i64) -> Result<(), Error> {
    let due = {
        let sql = "SELECT id FROM schedule WHERE next_at <= ?1 ORDER BY next_at, id";
        let mut statement = write.connection.prepare_cached(sql)?;
        let ids = statement.query_map([now], |row| row.get::<_, String>(0))?;
        ids.collect::<Result<Vec<_>, _>>()?
    };
    for id in due {
        match Schedule::by_id(write.connection, &id) {
            Ok(Some(schedule)) => schedule.fire(write, now)?,
            Ok(None) => {}
            // An unreadable row must not keep the others from their time.
            Err(Error::Row(error)) => {
                let sql = "UPDATE schedule SET next_at = NULL, error = ?2 WHERE id = ?1";
                write.connection.execute(sql, params![id, error.to_string()])?;
            }
            Err(error) => return Err(error),
        }
    }
    plan(write)
}

/// Tells the timer when to look at schedules again.
fn plan(write: &mut Write<'_>) -> Result<(), Error> {
    let sql = "SELECT min(next_at) FROM schedule WHERE next_at IS NOT NULL";
    let mut statement = write.connection.prepare_cached(sql)?;
    let next: Option<Option<i64>> = statement.query_row([], |row| row.get(0)).optional()?;
    write.plan_schedules(next.flatten());
    Ok(())
}
