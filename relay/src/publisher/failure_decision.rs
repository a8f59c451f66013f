//! What to do after a failed call: the table's word, with the times of this very moment.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_x_api::{Class, Failure, FailureKind, WindowKind};

use crate::config::Pace;
use crate::failure_policy::{Condition, Disposition, Scope, Until, media_disposition, row};

/// What to do after a failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FailureDecision {
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
pub(super) struct FailureContext<'a> {
    pub(super) now: UnixMillis,
    pub(super) pace: &'a Pace,
    /// Calls of this post so far, this one included.
    pub(super) attempts: u32,
    /// An earlier call of this part may have created it: its outcome was not known, or another
    /// database may have made it.
    pub(super) may_be_out: bool,
    /// How many earlier calls of this part, under this revision, met the same refusal.
    pub(super) same_refusals: u32,
    /// The part answers a part of its own thread that X created moments ago.
    pub(super) has_new_own_parent: bool,
    /// The part has media, of which X gave ids.
    pub(super) has_media: bool,
    /// The token was refreshed for this call.
    pub(super) renewed: bool,
}

/// A window whose end X did not tell is taken for one of its 15 minutes.
const UNTOLD_WINDOW_LENGTH: Duration = Duration::from_secs(15 * 60);
/// X's clock and ours differ: one second more than X says.
pub(super) const X_CLOCK_MARGIN: Duration = Duration::from_secs(1);
/// X shows a part to its own account within seconds. One that answers a part older than this was
/// refused for another reason.
pub(super) const NEW_PARENT_AGE_MAX: Duration = Duration::from_secs(10 * 60);
/// Calls of a part that X refused because it did not show the part before, at the most but one.
const PARENT_RETRIES_MAX: u32 = 5;
/// How often the media of a part are uploaded anew because X does not take their ids.
const MEDIA_RETRIES_MAX: u32 = 2;
const ONE_MINUTE: Duration = Duration::from_secs(60);
/// The longest of X's windows is a day. What its headers say beyond that holds nobody up: a slip
/// there must not hold an account for years.
pub(super) const LONGEST_WINDOW: Duration = Duration::from_secs(25 * 3600);
/// The longest billing cycle is a month.
const LONGEST_CYCLE: Duration = Duration::from_secs(32 * 24 * 3600);

pub(super) fn decide(failure: &Failure, here: FailureContext<'_>) -> FailureDecision {
    let row = row(&failure.kind);
    let disposition = match row.exception {
        Some((Condition::MayBeOut, disposition)) if here.may_be_out => disposition,
        Some((Condition::SecondTime, disposition)) if here.same_refusals > 0 => disposition,
        Some((Condition::FreshToken, disposition)) if here.renewed => disposition,
        Some((Condition::NewOwnParent, disposition))
            if here.has_new_own_parent && here.same_refusals < PARENT_RETRIES_MAX =>
        {
            disposition
        }
        Some((Condition::NewMediaIds, disposition))
            if here.has_media && here.same_refusals < MEDIA_RETRIES_MAX =>
        {
            disposition
        }
        _ => row.disposition,
    };
    // Whatever the table says: what may have been processed is not repeated.
    if failure.class() == Class::Unknown {
        return FailureDecision::Lose;
    }
    follow(disposition, failure, here)
}

/// What to do after a call for a file of media failed. It created nothing, whatever came of it.
pub(super) fn decide_media(failure: &Failure, here: FailureContext<'_>) -> FailureDecision {
    let disposition = match media_disposition(&failure.kind) {
        Disposition::Renewed if here.renewed => match row(&failure.kind).exception {
            Some((Condition::FreshToken, disposition)) => disposition,
            _ => Disposition::Renewed,
        },
        Disposition::Waits { code: code @ Code::NotPermitted, .. } if here.same_refusals > 0 => {
            Disposition::Refused(code)
        }
        disposition => disposition,
    };
    follow(disposition, failure, here)
}

fn follow(
    disposition: Disposition,
    failure: &Failure,
    here: FailureContext<'_>,
) -> FailureDecision {
    match disposition {
        Disposition::Lost => FailureDecision::Lose,
        Disposition::Refused(code) => FailureDecision::Refuse(code),
        Disposition::SignInOnly => FailureDecision::Refuse(Code::RequestRefused),
        Disposition::Waits { code, until, holds } => FailureDecision::Wait {
            code,
            until: instant(until, failure, here),
            scope: scope(holds, &failure.kind),
        },
        Disposition::Renewed | Disposition::Disconnected => FailureDecision::Renew,
        Disposition::Suspended(code) => FailureDecision::Suspend(code),
    }
}

fn instant(until: Until, failure: &Failure, here: FailureContext<'_>) -> UnixMillis {
    let (now, pace) = (here.now, here.pace);
    match until {
        Until::Backoff => now.plus(backoff(pace, here.attempts)),
        Until::Catchup => now.plus(backoff(pace, here.same_refusals.saturating_add(1))),
        Until::Minute => now.plus(ONE_MINUTE),
        Until::Windows => plausible_end(limit_end(failure, now), here),
        Until::Day => window_end(failure)
            .filter(|until| *until > now)
            .map_or(now.plus(pace.account_rest), |until| plausible_end(until, here)),
        Until::Probe => now.plus(pace.credits_probe),
        Until::Cycle => cycle_end(&failure.kind)
            .filter(|until| *until > now)
            .map_or(now.plus(pace.account_rest), |until| until.min(now.plus(LONGEST_CYCLE))),
        Until::Rest => now.plus(pace.account_rest),
    }
}

/// An end that X told, as far as it can be true. One that is over by our clock, or all but over, is
/// no reason to knock again at once and for ever: each call waits longer than the one before.
fn plausible_end(told: UnixMillis, here: FailureContext<'_>) -> UnixMillis {
    let (now, pace) = (here.now, here.pace);
    if told < now.plus(pace.retry_first) {
        return now.plus(backoff(pace, here.attempts));
    }
    told.min(now.plus(LONGEST_WINDOW))
}

/// A limit whose only empty window is the app's concerns every account of it.
fn scope(holds: Scope, kind: &FailureKind) -> Scope {
    match kind {
        FailureKind::RateLimited { windows, .. } if windows[..] == [WindowKind::AppDay] => {
            Scope::App
        }
        _ => holds,
    }
}

/// What X said, as it is kept beside the post: for a limit also which windows are empty.
pub(super) fn failure_message(failure: &Failure) -> String {
    let FailureKind::RateLimited { windows, .. } = &failure.kind else {
        return failure.to_string();
    };
    let names: Vec<&str> = windows
        .iter()
        .map(|window| match window {
            WindowKind::Short => "this account's 15 minutes",
            WindowKind::UserDay => "this account's day",
            WindowKind::AppDay => "the app's day, which all its accounts share",
        })
        .collect();
    if names.is_empty() {
        return failure.to_string();
    }
    format!("{failure}. Used up: {}.", names.join(", "))
}

/// Doubles from the first wait to the longest.
pub(super) fn backoff(pace: &Pace, attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    pace.retry_first.saturating_mul(1 << doublings).min(pace.retry_max)
}

/// When the account's day ends, if X says that it is used up.
fn window_end(failure: &Failure) -> Option<UnixMillis> {
    let day = failure.limits.user_day.filter(|window| window.remaining <= 0)?;
    Some(UnixMillis::from_seconds(day.reset).plus(X_CLOCK_MARGIN))
}

fn limit_end(failure: &Failure, now: UnixMillis) -> UnixMillis {
    let told = failure.reset().map(|until| UnixMillis::from_seconds(until).plus(X_CLOCK_MARGIN));
    let retry_after =
        failure.limits.retry_after.map(|seconds| now.plus(Duration::from_secs(seconds)));
    told.max(retry_after).unwrap_or(now.plus(UNTOLD_WINDOW_LENGTH))
}

fn cycle_end(kind: &FailureKind) -> Option<UnixMillis> {
    match kind {
        FailureKind::SpendCapReached { reset_date } => {
            Some(midnight(reset_date.as_deref()?)?.plus(X_CLOCK_MARGIN))
        }
        _ => None,
    }
}

/// The beginning of a day by X's clock, from `YYYY-MM-DD`, in UTC.
fn midnight(date: &str) -> Option<UnixMillis> {
    let day: jiff::civil::Date = date.parse().ok()?;
    let start = day.to_datetime(jiff::civil::Time::midnight());
    let start = jiff::tz::TimeZone::UTC.to_timestamp(start).ok()?;
    Some(UnixMillis(start.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use roost_x_api::{RateHeaders, RateWindow};

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

    fn here(pace: &Pace) -> FailureContext<'_> {
        FailureContext {
            now: NOW,
            pace,
            attempts: 1,
            may_be_out: false,
            same_refusals: 0,
            has_new_own_parent: false,
            has_media: false,
            renewed: false,
        }
    }

    fn decision(kind: FailureKind) -> FailureDecision {
        decide(&failure(kind), here(&Pace::default()))
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
            assert_eq!(decision(kind), FailureDecision::Lose);
        }
    }

    #[test]
    fn an_app_without_credits_holds_the_app_and_fails_no_post() {
        for kind in
            [FailureKind::CreditsDepleted, FailureKind::SpendCapReached { reset_date: None }]
        {
            assert!(matches!(decision(kind), FailureDecision::Wait { scope: Scope::App, .. }));
        }
    }

    #[test]
    fn a_spend_cap_lasts_until_the_date_that_x_names() {
        let reset_date = Some("2027-03-01".to_owned());
        let FailureDecision::Wait { until, .. } =
            decision(FailureKind::SpendCapReached { reset_date })
        else {
            panic!("it waits");
        };
        let midnight = UnixMillis::from_seconds(1_803_859_200);
        // X's clock may be behind ours, and a day begins all at once.
        assert_eq!(until, NOW.plus(LONGEST_CYCLE).min(midnight.plus(X_CLOCK_MARGIN)));
    }

    #[test]
    fn an_end_in_the_past_or_in_years_is_not_believed() {
        let pace = Pace::default();
        let ends = |kind: &FailureKind, reset: i64, retry_after, attempts| {
            let mut failure = failure(kind.clone());
            failure.limits.retry_after = retry_after;
            let window = RateWindow { limit: None, remaining: 0, reset };
            failure.limits.user_day = Some(window);
            if let FailureKind::RateLimited { until, .. } = &mut failure.kind {
                *until = Some(reset);
            }
            let here = FailureContext { attempts, ..here(&pace) };
            let FailureDecision::Wait { until, .. } = decide(&failure, here) else {
                panic!("it waits")
            };
            until.since(NOW)
        };
        let limited = FailureKind::RateLimited { windows: vec![], until: None };
        let now = NOW.0 / 1000;
        for attempts in 1..20 {
            let past = ends(&limited, now - 10, None, attempts);
            assert_eq!(past, backoff(&pace, attempts), "it doubles at each call");
        }
        assert_eq!(ends(&limited, now + 600, None, 9), Duration::from_secs(601));
        assert_eq!(ends(&limited, now + 600, Some(u64::MAX), 1), LONGEST_WINDOW);
        for kind in [limited, FailureKind::DailyLimit] {
            assert_eq!(ends(&kind, i64::MAX / 1000, None, 1), LONGEST_WINDOW);
            assert_eq!(ends(&kind, i64::MAX, None, 1), LONGEST_WINDOW);
        }
        assert_eq!(ends(&FailureKind::DailyLimit, now - 10, None, 1), pace.account_rest);
    }

    #[test]
    fn a_duplicate_after_a_lost_call_is_looked_for_and_otherwise_refused() {
        let pace = Pace::default();
        let here = |may_be_out| FailureContext { may_be_out, ..here(&pace) };
        let duplicate = failure(FailureKind::Duplicate);
        assert_eq!(decide(&duplicate, here(true)), FailureDecision::Lose);
        assert_eq!(
            decide(&duplicate, here(false)),
            FailureDecision::Refuse(Code::DuplicateContent)
        );
    }

    #[test]
    fn a_part_waits_for_its_own_parent_a_few_times_and_no_other_post_does() {
        let pace = Pace::default();
        let parent_gone = failure(FailureKind::ParentGone);
        let decided = |same_refusals, has_new_own_parent| {
            // The thread's earlier parts took many calls: they lengthen no wait of this one.
            let context =
                FailureContext { attempts: 30, same_refusals, has_new_own_parent, ..here(&pace) };
            decide(&parent_gone, context)
        };
        let refused = FailureDecision::Refuse(Code::ParentGone);
        assert_eq!(decided(0, false), refused);
        let mut waited = Duration::ZERO;
        for earlier in 0..PARENT_RETRIES_MAX {
            let wait = pace.retry_first * (1 << earlier);
            let (code, until) = (Code::ParentNotVisible, NOW.plus(wait));
            let waits = FailureDecision::Wait { code, until, scope: Scope::Post };
            assert_eq!(decided(earlier, true), waits);
            waited += wait;
        }
        assert_eq!(decided(PARENT_RETRIES_MAX, true), refused);
        assert!(waited < NEW_PARENT_AGE_MAX, "the parent is new until the last try: {waited:?}");
    }

    #[test]
    fn a_limit_without_an_end_waits_a_whole_window() {
        let kind = FailureKind::RateLimited { windows: vec![], until: None };
        let until = NOW.plus(UNTOLD_WINDOW_LENGTH);
        let code = Code::RateLimited;
        assert_eq!(decision(kind), FailureDecision::Wait { code, until, scope: Scope::Account });
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
