//! Alarms: what they may be about, and every word that is sent. A relay looks; nothing here does.

mod condition;
mod kind;
mod message;

pub use condition::{Condition, PostFacts};
pub use kind::{AlarmKind, UnknownAlarm};
pub use message::{Message, Said, digest, posted, test};
