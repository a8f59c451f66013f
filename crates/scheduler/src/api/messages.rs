//! Messages that wait: reading and cancelling them.

use std::sync::Arc;

use axum::body::Bytes;
use http::StatusCode;
use serde_json::json;

use super::query::{COMMON, Query};
use super::refusal::Refusal;
use super::{Answered, bulk, view};
use crate::error::Error;
use crate::shared::Shared;
use crate::store::{Filter, Message, MessageState, cancel_matching};

/// The largest `count` of a bulk request.
const MOST_COUNT: usize = 500;

pub(super) async fn get(shared: &Shared, id: &str) -> Answered {
    let id = id.to_owned();
    let found = shared.database.read(move |connection| Message::pending(connection, &id)).await?;
    let message = found.ok_or_else(|| Refusal::not_found("message not found"))?;
    Ok(super::json(StatusCode::OK, &view::message(&message).into()))
}

pub(super) async fn cancel(shared: &Shared, id: &str) -> Answered {
    let (id, now) = (id.to_owned(), shared.now());
    let cancelled = shared
        .database
        .write("cancel", move |write| {
            let Some(message) = Message::pending(write.connection, &id)? else { return Ok(false) };
            if message.state == MessageState::Live {
                Message::cancel(write, message.due(), now)?;
            }
            Ok(true)
        })
        .await?;
    if cancelled {
        Ok(super::json(StatusCode::OK, &json!({ "cancelled": 1 })))
    } else {
        Err(Refusal::not_found("message not found"))
    }
}

/// Cancels by ids (of the query or of a JSON body) or by filters; by nothing means everything,
/// but an empty list of ids means none.
pub(super) async fn cancel_many(shared: &Arc<Shared>, query: &Query, body: &Bytes) -> Answered {
    query.only(&[&COMMON, &["host", "path"]])?;
    query.none_empty()?;
    let mut ids = query.list("messageIds");
    match bulk::ids(body, "messageIds")? {
        Some(given) if given.is_empty() && ids.is_empty() => {
            return Ok(super::json(StatusCode::OK, &json!({ "cancelled": 0 })));
        }
        given => ids.extend(given.unwrap_or_default()),
    }
    let filter = if ids.is_empty() {
        query.filter("message.created_at >= ?", "message.created_at <= ?")?
    } else {
        let mut filter = Filter::default();
        filter.any_text("message.id", &ids);
        filter
    };
    // Checked, but not heeded: one call cancels all that match, as official clients say.
    query.count(MOST_COUNT, MOST_COUNT)?;
    let now = shared.now();
    // On a task of its own: it goes on when the asker goes away.
    let cancelling = tokio::spawn(cancel_matching(shared.database.clone(), filter, now));
    let cancelled = cancelling.await.map_err(|_| Error::Stopping)??;
    Ok(super::json(StatusCode::OK, &json!({ "cancelled": cancelled })))
}
