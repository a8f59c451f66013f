//! The delivery receipt: what happened to a post, in plain words, in the order in which it happened.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::TweetId;
use roost_core::post::Content;
use roost_core::status::{Actor, Status};
use roost_store::{EventKind, LateEdit, Meant, PostEvent, PostFields, Schedule};

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
    let status = event.change.after.status;
    let at = moment(event);
    let told_late = event.happened_at.is_some() && event.at.since(at) > TOLD_LATE;
    ReceiptEvent {
        at,
        told_at: told_late.then_some(event.at),
        kind: kind(event, status).to_owned(),
        title: title(event, status),
        detail: detail(event),
        said: said(event),
        revision: event.revision,
    }
}

/// When it happened: by X's clock where X took the post, else by the clock of whoever noted it.
fn moment(event: &PostEvent) -> UnixMillis {
    let told = event.happened_at.unwrap_or(event.at);
    let took = event.change.state.as_deref() == Some("posted");
    if !took {
        return told;
    }
    let last = event.change.live.last().or_else(|| tweet(event));
    last.and_then(moment_of_tweet)
        .filter(|at| at.0.abs_diff(told.0) < SNOWFLAKE_DOUBT_MS)
        .unwrap_or(told)
}

/// The moment at which X made a post, which its id tells.
fn moment_of_tweet(id: &TweetId) -> Option<UnixMillis> {
    let id: i64 = id.0.parse().ok()?;
    Some(UnixMillis((id >> 22) + SNOWFLAKE_EPOCH_MS))
}

/// The id on X that the event tells.
fn tweet(event: &PostEvent) -> Option<&TweetId> {
    event.change.after.tweet_id.as_ref()?.as_ref()
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
    event.change.state.as_deref() == Some(CLAIMED)
}

fn title(event: &PostEvent, status: Option<Status>) -> String {
    let words = match event.kind {
        EventKind::Created if event.change.after.occurrence.is_some() => "Made by its series",
        EventKind::Created => "Written",
        EventKind::Imported => "Imported",
        EventKind::Edited => "Changed",
        EventKind::EditTooLate => "Your change came too late",
        EventKind::Tagged => "Tags changed",
        EventKind::Armed => "Armed again",
        EventKind::Queued => "Handed over: relay and scheduler hold it",
        EventKind::Withdrawing => "Cancelling: the relay is asked",
        EventKind::Withdrawn => "Withdrawn: it will not go out",
        EventKind::WithdrawTooLate => "Too late to cancel",
        EventKind::Deleted => "Deleted",
        EventKind::Restored => "Restored",
        EventKind::GoneFromX => "Deleted on X",
        EventKind::Decided => decided(event),
        EventKind::Outcome | EventKind::Status => return outcome(event, status),
    };
    words.to_owned()
}

fn outcome(event: &PostEvent, status: Option<Status>) -> String {
    let live = event.change.live.len();
    let words = match status {
        Some(Status::Queued) if is_claimed(event) && live > 0 => {
            return format!("Part {live} is on X");
        }
        Some(Status::Queued) if is_claimed(event) => "Its time has come: the relay takes it up",
        Some(Status::Sending) if event.change.state.as_deref() == Some("unknown") => {
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
        None if tweet(event).is_some() => "Its address on X is known",
        None => "The relay told something that this version of Roost does not know",
    };
    words.to_owned()
}

/// What the person said of a post that needed a check.
fn decided(event: &PostEvent) -> &'static str {
    match event.change.decision.as_deref() {
        Some("went_out") => "You said that it went out",
        Some("send_again") => "You said to send it again",
        _ => "You decided",
    }
}

/// What else is known: an id, the other side's words, or what was there before.
fn detail(event: &PostEvent) -> Option<String> {
    let after = &event.change.after;
    match event.kind {
        EventKind::Queued => {
            after.qstash_message_id.clone().flatten().map(|id| format!("message {id}"))
        }
        EventKind::Armed => time(after).map(|time| format!("for {time}")),
        EventKind::Edited | EventKind::Tagged => edited(event),
        EventKind::EditTooLate => event.change.late.as_ref().and_then(too_late),
        EventKind::Outcome | EventKind::Status => {
            let live: Vec<&str> = event.change.live.iter().map(|id| id.0.as_str()).collect();
            if live.len() > 1 || (live.len() == 1 && tweet(event).is_none()) {
                return Some(listed(live));
            }
            tweet(event)
                .map(|id| format!("post {id}"))
                .or_else(|| code(event).map(|code| code.text().to_owned()))
                .or_else(|| after.error_message.clone().flatten())
        }
        _ => None,
    }
}

fn code(event: &PostEvent) -> Option<Code> {
    event.change.after.error_code.as_ref()?.as_ref()?.parse().ok()
}

/// Returns the other side's own words, where the reason beside them says something else.
fn said(event: &PostEvent) -> Option<String> {
    let reason = code(event)?.text();
    let words = event.change.after.error_message.clone().flatten()?;
    let is_told = matches!(event.kind, EventKind::Outcome | EventKind::Status);
    (is_told && words != reason && !words.trim().is_empty()).then_some(words)
}

/// What a change made of what: the words, the time, for whom, or the tags.
fn edited(event: &PostEvent) -> Option<String> {
    let nothing = PostFields::default();
    let (before, after) = (event.change.before.as_ref().unwrap_or(&nothing), &event.change.after);
    let mut said = Vec::new();
    if let (Some(old), Some(new)) = (&before.content, &after.content) {
        said.push(format!("now: {new} (before: {old})"));
    }
    let further = |fields: &PostFields| fields.parts.as_ref().map(|_| further(fields));
    if let (Some(old), Some(new)) = (further(before), further(after))
        && old != new
    {
        said.push(format!("further parts now: {new} (before: {old})"));
    }
    match (time(before), time(after)) {
        (Some(old), Some(new)) if old != new => said.push(format!("now {new} (before {old})")),
        (None, Some(new)) => said.push(format!("now {new}")),
        (Some(old), None) if after.schedule.is_some() => {
            said.push(format!("no time any more (before {old})"));
        }
        _ => {}
    }
    if after.account.as_ref().is_some_and(Option::is_some) {
        said.push("for another account".to_owned());
    }
    if let (Some(old), Some(new)) = (&before.tags, &after.tags) {
        let tags = |tags: &[String]| match tags {
            [] => "none".to_owned(),
            some => some.join(", "),
        };
        said.push(format!("tags now: {} (before: {})", tags(new), tags(old)));
    }
    (!said.is_empty()).then(|| said.join("; "))
}

/// The texts from the second part on.
fn further(fields: &PostFields) -> String {
    fields.over(Content::default()).texts().skip(1).collect::<Vec<_>>().join(" / ")
}

/// The wall time of an event's schedule, with its zone.
fn time(fields: &PostFields) -> Option<String> {
    Some(wall(fields.schedule.as_ref()?.as_ref()?))
}

fn wall(Schedule { wall_time, zone, .. }: &Schedule) -> String {
    format!("{wall_time} {zone}")
}

/// What an edit had meant that the relay did not take any more.
fn too_late(LateEdit { meant, sent, .. }: &LateEdit) -> Option<String> {
    let texts = |of: &Meant| of.content.to_texts().join(" / ");
    let mut said = Vec::new();
    let (new, old) = (texts(meant), texts(sent));
    if new != old {
        said.push(format!("you meant: {new} (sent: {old})"));
    }
    if meant.schedule != sent.schedule {
        let to = meant.schedule.as_ref().map_or_else(|| "no time".to_owned(), wall);
        said.push(format!("you had moved it to {to}"));
    }
    if meant.account != sent.account {
        said.push("you had chosen another account".to_owned());
    }
    (!said.is_empty()).then(|| said.join("; "))
}
