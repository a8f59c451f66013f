//! What an answer means for a message.

use super::retry_delay::{header, retry_delay};
use crate::store::{Answer, Message};

/// Status and header that together say "never again".
const NON_RETRYABLE: u16 = 489;
const NON_RETRYABLE_HEADER: &str = "Upstash-Nonretryable-Error";

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttemptResult {
    Delivered,
    /// Another attempt, at this instant (Unix milliseconds).
    Retry {
        at: i64,
    },
    /// Given up.
    Failed,
}

pub(super) fn evaluate(message: &Message, answer: &Answer, now: i64) -> AttemptResult {
    if (200..300).contains(&answer.status) {
        return AttemptResult::Delivered;
    }
    let never_again = answer.status == NON_RETRYABLE
        && header(answer, NON_RETRYABLE_HEADER).is_some_and(|v| v.eq_ignore_ascii_case("true"));
    if never_again || message.retried >= message.spec.max_retries() {
        return AttemptResult::Failed;
    }
    AttemptResult::Retry { at: now.saturating_add(retry_delay(message, answer, now)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;
    use crate::store::MessageState;

    const NOW: i64 = 1_800_000_000_000;

    fn message(retried: u32) -> Message {
        let mut spec = Spec::new("https://x.example".into(), String::new());
        spec.call.retries = Some(10);
        Message {
            seq: 1,
            id: "msg_1".into(),
            state: MessageState::Live,
            due_at: 0,
            not_before: 0,
            created_at: 0,
            retried,
            spec: Box::new(spec),
            body: Vec::new().into(),
            turn: None,
        }
    }

    fn answer(status: u16, headers: &[(&str, &str)]) -> Answer {
        let headers = headers.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        Answer { status, headers, ..Answer::default() }
    }

    fn wait(result: AttemptResult) -> i64 {
        match result {
            AttemptResult::Retry { at } => at - NOW,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_backoff_is_qstashs() {
        let table = [12_183, 148_414, 1_808_043, 22_026_466, 86_400_000, 86_400_000];
        for (retried, expected) in (0..).zip(table) {
            let waited = wait(evaluate(&message(retried), &answer(500, &[]), NOW));
            assert_eq!(waited, expected, "{retried}");
        }
    }

    #[test]
    fn everything_but_2xx_is_retried_until_the_retries_are_used_up() {
        for status in [0, 199, 300, 302, 400, 401, 404, 429, 489, 500, 503] {
            assert!(matches!(
                evaluate(&message(0), &answer(status, &[]), NOW),
                AttemptResult::Retry { .. }
            ));
            assert_eq!(evaluate(&message(10), &answer(status, &[]), NOW), AttemptResult::Failed);
        }
        for status in [200, 204, 299] {
            assert_eq!(evaluate(&message(10), &answer(status, &[]), NOW), AttemptResult::Delivered);
        }
    }

    #[test]
    fn only_489_with_its_header_is_given_up_at_once() {
        let never = [(NON_RETRYABLE_HEADER, "true")];
        assert_eq!(evaluate(&message(0), &answer(489, &never), NOW), AttemptResult::Failed);
        assert!(matches!(
            evaluate(&message(0), &answer(400, &never), NOW),
            AttemptResult::Retry { .. }
        ));
        let not = [(NON_RETRYABLE_HEADER, "false")];
        assert!(matches!(
            evaluate(&message(0), &answer(489, &not), NOW),
            AttemptResult::Retry { .. }
        ));
    }

    #[test]
    fn what_the_destination_asks_for_is_heeded_up_to_a_day() {
        for (name, value, expected) in [
            ("Retry-After", "0", 0),
            ("Retry-After", "120", 120_000),
            ("Retry-After", "86400", 86_400_000),
            ("Retry-After", "86401", 12_183),
            ("Retry-After", "soon", 12_183),
            ("Retry-After", "Fri, 15 Jan 2027 08:01:00 GMT", 60_000),
            ("Retry-After", "Fri, 15 Jan 2027 07:59:00 GMT", 0),
            ("X-Ratelimit-Reset", "6m5s", 365_000),
            ("X-Ratelimit-Reset-Requests", "1500ms", 1500),
            ("X-Ratelimit-Reset-Tokens", "7", 7000),
        ] {
            let waited = wait(evaluate(&message(0), &answer(503, &[(name, value)]), NOW));
            assert_eq!(waited, expected, "{name}: {value}");
        }
    }

    #[test]
    fn a_messages_own_expression_gives_milliseconds() {
        let with = |expression: &str, retried| {
            let mut message = message(retried);
            message.spec.call.retry_delay = Some(expression.into());
            wait(evaluate(&message, &answer(500, &[]), NOW))
        };
        assert_eq!(with("1000 * (1 + retried)", 2), 3000);
        assert_eq!(with("-5", 0), 0);
        assert_eq!(with("1/0", 0), 31_536_000_000);
        assert_eq!(with("0/0", 0), 12_183);
    }
}
