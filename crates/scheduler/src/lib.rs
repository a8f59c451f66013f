//! An embedded, durable scheduler that speaks QStash's API: official clients publish to it, and
//! official receivers accept what it signs.
//!
//! What it answered with 200 is on disk (SQLite, `synchronous=FULL`) and will be delivered at
//! least once, never before its time. [`Scheduler::router`] is the API, [`Scheduler::run`] the
//! delivery; whoever embeds it serves the one and spawns the other.

mod api;
mod config;
mod cron;
mod deliver;
mod destination_policy;
mod development;
mod dial;
mod duration;
mod error;
mod file;
mod flow_rule;
mod header;
mod limits;
mod qstash_plan;
mod retry_expression;
mod scheduler;
mod secret;
mod shared;
mod spec;
mod store;
mod timer;

pub use config::{Clock, Config, Destinations, Hosts, system_clock};
pub use development::{DEV_KEYS, DEV_TOKEN, TEST_USERS, TestUser};
pub use dial::{Exchange, Transport};
pub use error::Error;
pub use file::{backup, inspect, is_for_development};
pub use limits::Limits;
pub use qstash_plan::Plan;
pub use scheduler::Scheduler;
pub use secret::{Source as MessageIdSource, draw_message_ids_from};
pub use store::Summary;
