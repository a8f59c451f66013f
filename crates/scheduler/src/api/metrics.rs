//! `GET /metrics`, in Prometheus' text format; like everything else only with a token.

use std::fmt::Write;
use std::sync::Arc;

use axum::response::IntoResponse;
use http::header;

use super::Answered;
use crate::scheduler::Core;
use crate::store::Summary;

pub(super) async fn metrics(core: &Arc<Core>) -> Answered {
    let now = core.now();
    let held = core.database.read(move |connection| Summary::read(connection, now)).await?;
    let (slots, in_flight) = core.timer.parallelism();
    let late = held.next_due_at.map_or(0, |at| now.saturating_sub(at).max(0) / 1000);
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut text = String::new();
    for (name, help, value) in [
        ("messages_live", "Messages not yet delivered, given up or cancelled.", held.live),
        ("messages_due", "Live messages whose time has come.", held.due),
        ("messages_queued", "Live messages that wait in a queue.", held.waiting_in_queues),
        ("messages_delivered", "Delivered messages still in the log.", held.delivered),
        ("messages_failed", "Messages given up, still in the log.", held.failed),
        ("messages_canceled", "Cancelled messages still in the log.", held.canceled),
        ("dead_letters", "Messages given up that wait for a decision.", held.dead_letters),
        ("schedules", "Schedules.", held.schedules),
        ("queues", "Queues.", held.queues),
        ("url_groups", "URL groups.", held.url_groups),
        ("late_seconds", "How long the most overdue message is overdue.", late),
        ("deliveries_in_flight", "Deliveries under way.", number(in_flight)),
        ("deliveries_parallel", "Deliveries that may be under way at once.", number(slots)),
    ] {
        // Writing to a String never fails.
        let _ = write!(
            text,
            "# HELP qstash_{name} {help}\n# TYPE qstash_{name} gauge\nqstash_{name} {value}\n"
        );
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
