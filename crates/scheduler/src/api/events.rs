//! The log, under both of its names.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::Value;

use super::query::Query;
use super::refusal::Refusal;
use super::{Answered, view};
use crate::shared::Shared;
use crate::store::{Event, Filter, Message, State, Wanted};

const USUAL_COUNT: usize = 100;
const MOST: usize = 1000;

pub(super) async fn list(shared: &Shared, query: &Query) -> Answered {
    if query.first("groupBy").is_some() {
        return Err(Refusal::invalid("groupBy is not supported: filter by messageIds instead"));
    }
    let mut filter = query.filter("event.time >= ?", "event.time <= ?")?;
    let states = query.list("state");
    if !states.is_empty() {
        let states = spelled_out(&states)?;
        if states.iter().all(|state| state.as_str() > State::Delivered.as_str()) {
            // As the index of what went wrong has it.
            filter.only("event.state > 'DELIVERED'");
        }
        filter.any_text("event.state", &states);
    }
    let by_time = ["fromDate", "toDate"].iter().any(|name| query.first(name).is_some());
    if let Some(cursor) = query.first("cursor") {
        let wrong = || Refusal::invalid(format!("cursor is not one of this list: {cursor}"));
        go_on(&mut filter, by_time, cursor).ok_or_else(wrong)?;
    }
    let bodies = query.first("bodies") != Some("false");
    let wanted = Wanted { count: query.count(USUAL_COUNT, MOST)?, bodies, by_time };
    let read = move |connection: &rusqlite::Connection| Event::page(connection, &filter, &wanted);
    let (page, more) = shared.database.read(read).await?;
    let cursor = page.last().filter(|_| more).map(|(last, _)| match by_time {
        true => format!("{}-{}", last.time, last.seq),
        false => last.seq.to_string(),
    });
    let shown = |(event, of): &(Event, Message)| view::event(event, of, bodies).into();
    let lines = page.iter().map(shown).collect::<Vec<Value>>();
    drop(page);
    Ok(answer(&Value::from(lines).to_string(), cursor))
}

/// The lines under both names, written once.
fn answer(lines: &str, cursor: Option<String>) -> Response {
    let mut text = format!("{{\"events\":{lines},\"logs\":{lines}");
    if let Some(cursor) = cursor {
        // Digits, and a hyphen.
        text.push_str(&format!(",\"cursor\":\"{cursor}\""));
    }
    text.push('}');
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// Goes on behind the line that a page ended with.
fn go_on(filter: &mut Filter, by_time: bool, cursor: &str) -> Option<()> {
    if by_time {
        let (time, seq) = cursor.rsplit_once('-')?;
        filter.numbers("(event.time, event.seq) < (?, ?)", [time.parse().ok()?, seq.parse().ok()?]);
    } else {
        filter.number("event.seq < ?", cursor.parse().ok()?);
    }
    Some(())
}

/// The states behind the words: `IN_PROGRESS` is three, `CANCELLED` is another spelling.
fn spelled_out(words: &[String]) -> Result<Vec<String>, Refusal> {
    let mut states = Vec::new();
    for word in words {
        match word.to_ascii_uppercase().as_str() {
            "IN_PROGRESS" => {
                states.extend([State::Active, State::Retry, State::Error].map(State::as_str));
            }
            "CANCELLED" => states.push(State::Canceled.as_str()),
            word => {
                let known = State::ALL.into_iter().find(|state| state.as_str() == word);
                let unknown = || Refusal::invalid(format!("unknown state: {word}"));
                states.push(known.ok_or_else(unknown)?.as_str());
            }
        }
    }
    Ok(states.into_iter().map(str::to_owned).collect())
}
