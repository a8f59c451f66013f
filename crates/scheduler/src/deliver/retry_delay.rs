//! How long a message waits before it is tried again: what the destination asked for, else what the
//! message's own expression gives, else QStash's backoff.

use std::time::Duration;

use crate::duration;
use crate::retry_expression;
use crate::store::{Answer, Message};

/// Headers by which a destination may say when to come again, the first that is readable counts.
const COME_AGAIN: [&str; 4] =
    ["Retry-After", "X-Ratelimit-Reset", "X-Ratelimit-Reset-Requests", "X-Ratelimit-Reset-Tokens"];
/// What a destination asks for beyond a day is not heeded.
const LONGEST_ASKED_MS: i64 = 86_400_000;
/// What an expression may give: a year.
const LONGEST_EXPRESSED_MS: f64 = 31_536_000_000.0;

/// Returns the milliseconds until the next attempt.
pub(super) fn retry_delay(message: &Message, answer: &Answer, now: i64) -> i64 {
    asked(answer, now)
        .or_else(|| expressed(message.spec.call.retry_delay.as_deref()?, message.retried))
        .unwrap_or_else(|| backoff(message.retried))
}

/// Returns a header of the answer without the white space around it.
pub(super) fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let found = answer.headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.trim())
}

/// What the destination asked for: seconds, a date, or a duration like `6m5s`.
fn asked(answer: &Answer, now: i64) -> Option<i64> {
    let wait = COME_AGAIN.iter().find_map(|name| {
        let text = header(answer, name)?;
        let seconds = text.parse::<u64>().ok().map(Duration::from_secs);
        let wait = seconds.or_else(|| duration::go(text));
        wait.map(|wait| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
            .or_else(|| until(text, now))
    })?;
    (wait <= LONGEST_ASKED_MS).then_some(wait)
}

fn until(date: &str, now: i64) -> Option<i64> {
    let date = httpdate::parse_http_date(date).ok()?;
    let since_epoch = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    let millis = i64::try_from(since_epoch.as_millis()).ok()?;
    Some(millis.saturating_sub(now).max(0))
}

/// What the message's own expression gives; nothing when that is no number.
fn expressed(expression: &str, retried: u32) -> Option<i64> {
    let millis = retry_expression::evaluate(expression, retried).ok().filter(|n| !n.is_nan())?;
    #[expect(clippy::cast_possible_truncation, reason = "clamped to a year")]
    let millis = millis.clamp(0.0, LONGEST_EXPRESSED_MS).ceil() as i64;
    Some(millis)
}

/// QStash's own: `min(86400, e^(2.5 n))` seconds before the n-th retry.
fn backoff(retried: u32) -> i64 {
    let seconds = (2.5 * (f64::from(retried) + 1.0)).exp().min(86_400.0);
    #[expect(clippy::cast_possible_truncation, reason = "a day at most")]
    let millis = (seconds * 1000.0).ceil() as i64;
    millis
}
