//! What a local relay and scheduler are told.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock, SystemClock};
use roost_core::limits::{Limits, Plan};
use roost_relay::Pace;
use roost_relay::config::X_API;
use url::Url;

/// Seconds after an unknown outcome at which a sandbox's timeline is read.
const LOOKS_IN_A_SANDBOX: [u64; 3] = [1, 3, 6];
/// A lost relay and the next one have the clock of this computer, which is not set in a rehearsal.
const MARGIN_IN_A_SANDBOX: Duration = Duration::from_secs(1);

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
    /// After an unknown outcome the timeline is read at these times; then a person decides.
    pub looks: Vec<Duration>,
    /// A post due this shortly after the relay's database began may have been sent from the one
    /// before it.
    pub doubt_margin: Duration,
    /// Rehearse calls to X instead of making them.
    pub dry_run: bool,
    /// Deliver and post only after [`crate::Local::release`]: what was withdrawn while nothing ran
    /// can be told to the relay first.
    pub wait_for_release: bool,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
}

impl LocalConfig {
    /// The app's defaults: for X itself its limits and a patient look for what is in doubt, for a
    /// sandbox those of a demonstration, whose timeline shows at once what was made.
    #[must_use]
    pub fn new(data_dir: impl AsRef<Path>, x_api_base: impl Into<String>) -> Self {
        let x_api_base = x_api_base.into();
        let pace = Pace::default();
        let (limits, looks, doubt_margin) = if is_x(&x_api_base) {
            (Limits::default(), pace.looks, pace.doubt_margin)
        } else {
            let looks = LOOKS_IN_A_SANDBOX.map(Duration::from_secs).to_vec();
            (Limits::of(Plan::Demo), looks, MARGIN_IN_A_SANDBOX)
        };
        Self {
            data_dir: data_dir.as_ref().to_owned(),
            x_api_base,
            limits,
            overdue_spacing: pace.overdue_spacing,
            looks,
            doubt_margin,
            dry_run: false,
            wait_for_release: false,
            clock: Arc::new(SystemClock),
        }
    }
}

/// Whether an address is X's own.
fn is_x(base: &str) -> bool {
    let host = |address| Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    host(base) == host(X_API)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sandbox_gets_the_pace_of_a_demonstration() {
        let real = LocalConfig::new("data", "https://api.x.com/");
        assert_eq!((real.limits, real.looks), (Limits::default(), Pace::default().looks));
        assert_eq!(real.doubt_margin, Pace::default().doubt_margin);
        let sandbox = LocalConfig::new("data", "http://127.0.0.1:8790");
        assert_eq!(sandbox.limits, Limits::of(Plan::Demo));
        assert!(sandbox.looks.iter().all(|look| *look < Duration::from_secs(10)));
    }
}
