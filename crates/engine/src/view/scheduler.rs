//! Which scheduler calls the relay, and whether the relay believes it.

use serde::{Deserialize, Serialize};

/// Whether the relay knows what the scheduler signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum KeysAtRelay {
    /// The scheduler is the relay's own, whose keys need no telling.
    OwnScheduler,
    /// The relay knew them.
    Known,
    /// The relay was sent them just now.
    Sent,
    /// The relay is of an earlier release: they stand in its configuration, or nowhere.
    RelayIsOlder,
}

/// What kind of scheduler is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum SchedulerKind {
    /// The one inside Roost.
    ThisComputer,
    /// The one inside the relay.
    Relay,
    /// QStash, or another scheduler that speaks its API.
    Qstash,
    /// None: its token is not known here.
    None,
}

/// Which scheduler calls the relay when posts are due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SchedulerNow {
    /// What kind it is.
    pub kind: SchedulerKind,
    /// Its address; none while none is known.
    pub url: Option<String>,
    /// Whether the relay has a scheduler inside; none where it did not tell.
    pub relay_has_own: Option<bool>,
}
