//! What a scheduler accepts at the most.

/// How many things of a kind there may be; absent: as many as one likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Messages that are accepted on one day (UTC), apart from callbacks and what schedules make.
    pub messages_per_day: Option<u32>,
    /// Schedules.
    pub schedules: Option<u32>,
    /// URL groups.
    pub url_groups: Option<u32>,
    /// Endpoints of one URL group.
    pub endpoints: Option<u32>,
    /// Queues.
    pub queues: Option<u32>,
    /// Parallelism of one queue.
    pub queue_parallelism: Option<u32>,
}
