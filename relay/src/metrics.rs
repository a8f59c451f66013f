//! Counters, and their Prometheus text.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::audit_log::Transitions;

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, by: u64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! counters {
    ($($field:ident: $help:literal;)+) => {
        /// What the relay counts since its start.
        #[derive(Debug, Default)]
        pub(crate) struct Metrics {
            $(#[doc = $help] pub(crate) $field: Counter,)+
            /// How often posts came to each state, and why.
            pub(crate) transitions: Transitions,
        }

        impl Metrics {
            /// The counters as Prometheus text.
            pub(crate) fn text(&self) -> String {
                let mut text = String::new();
                $(
                    // Writing to a String can't fail.
                    let _ = writeln!(
                        text,
                        "# HELP roost_relay_{0}_total {1}\n# TYPE roost_relay_{0}_total counter\n\
                         roost_relay_{0}_total {2}",
                        stringify!($field), $help, self.$field.get(),
                    );
                )+
                text + &lost_lines(roost_log_writer::lines_lost()) + &self.transitions.text()
            }
        }
    };
}

counters! {
    rounds: "Rounds of the publisher: it runs while this grows.";
    deliveries: "Signed deliveries taken.";
    deliveries_repeated: "Deliveries of posts in hand or decided; nothing was done.";
    deliveries_unknown: "Deliveries of posts that were never staged here. An alarm.";
    signatures_refused: "Deliveries without a good signature.";
    clock_alarms: "Good signatures made at a time far from this clock. An alarm.";
    next_key_uses: "Deliveries signed with the next key: rotate the keys here, too.";
    media_uploaded: "Files of media that X has whole.";
    media_failed: "Uploads of files to X that came to nothing.";
    poison: "Signed deliveries that can never parse.";
    failure_callbacks: "Failure callbacks of the scheduler.";
    backstop: "Posts taken up by the relay's own clock because no delivery came. An alarm.";
    creates: "Calls to X that create a post.";
    created: "Posts that X created.";
    refused: "Posts that X refused for good.";
    deferred: "Posts that wait after X refused for now.";
    unknown: "Calls without a known outcome.";
    found: "Posts found in the timeline after an unknown outcome.";
    resent: "Posts sent once more by themselves, as resend_once says.";
    parked: "Posts whose outcome a person has to decide. An alarm.";
    expired: "Posts whose deadline passed.";
    refreshes: "Grants refreshed.";
    grants_refused: "Grants that X refused. An alarm.";
    write_failures: "Writes that did not reach the disk. An alarm.";
    unauthorized: "Requests without a good device key.";
    alarms_sent: "Messages of alarms that a channel took.";
    alarms_refused: "Messages of alarms that a channel did not take; they are tried again. An alarm.";
}

/// The lines that the log of this process lost.
fn lost_lines(count: u64) -> String {
    format!(
        "# HELP roost_relay_log_lines_lost_total Lines of the log that could not be written. An \
         alarm.\n# TYPE roost_relay_log_lines_lost_total counter\n\
         roost_relay_log_lines_lost_total {count}\n"
    )
}

/// A gauge with one label as Prometheus text. The values of the label are a closed list.
pub(crate) fn gauges(name: &str, help: &str, label: &str, values: &[(String, u64)]) -> String {
    let mut text = format!("# HELP roost_relay_{name} {help}\n# TYPE roost_relay_{name} gauge\n");
    for (of, value) in values {
        // Writing to a String can't fail.
        let _ = writeln!(text, "roost_relay_{name}{{{label}=\"{of}\"}} {value}");
    }
    text
}

/// A gauge as Prometheus text.
pub(crate) fn gauge(name: &str, help: &str, value: impl std::fmt::Display) -> String {
    format!(
        "# HELP roost_relay_{name} {help}\n# TYPE roost_relay_{name} gauge\n\
         roost_relay_{name} {value}\n"
    )
}
