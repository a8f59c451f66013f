//! The feed of events, held back until there are some.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use roost_relay_api::{EventPage, RefusalCode};
use serde::Deserialize;

use super::auth::Device;
use super::error::ApiError;
use crate::rows::{event, relay};
use crate::shared::Shared;

/// Events on one page, at the most.
const PAGE_EVENTS_MAX: u32 = 1000;
const PAGE_EVENTS_DEFAULT: u32 = 200;

#[derive(Deserialize)]
pub(super) struct EventsQuery {
    #[serde(default)]
    cursor: i64,
    limit: Option<u32>,
    #[serde(default)]
    wait_ms: u64,
}

pub(super) async fn events(
    State(shared): State<Arc<Shared>>,
    _device: Device,
    query: Result<Query<EventsQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<EventPage>, ApiError> {
    let Query(query) = query.map_err(|error| ApiError::invalid(error.body_text()))?;
    let limit = query.limit.unwrap_or(PAGE_EVENTS_DEFAULT).clamp(1, PAGE_EVENTS_MAX);
    let wait = Duration::from_millis(query.wait_ms).min(shared.config.pace.long_poll);
    let deadline = tokio::time::Instant::now() + wait;
    loop {
        let advanced = shared.head.advanced();
        let page = page(&shared, query.cursor, limit).await?;
        // A cursor ahead of the head tells the desktop that the database went back in time.
        if !page.events.is_empty() || page.head < query.cursor {
            return Ok(Json(page));
        }
        tokio::select! {
            biased;
            () = advanced => {}
            () = tokio::time::sleep_until(deadline) => return Ok(Json(page)),
            () = shared.stopping.cancelled() => return Ok(Json(page)),
        }
    }
}

async fn page(shared: &Shared, cursor: i64, limit: u32) -> Result<EventPage, ApiError> {
    let found = shared
        .read("events", move |c| {
            let relay = relay::row(c)?;
            if cursor < relay.pruned_to {
                return Ok(None);
            }
            let events = event::after(c, cursor, limit)?;
            let cursor = events.last().map_or(cursor, |event| event.seq);
            Ok(Some(EventPage { epoch: relay.epoch, events, cursor, head: event::head(c)? }))
        })
        .await?;
    found.ok_or_else(|| {
        ApiError::new(
            RefusalCode::CursorGone,
            "the feed no longer reaches back that far: look the posts up, then go on from the head",
        )
    })
}
