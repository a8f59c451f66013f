//! QStash's plans, as far as they limit what a scheduler accepts.

use std::time::Duration;

use crate::config::Config;
use crate::limits::Limits;

/// A plan of QStash (prices of August 2026), to meet its limits before production does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Free.
    Free,
    /// Pay as you go.
    PayAsYouGo,
    /// Fixed, a million messages a day.
    Fixed1M,
    /// Fixed, ten million messages a day.
    Fixed10M,
}

impl Plan {
    /// Sets the plan's limits.
    pub fn apply(self, config: &mut Config) {
        const MB: usize = 1024 * 1024;
        const DAY: u64 = 86_400;
        let most = |schedules, url_groups, endpoints, queues, queue_parallelism| Limits {
            messages_per_day: None,
            schedules: Some(schedules),
            url_groups: Some(url_groups),
            endpoints: Some(endpoints),
            queues: Some(queues),
            queue_parallelism: Some(queue_parallelism),
        };
        let (megabytes, delay_days, response_minutes, kept_days, parallelism, limits) = match self {
            Self::Free => (1, Some(7), 15, 3, 10, most(10, 1, 100, 10, 2)),
            Self::PayAsYouGo => (10, Some(365), 120, 7, 100, most(1000, 100, 100, 100, 10)),
            Self::Fixed1M => (50, None, 360, 30, 200, most(10_000, 1000, 1000, 1000, 10)),
            Self::Fixed10M => (50, None, 720, 90, 1000, most(50_000, 2000, 2000, 1000, 10)),
        };
        config.limits = limits;
        if self == Self::Free {
            config.limits.messages_per_day = Some(1000);
        }
        config.max_message_bytes = megabytes * MB;
        config.max_delay_seconds = delay_days.map(|days: u64| days * DAY);
        config.max_response = Duration::from_secs(response_minutes * 60);
        config.retention = Duration::from_secs(kept_days * DAY);
        config.parallelism = parallelism;
    }
}
