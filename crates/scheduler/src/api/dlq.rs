//! The dead letter queue.

use std::sync::Arc;

use axum::body::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::publish::{accept_urls, acknowledged};
use super::query::{COMMON, Query};
use super::refusal::Refusal;
use super::{Answered, Incoming, bulk, view};
use crate::shared::Shared;
use crate::spec::{Deduplication, Settings, due_at};
use crate::store::{DeadLetter, Filter, NewMessage, Published};

/// Letters on a page, and in one bulk request that does not name them.
const MOST: usize = 100;

pub(super) async fn list(shared: &Shared, query: &Query) -> Answered {
    let (filter, count) = (selection(query)?, query.count(MOST, MOST)?);
    let (letters, cursor) = page(shared, filter, count).await?;
    let shown: Vec<Value> = letters.iter().map(|letter| view::dead_letter(letter).into()).collect();
    Ok(super::json(StatusCode::OK, &with_cursor(json!({ "messages": shown }), cursor)))
}

pub(super) async fn get(shared: &Shared, dlq_id: &str) -> Answered {
    let letter = one(shared, dlq_id).await?;
    Ok(super::json(StatusCode::OK, &view::dead_letter(&letter).into()))
}

pub(super) async fn delete(shared: &Shared, dlq_id: &str) -> Answered {
    let letter = one(shared, dlq_id).await?;
    // Somebody else may have been quicker.
    if shared.database.write("dlq-delete", move |write| letter.delete(write)).await? {
        Ok(super::json(StatusCode::OK, &json!({ "deleted": 1 })))
    } else {
        Err(not_found())
    }
}

pub(super) async fn delete_many(shared: &Shared, query: &Query, body: &Bytes) -> Answered {
    let (filter, ids) = chosen(query, body)?;
    let count = query.count(ids.unwrap_or(MOST), MOST)?;
    let (deleted, cursor) = shared
        .database
        .write("dlq-delete-bulk", move |write| DeadLetter::delete_page(write, &filter, count))
        .await?;
    Ok(super::json(StatusCode::OK, &with_cursor(json!({ "deleted": deleted }), cursor)))
}

pub(super) async fn retry(shared: &Arc<Shared>, incoming: &Incoming, dlq_id: &str) -> Answered {
    let letter = one(shared, dlq_id).await?;
    let published = publish_again(shared, incoming, vec![letter]).await?;
    let first = published.first().ok_or_else(not_found)?;
    Ok(acknowledged(first, StatusCode::CREATED))
}

pub(super) async fn retry_many(
    shared: &Arc<Shared>,
    incoming: &Incoming,
    query: &Query,
) -> Answered {
    let (filter, _) = chosen(query, &incoming.body)?;
    let (mut letters, cursor) = page(shared, filter, query.count(MOST, MOST)?).await?;
    // The oldest first: into a queue they go in the order in which they left it.
    letters.reverse();
    let published = publish_again(shared, incoming, letters).await?;
    let responses: Vec<Value> = published.iter().map(response).collect();
    let answer = with_cursor(json!({ "responses": responses }), cursor);
    Ok(super::json(StatusCode::CREATED, &answer))
}

fn response(published: &Published) -> Value {
    let mut value = json!({ "messageId": published.id });
    if published.deduplicated {
        value["deduplicated"] = true.into();
    }
    value
}

/// Publishes the letters' messages under new ids and removes the letters, all or none. Settings
/// of the call are laid over the messages' own. A letter whose message repeats one that was
/// accepted before stays: nothing takes its place.
async fn publish_again(
    shared: &Arc<Shared>,
    incoming: &Incoming,
    letters: Vec<DeadLetter>,
) -> Result<Vec<Published>, Refusal> {
    let mut settings = Settings::default();
    for (name, value) in &incoming.headers {
        if let (true, Ok(text)) = (name.as_str().starts_with("upstash-"), value.to_str()) {
            settings.add(name.as_str(), text);
        }
    }
    settings.take_from_query(&incoming.query);
    let now = shared.now();
    let due_at = due_at(&settings, now, shared.config.max_delay_seconds);
    let due_at = due_at.map_err(Refusal::invalid)?;
    let mut again = Vec::with_capacity(letters.len());
    for letter in letters {
        let mut spec = letter.message.spec.clone();
        spec.apply(&settings).map_err(Refusal::invalid)?;
        let body = letter.message.body.clone();
        let deduplication = Deduplication::of(&settings, &spec, &body).map_err(Refusal::invalid)?;
        again.push((letter, NewMessage { spec: *spec, body, due_at, deduplication, turn: None }));
    }
    accept_urls(shared, again.iter().map(|(_, new)| new)).await?;
    let published = shared
        .database
        .write("dlq-retry", move |write| {
            let mut published = Vec::with_capacity(again.len());
            for (letter, new) in again {
                // Only whoever removes the letter may publish it again.
                if !letter.is_there(write)? {
                    continue;
                }
                let one = new.insert(write, now)?;
                if !one.deduplicated {
                    letter.delete(write)?;
                }
                published.push(one);
            }
            Ok(published)
        })
        .await?;
    Ok(published)
}

/// What a bulk change is about, and how many ids it names, if it names them.
fn chosen(query: &Query, body: &Bytes) -> Result<(Filter, Option<usize>), Refusal> {
    query.none_empty()?;
    let mut filter = selection(query)?;
    let of_query = ["dlqIds", "dlqId"].iter().map(|name| query.list(name).len()).sum::<usize>();
    let of_body = bulk::ids(body, "dlqIds")?;
    if let Some(ids) = &of_body {
        filter.any_text("dead_letter.dlq_id", ids);
    }
    let named = of_query + of_body.as_ref().map_or(0, Vec::len);
    Ok((filter, (named > 0).then_some(named)))
}

fn selection(query: &Query) -> Result<Filter, Refusal> {
    query.only(&[&COMMON, &["responseStatus", "dlqIds", "dlqId"]])?;
    let mut filter = query.filter("dead_letter.time >= ?", "dead_letter.time <= ?")?;
    let ids: Vec<String> = ["dlqIds", "dlqId"].iter().flat_map(|name| query.list(name)).collect();
    if !ids.is_empty() {
        filter.any_text("dead_letter.dlq_id", &ids);
    }
    let statuses: Result<Vec<i64>, _> =
        query.list("responseStatus").iter().map(|text| text.parse()).collect();
    let statuses = statuses.map_err(|_| Refusal::invalid("responseStatus is not a number"))?;
    if !statuses.is_empty() {
        filter.any_number("dead_letter.response_status", &statuses);
    }
    if let Some(cursor) = query.number("cursor")? {
        filter.number("dead_letter.seq < ?", cursor);
    }
    Ok(filter)
}

async fn page(
    shared: &Shared,
    filter: Filter,
    count: usize,
) -> Result<(Vec<DeadLetter>, Option<i64>), Refusal> {
    let read =
        move |connection: &rusqlite::Connection| DeadLetter::list(connection, &filter, count + 1);
    let mut letters = shared.database.read(read).await?;
    let more = letters.len() > count;
    letters.truncate(count);
    let cursor = letters.last().filter(|_| more).map(|letter| letter.seq);
    Ok((letters, cursor))
}

async fn one(shared: &Shared, dlq_id: &str) -> Result<DeadLetter, Refusal> {
    let mut filter = Filter::default();
    filter.any_text("dead_letter.dlq_id", &[dlq_id.to_owned()]);
    let (letters, _) = page(shared, filter, 1).await?;
    letters.into_iter().next().ok_or_else(not_found)
}

fn not_found() -> Refusal {
    Refusal::not_found("dlq message not found")
}

fn with_cursor(mut answer: Value, cursor: Option<i64>) -> Value {
    if let Some(cursor) = cursor {
        answer["cursor"] = cursor.to_string().into();
    }
    answer
}
