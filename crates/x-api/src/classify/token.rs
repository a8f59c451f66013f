//! The token endpoint's own refusals (RFC 6749 names, X's sentences).

use super::problem::Problem;
use crate::failure::{FailureKind, Parameter};

/// The kind, when the body is an OAuth error. X says mostly `invalid_request` where the RFC says
/// `invalid_grant`, so its sentence decides.
pub(super) fn kind(problem: &Problem) -> Option<FailureKind> {
    let description = problem.error_description.as_deref().unwrap_or("");
    let lower = description.to_lowercase();
    Some(match problem.error.as_deref()? {
        "invalid_grant" => FailureKind::GrantRefused,
        "unauthorized_client" => FailureKind::ClientUnauthenticated,
        "invalid_client" => FailureKind::ClientRefused,
        "invalid_request" | "invalid_scope" | "unsupported_grant_type" => {
            if lower.contains("redirect uri") {
                FailureKind::RedirectMismatch
            } else if lower.contains("code verifier") {
                FailureKind::VerifierMismatch
            } else if lower.contains("authorization code was invalid") {
                FailureKind::CodeRefused
            } else if lower.contains("token was invalid") {
                FailureKind::GrantRefused
            } else {
                FailureKind::InvalidRequest {
                    parameters: vec![Parameter {
                        name: String::new(),
                        message: crate::failure::shorten(description),
                    }],
                }
            }
        }
        _ => return None,
    })
}
