//! An export as a calendar: an event a post, at its instant in UTC, which every program shows on its own
//! clocks. An event has the post's id, so that a calendar which is read again changes its events.

use icalendar::{Calendar, Component, Event, EventLike, Property};
use roost_core::clock::UnixMillis;
use roost_core::status::Status;

use super::{ExportRow, ExportTime, Exported, time};

/// Characters of a text that the title of an event shows.
const TITLE_CHARACTERS_MAX: usize = 80;
/// Characters of what it says that an event shows; calendars cut longer ones themselves.
const DESCRIPTION_CHARACTERS_MAX: usize = 5_000;

/// Returns the posts that have a time as a calendar.
pub(super) fn write(rows: &[ExportRow], now: UnixMillis) -> Exported {
    let mut calendar = Calendar::empty();
    for (name, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Roost//Roost//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("X-WR-CALNAME", "Roost"),
    ] {
        calendar.append_property(Property::new(name, value));
    }
    let mut posts = 0;
    for row in rows {
        if let Some(schedule) = &row.schedule {
            calendar.push(event(row, schedule, now));
            posts += 1;
        }
    }
    let left_out = rows.len() as u64 - posts;
    Exported { bytes: calendar.to_string().into_bytes(), posts, left_out }
}

fn event(row: &ExportRow, schedule: &ExportTime, now: UnixMillis) -> Event {
    let mut event = Event::new();
    event
        .uid(&row.post_id.to_string())
        .add_property("DTSTAMP", time::calendar(now))
        .add_property("DTSTART", time::calendar(row.posted_at.unwrap_or(schedule.at)))
        // Nobody is busy while a post goes out.
        .add_property("TRANSP", "TRANSPARENT")
        .add_property("STATUS", event_status(row.status))
        .add_property("X-ROOST-STATUS", row.status.as_str())
        .summary(&title(row))
        .description(&description(row));
    if !row.tags.is_empty() {
        event.categories(&row.tags);
    }
    if let Some(address) = row.addresses().first() {
        event.url(address);
    }
    event.done()
}

/// Returns what a post says, without characters that a calendar has no place for.
fn description(row: &ExportRow) -> String {
    let text = row.content.to_texts().join("\n\n").replace("\r\n", "\n").replace('\r', "\n");
    let text: String =
        text.chars().filter(|it| !it.is_control() || matches!(it, '\n' | '\t')).collect();
    match text.char_indices().nth(DESCRIPTION_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

const fn event_status(status: Status) -> &'static str {
    match status {
        Status::Draft => "TENTATIVE",
        Status::Cancelled => "CANCELLED",
        _ => "CONFIRMED",
    }
}

fn title(row: &ExportRow) -> String {
    let text = row.content.first_text().split_whitespace().collect::<Vec<_>>().join(" ");
    let text = roost_core::failure::clip(&text, TITLE_CHARACTERS_MAX);
    match &row.account {
        Some(account) => format!("@{account}: {text}"),
        None => text,
    }
}
