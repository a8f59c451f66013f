//! How the certificate stands: until when it holds, and whether its renewal failed.

use std::sync::{Mutex, PoisonError};

/// How the certificate stands now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateStatus {
    /// From when it holds, in Unix milliseconds; none before there is one.
    pub from_ms: Option<i64>,
    /// Until when it holds, in Unix milliseconds; none before there is one.
    pub until_ms: Option<i64>,
    /// Why the last attempt to get or to read a new one failed, if it did.
    pub failure: Option<String>,
    /// Certificates that were put into use since the start, the first one included.
    pub renewals: u64,
    /// Attempts that failed since the start.
    pub failures: u64,
}

impl CertificateStatus {
    /// Returns what is wrong with the certificate at an instant in Unix milliseconds, if anything is:
    /// there is none, it is over, or less than a third of its life is left and the renewal failed. It is
    /// wrong as well when less than a sixth is left and nothing renewed it.
    #[must_use]
    pub fn alarm(&self, now_ms: i64) -> Option<String> {
        let failure = self.failure.as_deref();
        let because = failure.map(|why| format!(": {why}")).unwrap_or_default();
        let (Some(from), Some(until)) = (self.from_ms, self.until_ms) else {
            return Some(format!("There is no TLS certificate yet{because}."));
        };
        let left = until.saturating_sub(now_ms);
        let life = until.saturating_sub(from);
        if left <= 0 {
            return Some(format!("The TLS certificate is over{because}."));
        }
        let is_late = (failure.is_some() && left < life / 3) || left < life / 6;
        is_late.then(|| {
            format!("The TLS certificate ends in {} and was not renewed{because}.", span(left))
        })
    }
}

/// A span in words.
fn span(ms: i64) -> String {
    const HOUR_MS: i64 = 3_600_000;
    match ms {
        ms if ms >= 48 * HOUR_MS => format!("{} days", ms / (24 * HOUR_MS)),
        ms if ms >= 2 * HOUR_MS => format!("{} hours", ms / HOUR_MS),
        ms => format!("{} seconds", ms / 1000),
    }
}

/// [`CertificateStatus`], as it changes.
#[derive(Debug, Default)]
pub struct CertificateState(Mutex<CertificateStatus>);

impl CertificateState {
    /// Returns how it stands now.
    #[must_use]
    pub fn status(&self) -> CertificateStatus {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, CertificateStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A certificate is in use from now on.
    pub(crate) fn deployed(&self, validity_ms: (i64, i64)) {
        let mut status = self.lock();
        (status.from_ms, status.until_ms) = (Some(validity_ms.0), Some(validity_ms.1));
        status.failure = None;
        status.renewals += 1;
    }

    /// No new one could be had.
    pub(crate) fn failed(&self, why: String) {
        let mut status = self.lock();
        status.failure = Some(why);
        status.failures += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_is_no_certificate_one_that_is_over_or_one_whose_renewal_failed_late() {
        let state = CertificateState::default();
        assert!(state.status().alarm(0).expect("none yet").contains("no TLS certificate"));
        state.deployed((0, 9_000_000));
        let alarm = |now_ms| state.status().alarm(now_ms);
        assert_eq!(alarm(0), None);
        assert_eq!(alarm(7_000_000), None, "it is renewed just now");
        assert!(alarm(8_000_000).is_some(), "nothing renewed it");
        state.failed("refused".to_owned());
        assert_eq!(alarm(5_000_000), None, "there is time");
        assert!(alarm(7_000_000).expect("late").contains("refused"));
        assert!(alarm(9_000_000).expect("over").contains("is over"));
        state.deployed((9_000_000, 18_000_000));
        assert_eq!(alarm(9_000_000), None);
    }
}
