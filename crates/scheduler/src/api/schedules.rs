//! Schedules: `POST /v2/schedules/{destination}` and what is done with them afterwards.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::publish::{PublishRequest, QuotaLeft, accept_urls, prepare, rebuilt};
use super::refusal::Refusal;
use super::{Answered, Incoming, done, view};
use crate::cron::Cron;
use crate::error::Error;
use crate::secret;
use crate::shared::Shared;
use crate::spec::{Settings, Spec, check_name, is_url};
use crate::store::{Schedule, Write, schedule};

/// Whether what follows `/v2/schedules/` is `{id}/pause` or `{id}/resume`, and no destination.
pub(super) fn is_command(rest: &str) -> bool {
    let command = matches!(rest.rsplit_once('/'), Some((_, "pause" | "resume")));
    command && !is_url(&rebuilt(rest, ""))
}

pub(super) async fn upsert(
    shared: &Arc<Shared>,
    incoming: &Incoming,
    destination: &str,
) -> Answered {
    let mut settings = Settings::of_headers(&incoming.headers).map_err(Refusal::invalid)?;
    let query = settings.take_from_query(&incoming.query);
    if settings.get("upstash-not-before").is_some() {
        return Err(Refusal::invalid("Upstash-Not-Before can't be used with a schedule"));
    }
    let missing =
        || Refusal::invalid("Invalid cron expression: the header Upstash-Cron is missing");
    let text = settings.get("upstash-cron").ok_or_else(missing)?.to_owned();
    let cron = Cron::parse(&text).map_err(Refusal::invalid)?;
    let now = shared.now();
    let never = || Refusal::invalid("Invalid cron expression: its time never comes");
    let next_at = cron.next(now).ok_or_else(never)?;
    let id = settings.get("upstash-schedule-id").map_or_else(secret::schedule_id, str::to_owned);
    check_name("schedule id", &id).map_err(Refusal::invalid)?;
    let destination = rebuilt(destination, &query);
    let request = PublishRequest {
        destination: destination.clone(),
        settings: &settings,
        body: incoming.body.clone(),
        caller_ip: &incoming.caller_ip,
        queue: None,
        now,
    };
    // The queue is entered by each message, when it is made.
    let queue_name = settings.get("upstash-queue-name").map(str::to_owned);
    if let Some(queue) = &queue_name {
        check_name("queue name", queue).map_err(Refusal::invalid)?;
    }
    let prepared = prepare(shared, request, &mut QuotaLeft::of(shared)).await?;
    accept_urls(shared, &prepared.messages).await?;
    let first = prepared.messages.into_iter().next();
    let first = first.ok_or_else(|| Refusal::not_found("the url group has no endpoints"))?;
    let schedule = Schedule {
        cron: text,
        spec: Spec {
            url: destination,
            endpoint_name: None,
            schedule_id: Some(id.clone()),
            queue_name,
            ..first.spec
        },
        body: first.body,
        delay_seconds: first.due_at.saturating_sub(now).max(0) / 1000,
        paused: false,
        created_at: now,
        next_at: Some(next_at),
        last_at: None,
        error: None,
        id: id.clone(),
    };
    shared.database.write("schedule-upsert", move |write| schedule.replace(write)).await?;
    Ok(super::json(StatusCode::OK, &json!({ "scheduleId": id })))
}

pub(super) async fn list(shared: &Arc<Shared>) -> Answered {
    let read = |connection: &rusqlite::Connection| {
        let shown = |schedule: &Schedule| {
            Ok(view::schedule(schedule, &schedule.last_messages(connection)?).into())
        };
        Schedule::all(connection)?.iter().map(shown).collect::<Result<Vec<Value>, Error>>()
    };
    Ok(super::json(StatusCode::OK, &shared.database.read(read).await?.into()))
}

pub(super) async fn get(shared: &Arc<Shared>, id: &str) -> Answered {
    let id = id.to_owned();
    let read = move |connection: &rusqlite::Connection| {
        let Some(schedule) = Schedule::by_id(connection, &id)? else { return Ok(None) };
        let last = schedule.last_messages(connection)?;
        Ok(Some(view::schedule(&schedule, &last)))
    };
    let found = shared.database.read(read).await?.ok_or_else(not_found)?;
    Ok(super::json(StatusCode::OK, &found.into()))
}

pub(super) async fn delete(shared: &Shared, id: &str) -> Answered {
    let id = id.to_owned();
    let deleting = move |write: &mut Write<'_>| schedule::delete(write, &id);
    let deleted = shared.database.write("schedule-delete", deleting).await?;
    if deleted { Ok(done()) } else { Err(not_found()) }
}

pub(super) async fn pause(shared: &Shared, id: &str, paused: bool) -> Answered {
    let (id, now) = (id.to_owned(), shared.now());
    let pausing = move |write: &mut Write<'_>| schedule::pause(write, &id, paused, now);
    if shared.database.write("schedule-pause", pausing).await? {
        Ok(done())
    } else {
        Err(not_found())
    }
}

fn not_found() -> Refusal {
    Refusal::not_found("schedule not found")
}
