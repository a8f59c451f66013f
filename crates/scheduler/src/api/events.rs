//! The log, under both of its names.

use http::StatusCode;
use serde_json::{Value, json};

use super::query::Query;
use super::refusal::Refusal;
use super::{Answered, view};
use crate::scheduler::Core;
use crate::store::{Event, State};

const USUAL_COUNT: usize = 100;
const MOST: usize = 1000;

pub(super) async fn list(core: &Core, query: &Query) -> Answered {
    if query.first("groupBy").is_some() {
        return Err(Refusal::invalid("groupBy is not supported: filter by messageIds instead"));
    }
    let mut filter = query.filter("event.time >= ?", "event.time <= ?")?;
    let states = query.list("state");
    if !states.is_empty() {
        filter.any_text("event.state", &spelled_out(&states)?);
    }
    if let Some(cursor) = query.number("cursor")? {
        filter.number("event.seq < ?", cursor);
    }
    let count = query.count(USUAL_COUNT, MOST)?;
    // One more than asked for tells whether there is another page.
    let read = move |connection: &rusqlite::Connection| Event::list(connection, &filter, count + 1);
    let mut page = core.database.read(read).await?;
    let more = page.len() > count;
    page.truncate(count);
    let lines: Vec<Value> = page.iter().map(|(event, of)| view::event(event, of).into()).collect();
    let mut answer = json!({ "events": lines, "logs": lines });
    if more && let Some((last, _)) = page.last() {
        answer["cursor"] = last.seq.to_string().into();
    }
    Ok(super::json(StatusCode::OK, &answer))
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
