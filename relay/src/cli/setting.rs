//! A setting of the configuration file, and what is wrong with it.

use std::time::Duration;

pub(super) fn seconds(name: &'static str, value: f64) -> Result<Duration, Wrong> {
    let reason = || format!("{name} = {value} is no length of time in seconds");
    Duration::try_from_secs_f64(value).map_err(|_| Wrong::new(name, reason()))
}

/// A setting that can be read and makes no sense.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) setting: &'static str,
    pub(super) reason: String,
}

impl Wrong {
    pub(super) fn new(setting: &'static str, reason: impl Into<String>) -> Self {
        Self { setting, reason: reason.into() }
    }
}
