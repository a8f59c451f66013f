//! What the person prefers.

use roost_engine::{Preferences, WhenDisconnected};
use serde::{Deserialize, Serialize};

use super::post::same_words;
use crate::ipc::Type;

/// The settings as they are.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    zone: String,
    /// Posts that come too late still go out within so many minutes; `null`: however late.
    late_minutes: Option<u32>,
    when_disconnected: WhenSignedOut,
}

/// What becomes of an account's pending posts when it must sign in again.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WhenSignedOut {
    Hold,
    Cancel,
}

/// What the person wants otherwise; what is `null` stays.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wishes {
    zone: Option<String>,
    late_minutes: Option<u32>,
    when_disconnected: Option<WantedWhenSignedOut>,
}

/// The same, as it is asked for.
#[derive(Debug, Clone, Copy, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WantedWhenSignedOut {
    Hold,
    Cancel,
}

impl From<Preferences> for Settings {
    fn from(preferences: Preferences) -> Self {
        Self {
            zone: preferences.zone,
            late_minutes: preferences.late.post_within_minutes,
            when_disconnected: preferences.when_disconnected.into(),
        }
    }
}

impl Wishes {
    /// The preferences with these wishes in them.
    pub(crate) fn over(self, mut preferences: Preferences) -> Preferences {
        if let Some(zone) = self.zone {
            preferences.zone = zone;
        }
        if self.late_minutes.is_some() {
            preferences.late.post_within_minutes = self.late_minutes;
        }
        if let Some(wanted) = self.when_disconnected {
            preferences.when_disconnected = wanted.into();
        }
        preferences
    }
}

same_words!(WhenDisconnected => WhenSignedOut: Hold, Cancel);
same_words!(WantedWhenSignedOut => WhenDisconnected: Hold, Cancel);
