//! `GET /metrics`, in Prometheus' text format; like everything else only with a token.

use std::fmt::Write;
use std::sync::Arc;

use axum::response::IntoResponse;
use http::header;

use super::Answered;
use crate::shared::Shared;
use crate::store::{LATENESS_MS, Summary};

pub(super) async fn metrics(shared: &Arc<Shared>) -> Answered {
    let now = shared.now();
    let held = shared.database.read(move |connection| Summary::read(connection, now)).await?;
    let (slots, in_flight) = shared.timer.parallelism();
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
    let counters = &shared.database.counters;
    let since = counters.read();
    for (name, help, value) in [
        ("published", "Messages accepted, callbacks included.", since.published),
        ("delivered", "Messages delivered.", since.delivered),
        ("retried", "Attempts that failed and are made again.", since.retried),
        ("failed", "Messages given up.", since.failed),
        ("canceled", "Messages cancelled.", since.canceled),
    ] {
        let name = format!("qstash_{name}_total");
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}\n");
    }
    lateness(&mut text, &counters.lateness());
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

/// How late attempts began, as a histogram: each bucket counts those before it, too.
fn lateness(text: &mut String, (late, sum_ms): &(Vec<u64>, u64)) {
    let name = "qstash_delivery_lateness_seconds";
    let help = "How long after its time an attempt began.";
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} histogram\n");
    let ends = LATENESS_MS.iter().map(|end| seconds(end.unsigned_abs()));
    let mut count = 0;
    for (end, more) in ends.chain(["+Inf".to_owned()]).zip(late) {
        count += more;
        let _ = writeln!(text, "{name}_bucket{{le=\"{end}\"}} {count}");
    }
    let _ = write!(text, "{name}_sum {}\n{name}_count {count}\n", seconds(*sum_ms));
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}
