//! The delivery receipt: what happened to a post, in plain words.

use roost_core::failure::Code;
use roost_core::status::{Actor, Status};
use roost_store::{EventKind, PostEvent};
use serde_json::Value;

use crate::view::ReceiptEvent;

/// One line of the receipt.
pub(crate) fn line(event: &PostEvent) -> ReceiptEvent {
    let after = event.after.as_ref();
    let field = |name: &str| after.and_then(|after| after.get(name)).and_then(Value::as_str);
    let status = field("status").and_then(|word| word.parse::<Status>().ok());
    ReceiptEvent {
        at: event.at,
        kind: kind(event, status).to_owned(),
        title: title(event, status, field("tweet_id").is_some()),
        detail: detail(event),
        revision: event.revision,
    }
}

/// One word for scripts: the relay's word where it is the relay's event.
fn kind(event: &PostEvent, status: Option<Status>) -> &'static str {
    match (event.kind, status) {
        (EventKind::Outcome | EventKind::Status, Some(status)) => status.as_str(),
        (kind, _) => kind.as_str(),
    }
}

fn title(event: &PostEvent, status: Option<Status>, has_tweet: bool) -> String {
    let words = match event.kind {
        EventKind::Created => "Written",
        EventKind::Imported => "Imported",
        EventKind::Edited => "Changed",
        EventKind::Tagged => "Tags changed",
        EventKind::Armed => "Armed again",
        EventKind::Queued => "Handed over: relay and scheduler hold it",
        EventKind::Withdrawing => "Cancelling: the relay is asked",
        EventKind::Withdrawn => "Withdrawn, and proven",
        EventKind::WithdrawTooLate => "Too late to cancel",
        EventKind::Deleted => "Deleted",
        EventKind::Restored => "Restored",
        EventKind::Outcome | EventKind::Status => {
            return outcome(status, event.actor, has_tweet).to_owned();
        }
    };
    words.to_owned()
}

const fn outcome(status: Option<Status>, actor: Actor, has_tweet: bool) -> &'static str {
    match status {
        Some(Status::Sending) => "The relay is calling X",
        Some(Status::Held) => "The relay waits",
        Some(Status::Posted) if matches!(actor, Actor::Person) => "You found it on X",
        Some(Status::Posted) => "X accepted it",
        Some(Status::Partial) => "Some parts are on X",
        Some(Status::Unknown) => "Needs a check: it may be on X",
        Some(Status::Failed) => "Failed",
        Some(Status::Missed) => "Missed: its time passed",
        Some(Status::Cancelled) => "Cancelled",
        Some(Status::Queued) => "The relay holds it for its time",
        Some(Status::Pending) => "Scheduled on this computer",
        Some(Status::Draft) => "Made a draft",
        None if has_tweet => "Its address on X is known",
        None => "The relay told more",
    }
}

/// What else is known: an id, the other side's words, or what was there before.
fn detail(event: &PostEvent) -> Option<String> {
    let text = |value: &Option<Value>, name: &str| {
        let field = value.as_ref()?.get(name)?;
        field.as_str().map(str::to_owned)
    };
    match event.kind {
        EventKind::Queued => {
            text(&event.after, "qstash_message_id").map(|id| format!("message {id}"))
        }
        EventKind::Edited => {
            let before = text(&event.before, "content").map(|old| format!("before: {old}"));
            before.or_else(|| text(&event.after, "wall_time").map(|time| format!("now {time}")))
        }
        EventKind::Outcome | EventKind::Status => {
            let tweet = text(&event.after, "tweet_id").map(|id| format!("post {id}"));
            tweet.or_else(|| text(&event.after, "error_message")).or_else(|| {
                let code = text(&event.after, "error_code")?.parse::<Code>().ok()?;
                Some(code.text().to_owned())
            })
        }
        _ => None,
    }
}
