//! Queues: making, showing, pausing and removing them.

use std::sync::Arc;

use axum::body::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::{Answered, done};
use crate::shared::Shared;
use crate::spec::check_name;
use crate::store::{Queue, queue};

#[derive(Deserialize)]
struct Wanted {
    #[serde(rename = "queueName")]
    name: String,
    #[serde(default)]
    parallelism: Option<u32>,
    #[serde(default)]
    paused: Option<bool>,
}

pub(super) async fn upsert(shared: &Shared, body: &Bytes) -> Answered {
    let wanted: Wanted = serde_json::from_slice(body)
        .map_err(|error| Refusal::invalid(format!("the body is not a queue: {error}")))?;
    check_name("queue name", &wanted.name).map_err(Refusal::invalid)?;
    if wanted.parallelism == Some(0) {
        return Err(Refusal::invalid("parallelism must be at least 1"));
    }
    let now = shared.now();
    shared
        .database
        .write("queue-upsert", move |write| {
            queue::upsert(write, &wanted.name, wanted.parallelism, wanted.paused, now)
        })
        .await?;
    Ok(done())
}

pub(super) async fn list(shared: &Arc<Shared>) -> Answered {
    let queues = shared.database.read(Queue::all).await?;
    let shown: Vec<Value> = queues.iter().map(shown).collect();
    Ok(super::json(StatusCode::OK, &shown.into()))
}

pub(super) async fn get(shared: &Arc<Shared>, name: &str) -> Answered {
    let name = name.to_owned();
    let found = shared.database.read(move |connection| Queue::by_name(connection, &name)).await?;
    Ok(super::json(StatusCode::OK, &shown(&found.ok_or_else(not_found)?)))
}

/// A queue that is gone already is what was asked for.
pub(super) async fn delete(shared: &Shared, name: &str) -> Answered {
    let (name, now) = (name.to_owned(), shared.now());
    shared.database.write("queue-delete", move |write| queue::delete(write, &name, now)).await?;
    Ok(done())
}

pub(super) async fn pause(shared: &Shared, name: &str, paused: bool) -> Answered {
    let (name, now) = (name.to_owned(), shared.now());
    let pausing =
        move |write: &mut crate::store::Write<'_>| queue::pause(write, &name, paused, now);
    if shared.database.write("queue-pause", pausing).await? { Ok(done()) } else { Err(not_found()) }
}

fn not_found() -> Refusal {
    Refusal::not_found("queue not found")
}

fn shown(queue: &Queue) -> Value {
    json!({
        "name": queue.name,
        "createdAt": queue.created_at,
        "updatedAt": queue.updated_at,
        "parallelism": queue.parallelism,
        "paused": queue.paused,
        "lag": queue.lag,
    })
}
