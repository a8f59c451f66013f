//! What a local relay and scheduler are told.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock, SystemClock};
use roost_core::limits::Limits;

/// What a local relay and scheduler are told.
#[derive(Debug, Clone)]
pub struct LocalConfig {
    /// The data folder; theirs is `local` inside it. One instance per data folder.
    pub data_dir: PathBuf,
    /// X's API, or a sandbox that imitates it.
    pub x_api_base: String,
    /// X's limits, which the relay keeps.
    pub limits: Limits,
    /// Between overdue posts of one account.
    pub overdue_spacing: Duration,
    /// Rehearse calls to X instead of making them.
    pub dry_run: bool,
    /// Deliver and post only after [`crate::Local::release`]: what was withdrawn while nothing ran
    /// can be told to the relay first.
    pub wait_for_release: bool,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
}

impl LocalConfig {
    /// The app's defaults.
    #[must_use]
    pub fn new(data_dir: impl AsRef<Path>, x_api_base: impl Into<String>) -> Self {
        Self {
            data_dir: data_dir.as_ref().to_owned(),
            x_api_base: x_api_base.into(),
            limits: Limits::default(),
            overdue_spacing: Duration::from_mins(1),
            dry_run: false,
            wait_for_release: false,
            clock: Arc::new(SystemClock),
        }
    }
}
