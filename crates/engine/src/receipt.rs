//! The delivery receipt: what happened to a post, in plain words, in the order in which it happened.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::status::{Actor, Status};
use roost_store::{EventKind, PostEvent, further_texts};
use serde_json::Value;

use crate::parts::listed;
use crate::view::ReceiptEvent;

/// What was heard so long after it happened says when it was heard.
const TOLD_LATE: Duration = Duration::from_mins(1);
/// X's ids count milliseconds from here, above 22 bits of their own.
const SNOWFLAKE_EPOCH_MS: i64 = 1_288_834_974_657;
/// An id whose moment is further from the relay's word than this is none that tells a moment.
const SNOWFLAKE_DOUBT_MS: u64 = 24 * 3_600_000;
/// The relay's word for a post that it has taken up.
const CLAIMED: &str = "claimed";

/// Returns the receipt: each event at the time at which it happened, oldest first. What the relay
/// did while this computer was off stands where it belongs, with the time at which it was told.
pub(crate) fn lines(mut events: Vec<PostEvent>) -> Vec<ReceiptEvent> {
    events.sort_by_key(|event| (event.happened_at.unwrap_or(event.at), event.seq));
    events.iter().map(line).collect()
}

/// One line of the receipt.
fn line(event: &PostEvent) -> ReceiptEvent {
    let status = field(event.after.as_ref(), "status").and_then(|word| word.parse().ok());
    let at = moment(event);
    let told_late = event.happened_at.is_some() && event.at.since(at) > TOLD_LATE;
    ReceiptEvent {
        at,
        told_at: told_late.then_some(event.at),
        kind: kind(event, status).to_owned(),
        title: title(event, status),
        detail: detail(event),
        revision: event.revision,
    }
}

/// When it happened: by X's clock where X took the post, else by the clock of whoever noted it.
fn moment(event: &PostEvent) -> UnixMillis {
    let told = event.happened_at.unwrap_or(event.at);
    let took = field(event.after.as_ref(), "state") == Some("posted");
    if !took {
        return told;
    }
    let last = live(event).last().copied().or_else(|| field(event.after.as_ref(), "tweet_id"));
    last.and_then(moment_of_tweet)
        .filter(|at| at.0.abs_diff(told.0) < SNOWFLAKE_DOUBT_MS)
        .unwrap_or(told)
}

/// The moment at which X made a post, which its id tells.
fn moment_of_tweet(id: &str) -> Option<UnixMillis> {
    let id: i64 = id.parse().ok()?;
    Some(UnixMillis((id >> 22) + SNOWFLAKE_EPOCH_MS))
}

fn field<'e>(value: Option<&'e Value>, name: &str) -> Option<&'e str> {
    value?.get(name)?.as_str()
}

/// The ids of the parts on X that the event names.
fn live(event: &PostEvent) -> Vec<&str> {
    let ids = event.after.as_ref().and_then(|after| after.get("live")?.as_array());
    ids.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// One word for scripts: where the post stood after it, when the relay told.
fn kind(event: &PostEvent, status: Option<Status>) -> &'static str {
    match (event.kind, status) {
        (EventKind::Outcome, Some(Status::Queued)) if is_claimed(event) => CLAIMED,
        (EventKind::Outcome | EventKind::Status, Some(status)) => status.as_str(),
        (kind, _) => kind.as_str(),
    }
}

fn is_claimed(event: &PostEvent) -> bool {
    field(event.after.as_ref(), "state") == Some(CLAIMED)
}

fn title(event: &PostEvent, status: Option<Status>) -> String {
    let words = match event.kind {
        EventKind::Created => "Written",
        EventKind::Imported => "Imported",
        EventKind::Edited => "Changed",
        EventKind::EditTooLate => "Your change came too late",
        EventKind::Tagged => "Tags changed",
        EventKind::Armed => "Armed again",
        EventKind::Queued => "Handed over: relay and scheduler hold it",
        EventKind::Withdrawing => "Cancelling: the relay is asked",
        EventKind::Withdrawn => "Withdrawn, and proven",
        EventKind::WithdrawTooLate => "Too late to cancel",
        EventKind::Deleted => "Deleted",
        EventKind::Restored => "Restored",
        EventKind::GoneFromX => "Deleted on X",
        EventKind::Outcome | EventKind::Status => return outcome(event, status),
    };
    words.to_owned()
}

fn outcome(event: &PostEvent, status: Option<Status>) -> String {
    let live = live(event).len();
    let words = match status {
        Some(Status::Queued) if is_claimed(event) && live > 0 => {
            return format!("Part {live} is on X");
        }
        Some(Status::Queued) if is_claimed(event) => "Its time has come: the relay takes it up",
        Some(Status::Sending) if field(event.after.as_ref(), "state") == Some("unknown") => {
            "X gave no clear answer: the relay reads the timeline"
        }
        Some(Status::Sending) if live > 0 => {
            return format!("The relay is calling X for part {}", live + 1);
        }
        Some(Status::Sending) => "The relay is calling X",
        Some(Status::Held) => "The relay waits",
        Some(Status::Posted) if matches!(event.actor, Actor::Person) => "You found it on X",
        Some(Status::Posted) => "X accepted it",
        Some(Status::Partial) => "Some parts are on X",
        Some(Status::Unknown) => "Needs a check: it may be on X",
        Some(Status::Failed) => "Failed",
        Some(Status::Missed) => "Missed: its time passed",
        Some(Status::Cancelled) => "Cancelled",
        Some(Status::Queued) => "The relay holds it for its time",
        Some(Status::Pending) => "Scheduled on this computer",
        Some(Status::Draft) => "Made a draft",
        None if field(event.after.as_ref(), "tweet_id").is_some() => "Its address on X is known",
        None => "The relay told more",
    };
    words.to_owned()
}

/// What else is known: an id, the other side's words, or what was there before.
fn detail(event: &PostEvent) -> Option<String> {
    let after = event.after.as_ref();
    let text = |name: &str| field(after, name).map(str::to_owned);
    match event.kind {
        EventKind::Queued => text("qstash_message_id").map(|id| format!("message {id}")),
        EventKind::Armed => time(after).map(|time| format!("for {time}")),
        EventKind::Edited => edited(event),
        EventKind::EditTooLate => too_late(event),
        EventKind::Outcome | EventKind::Status => {
            let live = live(event);
            if live.len() > 1 || (live.len() == 1 && text("tweet_id").is_none()) {
                return Some(listed(live));
            }
            text("tweet_id")
                .map(|id| format!("post {id}"))
                .or_else(|| text("error_message"))
                .or_else(|| {
                    let code = text("error_code")?.parse::<Code>().ok()?;
                    Some(code.text().to_owned())
                })
        }
        _ => None,
    }
}

/// What a change made of what: the words, the time, or for whom.
fn edited(event: &PostEvent) -> Option<String> {
    let (before, after) = (event.before.as_ref(), event.after.as_ref());
    let mut said = Vec::new();
    if let (Some(old), Some(new)) = (field(before, "content"), field(after, "content")) {
        said.push(format!("now: {new} (before: {old})"));
    }
    let further = |value: Option<&Value>| Some(further_texts(value?)?.join(" / "));
    if let (Some(old), Some(new)) = (further(before), further(after))
        && old != new
    {
        said.push(format!("further parts now: {new} (before: {old})"));
    }
    match (time(before), time(after)) {
        (Some(old), Some(new)) if old != new => said.push(format!("now {new} (before {old})")),
        (None, Some(new)) => said.push(format!("now {new}")),
        (Some(old), None) if after.is_some_and(|after| after.get("schedule").is_some()) => {
            said.push(format!("no time any more (before {old})"));
        }
        _ => {}
    }
    if field(after, "account").is_some() {
        said.push("for another account".to_owned());
    }
    (!said.is_empty()).then(|| said.join("; "))
}

/// The wall time of an event's schedule, with its zone.
fn time(value: Option<&Value>) -> Option<String> {
    let schedule = value?.get("schedule")?;
    let (wall, zone) = (schedule.get("wall_time")?.as_str()?, schedule.get("zone")?.as_str()?);
    Some(format!("{wall} {zone}"))
}

/// What an edit had meant that the relay did not take any more.
fn too_late(event: &PostEvent) -> Option<String> {
    let after = event.after.as_ref()?;
    let (meant, sent) = (after.get("meant")?, after.get("sent")?);
    let texts = |of: &Value| {
        let first = of.get("content").and_then(Value::as_str).unwrap_or_default();
        let further = further_texts(of).unwrap_or_default();
        std::iter::once(first.to_owned()).chain(further).collect::<Vec<_>>().join(" / ")
    };
    let mut said = Vec::new();
    let (new, old) = (texts(meant), texts(sent));
    if new != old {
        said.push(format!("you meant: {new} (sent: {old})"));
    }
    if meant.get("schedule") != sent.get("schedule") {
        let to = time(Some(meant)).unwrap_or_else(|| "no time".to_owned());
        said.push(format!("you had moved it to {to}"));
    }
    if meant.get("account") != sent.get("account") {
        said.push("you had chosen another account".to_owned());
    }
    (!said.is_empty()).then(|| said.join("; "))
}
