//! What can go wrong between us and QStash, as one closed list.

use std::time::Duration;

/// A quota of the account's plan, as QStash names it in `quota <name> exceeded`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quota {
    /// The longest delay: 604,800 s (7 days) on the free plan.
    MaxDelay,
    /// The most retries.
    MaxRetries,
    /// Another one, by its wire name.
    Other(String),
}

/// Why a call to QStash did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Refused here; nothing was sent.
    #[error("the message can't be sent to QStash as it is: {0}")]
    Invalid(String),
    /// No connection: name, network or TLS. Nothing was sent.
    #[error("QStash could not be reached: {0}")]
    NotReached(String),
    /// The request may have arrived; the answer did not.
    #[error("QStash did not answer, the request may have arrived: {0}")]
    NoAnswer(String),
    /// QStash said yes in words that this client can't read.
    #[error("QStash's answer ({status}) could not be read: {reason}")]
    Unreadable {
        /// HTTP status.
        status: u16,
        /// What was wrong with the answer.
        reason: String,
    },
    /// 401 or 403: the token is wrong, revoked, of another region, or read-only.
    #[error("QStash refused the token ({status}): {message}")]
    Unauthorized {
        /// HTTP status.
        status: u16,
        /// QStash's words.
        message: String,
    },
    /// 404: there is no such message, dead letter or route.
    #[error("QStash has no such item: {0}")]
    NotFound(String),
    /// A limit of the plan. The same request will be refused again.
    #[error("a limit of the QStash plan is exceeded: {message}")]
    QuotaExceeded {
        /// Which one.
        quota: Quota,
        /// The limit, when QStash tells it (`MaxDelay`: seconds).
        limit: Option<u64>,
        /// QStash's words.
        message: String,
    },
    /// 429 of the short window.
    #[error("QStash asks to slow down")]
    RateLimited {
        /// When it may be tried again, when QStash tells it.
        retry_after: Option<Duration>,
    },
    /// 429 of the day: the plan's messages per day are used up.
    #[error("the QStash plan's messages for today are used up")]
    DailyLimit {
        /// When the day's count starts anew, when QStash tells it.
        retry_after: Option<Duration>,
    },
    /// Any other refusal; nothing was accepted.
    #[error("QStash refused the request ({status}): {message}")]
    Refused {
        /// HTTP status; of the element inside an accepted batch, when known.
        status: u16,
        /// QStash's words.
        message: String,
    },
    /// 5xx: it may have been accepted.
    #[error("QStash failed ({status}), the request may have been accepted: {message}")]
    Failed {
        /// HTTP status.
        status: u16,
        /// QStash's words.
        message: String,
        /// When to try again, when QStash tells it.
        retry_after: Option<Duration>,
    },
}

impl Error {
    /// Returns true when certainly nothing was accepted; false when it may have been.
    #[must_use]
    pub const fn is_definite(&self) -> bool {
        !matches!(self, Self::NoAnswer(_) | Self::Unreadable { .. } | Self::Failed { .. })
    }

    /// Returns how long QStash asked to wait.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after }
            | Self::DailyLimit { retry_after }
            | Self::Failed { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Returns true when every other request of the same account would meet the same refusal now.
    #[must_use]
    pub const fn concerns_all_requests(&self) -> bool {
        matches!(self, Self::Unauthorized { .. } | Self::DailyLimit { .. } | Self::NotReached(_))
    }

    /// The error behind a refusal's `status` and words.
    pub(crate) fn refusal(status: u16, message: String, limits: Limits) -> Self {
        match status {
            401 | 403 => Self::Unauthorized { status, message },
            404 => Self::NotFound(message),
            429 if limits.daily => Self::DailyLimit { retry_after: limits.retry_after },
            429 => Self::RateLimited { retry_after: limits.retry_after },
            500.. => Self::Failed { status, message, retry_after: limits.retry_after },
            _ => match quota(&message) {
                Some((quota, limit)) => Self::QuotaExceeded { quota, limit, message },
                None => Self::Refused { status, message },
            },
        }
    }
}

/// What an answer's headers say about limits.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    pub(crate) daily: bool,
    pub(crate) retry_after: Option<Duration>,
}

/// Reads `quota maxDelay exceeded, current limit: 604800`.
fn quota(message: &str) -> Option<(Quota, Option<u64>)> {
    let (_, after) = message.split_once("quota ")?;
    let (name, rest) = after.split_once(" exceeded")?;
    let limit = rest.split_once("limit:").and_then(|(_, number)| {
        let digits = number.trim_start();
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse().ok()
    });
    let quota = match name {
        "maxDelay" => Quota::MaxDelay,
        "maxRetries" => Quota::MaxRetries,
        other => Quota::Other(other.to_owned()),
    };
    Some((quota, limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plans_limit_is_read_from_qstashs_words() {
        let error = Error::refusal(
            412,
            "quota maxDelay exceeded, current limit: 604800".into(),
            Limits::default(),
        );
        assert!(matches!(
            error,
            Error::QuotaExceeded { quota: Quota::MaxDelay, limit: Some(604_800), .. }
        ));
        let error = Error::refusal(400, "quota maxRetries exceeded".into(), Limits::default());
        assert!(matches!(
            error,
            Error::QuotaExceeded { quota: Quota::MaxRetries, limit: None, .. }
        ));
    }

    #[test]
    fn only_what_may_have_been_accepted_is_unknown() {
        for status in [400_u16, 401, 403, 404, 409, 412, 413, 429] {
            assert!(Error::refusal(status, String::new(), Limits::default()).is_definite());
        }
        for status in [500_u16, 502, 503, 504] {
            assert!(!Error::refusal(status, String::new(), Limits::default()).is_definite());
        }
        assert!(Error::NotReached(String::new()).is_definite());
        assert!(!Error::NoAnswer(String::new()).is_definite());
    }
}
