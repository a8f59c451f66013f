//! A client for [Upstash QStash](https://upstash.com/docs/qstash): publish, batch, cancel, DLQ,
//! events, keys; and the signature of its webhooks, made and checked.
//!
//! The client never repeats a request by itself and tells definite failures from unknown outcomes
//! ([`Error::is_definite`]): with a deduplication id, which every publish should carry, the caller
//! may repeat an unknown one within ten minutes.
//!
//! Units are those of the wire: seconds in what is sent, milliseconds in what is read.

mod cancel;
mod client;
mod dlq;
mod error;
mod event;
mod keys;
mod message;
mod publish;
mod publish_all;
mod published;
pub mod signature;
mod wire;

pub use client::{Answer, Broken, Client, Exchange, Transport};
pub use dlq::{DeadLetter, DlqFilter, DlqPage};
pub use error::{Error, Quota};
pub use event::{Event, EventFilter, EventPage, State};
pub use keys::SigningKeys;
pub use message::Message;
pub use publish::{BATCH_LIMIT, FlowControl, Method, Publish};
pub use publish_all::{BATCH_INTERVAL, BatchOutcome};
pub use published::Published;
