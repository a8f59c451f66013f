//! From an answer to a kind of failure. Pure: the status, the headers and the body decide.

mod markers;
mod problem;
mod token;

#[cfg(test)]
mod tests;

use http::{HeaderMap, StatusCode};

use crate::failure::{Failure, FailureKind, shorten};
use crate::limits::RateHeaders;

pub(crate) use problem::Problem;

/// What was asked for: some answers mean different things on different routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A post is created.
    CreatePost,
    /// A post is deleted.
    DeletePost,
    /// Something is read.
    Read,
    /// Media are uploaded, described or looked at.
    Media,
    /// The token endpoint.
    Token,
}

/// Returns the class of an answer that is no success, or a success without its result.
#[must_use]
pub fn classify(
    operation: Operation,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Failure {
    let problem = Problem::read(body);
    let limits = RateHeaders::read(headers);
    let kind = kind(operation, status, &limits, &problem);
    Failure {
        kind,
        status: Some(status.as_u16()),
        title: problem.title.as_deref().map(shorten),
        detail: problem.said().map(shorten),
        limits: Box::new(limits),
        transaction_id: headers
            .get("x-transaction-id")
            .and_then(|value| value.to_str().ok())
            .map(|id| shorten(id).into()),
    }
}

fn kind(
    operation: Operation,
    status: StatusCode,
    limits: &RateHeaders,
    problem: &Problem,
) -> FailureKind {
    match status.as_u16() {
        200..=299 => return FailureKind::Malformed,
        // 408: a proxy between us and X gave up; what X got of the request is not known.
        ..400 | 408 => return FailureKind::UnexpectedAnswer,
        500.. => return FailureKind::ServerError,
        _ => {}
    }
    if operation == Operation::Token
        && let Some(kind) = token::kind(problem)
    {
        return kind;
    }
    markers::by_type(problem)
        .or_else(|| markers::by_code(problem))
        .or_else(|| markers::by_words(problem))
        .unwrap_or_else(|| by_status(operation, status, problem))
        .with_windows(limits)
}

fn by_status(operation: Operation, status: StatusCode, problem: &Problem) -> FailureKind {
    match status.as_u16() {
        // X says in words why it refuses a post. A page of somebody before it is about none.
        400 | 403..=428 | 430.. if operation == Operation::CreatePost && problem.is_empty() => {
            FailureKind::TurnedAway
        }
        400 | 413 | 415 | 422 => FailureKind::InvalidRequest { parameters: problem.parameters() },
        401 => FailureKind::Unauthorized,
        402 => FailureKind::CreditsDepleted,
        403 => FailureKind::NotPermitted,
        404 if operation == Operation::Media => FailureKind::MediaUnavailable,
        404 | 410 => FailureKind::NotFound,
        429 => FailureKind::RateLimited { windows: Vec::new(), until: None },
        _ => FailureKind::Refused,
    }
}

impl FailureKind {
    fn with_windows(self, limits: &RateHeaders) -> Self {
        match self {
            Self::RateLimited { .. } => {
                Self::RateLimited { windows: limits.exhausted(), until: limits.until() }
            }
            other => other,
        }
    }
}
