//! What is told about the alarms themselves: what stands, and how each channel fares.

use std::sync::{Mutex, PoisonError};

use roost_core::clock::UnixMillis;
use roost_relay_api::OpenAlarm;

/// What is told about the alarms themselves.
#[derive(Debug, Default)]
pub(crate) struct AlarmState(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    open: Vec<OpenAlarm>,
    channels: Vec<(String, Fared)>,
}

/// How a channel fared since the start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fared {
    /// When it took a message last.
    pub(crate) last_sent_at: Option<UnixMillis>,
    /// Why it did not take the last one.
    pub(crate) last_error: Option<String>,
}

impl AlarmState {
    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what stands now.
    pub(crate) fn set_open(&self, open: Vec<OpenAlarm>) {
        self.lock().open = open;
    }

    /// Returns what stands now.
    pub(crate) fn open(&self) -> Vec<OpenAlarm> {
        self.lock().open.clone()
    }

    /// Returns how a channel fared.
    pub(crate) fn of(&self, channel: &str) -> Fared {
        let known = self.lock();
        let found = known.channels.iter().find(|(name, _)| name == channel);
        found.map(|(_, fared)| fared.clone()).unwrap_or_default()
    }

    /// Notes what became of a message.
    pub(crate) fn note(&self, channel: &str, now: UnixMillis, sent: &Result<(), String>) {
        let mut fared = self.of(channel);
        match sent {
            Ok(()) => fared = Fared { last_sent_at: Some(now), last_error: None },
            Err(why) => fared.last_error = Some(why.clone()),
        }
        let mut known = self.lock();
        known.channels.retain(|(name, _)| name != channel);
        known.channels.push((channel.to_owned(), fared));
    }
}
