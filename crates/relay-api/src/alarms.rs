//! The relay's alarms, as a computer hears of them.

use roost_core::clock::UnixMillis;
use serde::{Deserialize, Serialize};

/// Where alarms go, and what stands now.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AlarmsStatus {
    /// Where messages go; empty: nobody is told.
    pub channels: Vec<AlarmChannel>,
    /// What is wrong now.
    pub open: Vec<OpenAlarm>,
}

/// A place that messages go to. Its address is not told: it may carry a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AlarmChannel {
    /// Its name.
    pub name: String,
    /// How it is reached: `mail`, `json`, `ntfy`, `slack` or `discord`.
    pub way: String,
    /// When it took a message last, since the relay's start.
    pub last_sent_at: Option<UnixMillis>,
    /// Why it did not take the last one.
    pub last_error: Option<String>,
}

/// Something that is wrong now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct OpenAlarm {
    /// Which kind, by its name.
    pub kind: String,
    /// What was said of it.
    pub line: String,
    /// Since when.
    pub since: UnixMillis,
}

/// What became of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AlarmTest {
    /// The channel.
    pub channel: String,
    /// Why it did not take the message; none: it did.
    pub error: Option<String>,
}
