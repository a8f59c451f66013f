//! What a failure of X means for the post, the account and the app: one table.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_x_api::{Class, Failure, FailureKind, WindowKind};

use crate::config::Pace;

/// Whom a wait concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Post,
    Account,
    App,
}

/// What to do after a failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing was created, and trying again would end the same.
    Refuse(Code),
    /// Nothing was created, and it may work later.
    Wait { code: Code, until: UnixMillis, scope: Scope },
    /// X did not accept the token: refresh once, send once more.
    Renew,
    /// X holds the account until its owner acts.
    Suspend(Code),
    /// Nobody knows: the timeline decides.
    Lose,
}

/// What the table needs to know besides the failure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circumstances<'a> {
    pub(super) now: UnixMillis,
    pub(super) pace: &'a Pace,
    /// Calls of this post so far, this one included.
    pub(super) attempts: u32,
    /// An earlier call of this part had no known outcome.
    pub(super) was_lost: bool,
    /// This part met the catch-all refusal before.
    pub(super) was_not_permitted: bool,
}

/// A window whose end X did not tell is taken for one of its 15 minutes.
const UNTOLD_WINDOW: Duration = Duration::from_secs(15 * 60);
/// X's clock and ours differ: one second more than X says.
const MARGIN: Duration = Duration::from_secs(1);
const A_MINUTE: Duration = Duration::from_secs(60);

pub(super) fn judge(failure: &Failure, here: Circumstances<'_>) -> Verdict {
    if failure.class() == Class::Unknown {
        return Verdict::Lose;
    }
    let after = |code, wait, scope| Verdict::Wait { code, until: here.now.plus(wait), scope };
    match &failure.kind {
        FailureKind::TooLong => Verdict::Refuse(Code::TextTooLong),
        FailureKind::InvalidMedia => Verdict::Refuse(Code::InvalidMedia),
        FailureKind::ReplyNotAllowed => Verdict::Refuse(Code::ReplyNotAllowed),
        FailureKind::QuoteNotAllowed => Verdict::Refuse(Code::QuoteNotAllowed),
        FailureKind::CashtagLimit => Verdict::Refuse(Code::TooManyCashtags),
        FailureKind::ParentGone => Verdict::Refuse(Code::ParentGone),
        FailureKind::InvalidUrl => Verdict::Refuse(Code::InvalidLink),
        // After a call without a known outcome a duplicate means that it probably landed.
        FailureKind::Duplicate if here.was_lost => Verdict::Lose,
        FailureKind::Duplicate => Verdict::Refuse(Code::DuplicateContent),
        // X's catch-all sometimes passes: once more, a little later.
        FailureKind::NotPermitted if here.was_not_permitted => Verdict::Refuse(Code::NotPermitted),
        FailureKind::NotPermitted => after(Code::NotPermitted, A_MINUTE, Scope::Post),
        FailureKind::Unauthorized
        | FailureKind::UnsupportedAuthentication
        | FailureKind::GrantRefused => Verdict::Renew,
        FailureKind::AccountSuspended
        | FailureKind::AccountLocked
        | FailureKind::AccountRestricted => Verdict::Suspend(Code::AccountSuspended),
        FailureKind::Automated | FailureKind::DailyLimit => Verdict::Wait {
            code: Code::AccountLimited,
            until: window_end(failure).unwrap_or(here.now.plus(here.pace.account_rest)),
            scope: Scope::Account,
        },
        FailureKind::CreditsDepleted => {
            after(Code::CreditsDepleted, here.pace.credits_probe, Scope::App)
        }
        FailureKind::SpendCapReached { reset_date } => Verdict::Wait {
            code: Code::SpendCapReached,
            until: reset_date
                .as_deref()
                .and_then(midnight)
                .filter(|until| *until > here.now)
                .unwrap_or(here.now.plus(here.pace.account_rest)),
            scope: Scope::App,
        },
        FailureKind::UsageCapped { .. } => {
            after(Code::UsageCapped, here.pace.account_rest, Scope::App)
        }
        FailureKind::AppNotEnrolled => {
            after(Code::AppNotEnrolled, here.pace.credits_probe, Scope::App)
        }
        FailureKind::AppSuspended
        | FailureKind::ClientRefused
        | FailureKind::ClientUnauthenticated => {
            after(Code::AppSuspended, here.pace.credits_probe, Scope::App)
        }
        FailureKind::RateLimited { windows, until } => Verdict::Wait {
            code: Code::RateLimited,
            until: limit_end(failure, *until, here.now),
            scope: if windows.contains(&WindowKind::AppDay) { Scope::App } else { Scope::Account },
        },
        FailureKind::NotConnected => {
            after(Code::XUnreachable, backoff(here.pace, here.attempts), Scope::Post)
        }
        FailureKind::MediaUnavailable => {
            after(Code::XUnavailable, backoff(here.pace, here.attempts), Scope::Post)
        }
        _ => Verdict::Refuse(Code::RequestRefused),
    }
}

/// Doubles from the first wait to the longest.
pub(super) fn backoff(pace: &Pace, attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    pace.retry_first.saturating_mul(1 << doublings).min(pace.retry_max)
}

/// When the account's day ends, if X says that it is used up.
fn window_end(failure: &Failure) -> Option<UnixMillis> {
    let day = failure.limits.user_day.filter(|window| window.remaining <= 0)?;
    Some(UnixMillis::from_seconds(day.reset).plus(MARGIN))
}

fn limit_end(failure: &Failure, until: Option<i64>, now: UnixMillis) -> UnixMillis {
    let told = until.map(|until| UnixMillis::from_seconds(until).plus(MARGIN));
    let retry_after =
        failure.limits.retry_after.map(|seconds| now.plus(Duration::from_secs(seconds)));
    let end = told.max(retry_after).unwrap_or(now.plus(UNTOLD_WINDOW));
    // A window that has ended by our clock: X's is behind, so a moment more.
    end.max(now.plus(MARGIN))
}

/// The beginning of a day, UTC, from `YYYY-MM-DD`.
fn midnight(date: &str) -> Option<UnixMillis> {
    let day: jiff::civil::Date = date.parse().ok()?;
    let start = day.to_datetime(jiff::civil::Time::midnight());
    let start = jiff::tz::TimeZone::UTC.to_timestamp(start).ok()?;
    Some(UnixMillis(start.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use roost_x_api::RateHeaders;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn failure(kind: FailureKind) -> Failure {
        Failure {
            kind,
            status: None,
            title: None,
            detail: None,
            limits: Box::new(RateHeaders::default()),
            transaction_id: None,
        }
    }

    fn verdict(kind: FailureKind) -> Verdict {
        let pace = Pace::default();
        let here = Circumstances {
            now: NOW,
            pace: &pace,
            attempts: 1,
            was_lost: false,
            was_not_permitted: false,
        };
        judge(&failure(kind), here)
    }

    #[test]
    fn what_may_have_been_processed_is_never_repeated_before_it_was_looked_for() {
        for kind in [
            FailureKind::ServerError,
            FailureKind::Timeout,
            FailureKind::ConnectionCut,
            FailureKind::Malformed,
            FailureKind::UnexpectedAnswer,
        ] {
            assert_eq!(verdict(kind), Verdict::Lose);
        }
    }

    #[test]
    fn an_app_without_credits_holds_the_app_and_fails_no_post() {
        for kind in
            [FailureKind::CreditsDepleted, FailureKind::SpendCapReached { reset_date: None }]
        {
            assert!(matches!(verdict(kind), Verdict::Wait { scope: Scope::App, .. }));
        }
    }

    #[test]
    fn a_spend_cap_lasts_until_the_date_that_x_names() {
        let reset_date = Some("2027-03-01".to_owned());
        let Verdict::Wait { until, .. } = verdict(FailureKind::SpendCapReached { reset_date })
        else {
            panic!("it waits");
        };
        assert_eq!(until, UnixMillis::from_seconds(1_803_859_200));
    }

    #[test]
    fn a_duplicate_after_a_lost_call_is_looked_for_and_otherwise_refused() {
        let pace = Pace::default();
        let here = |was_lost| Circumstances {
            now: NOW,
            pace: &pace,
            attempts: 2,
            was_lost,
            was_not_permitted: false,
        };
        let duplicate = failure(FailureKind::Duplicate);
        assert_eq!(judge(&duplicate, here(true)), Verdict::Lose);
        assert_eq!(judge(&duplicate, here(false)), Verdict::Refuse(Code::DuplicateContent));
    }

    #[test]
    fn a_limit_without_an_end_waits_a_whole_window() {
        let kind = FailureKind::RateLimited { windows: vec![], until: None };
        let until = NOW.plus(UNTOLD_WINDOW);
        let code = Code::RateLimited;
        assert_eq!(verdict(kind), Verdict::Wait { code, until, scope: Scope::Account });
    }

    #[test]
    fn dates_are_days_since_the_epoch() {
        for (date, seconds) in [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(951_782_400)),
            ("2024-12-31", Some(1_735_603_200)),
            ("soon", None),
            ("2024-13-01", None),
        ] {
            assert_eq!(midnight(date), seconds.map(UnixMillis::from_seconds), "{date}");
        }
    }
}
