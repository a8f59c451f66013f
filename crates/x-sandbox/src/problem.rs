//! X's ways of saying no, by name: the bodies that were recorded from X itself.

use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;

/// A refusal with its name.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) name: &'static str,
    pub(crate) answer: Answer,
}

const DUPLICATE: &str = "You are not allowed to create a Tweet with duplicate content.";
const TOO_LONG: &str = "Your Tweet text is too long. For more information on how Twitter \
    determines text length see https://github.com/twitter/twitter-text.";
const REPLY: &str = "Reply to this conversation is not allowed because you have not been mentioned \
    or otherwise engaged by the author of the post you are replying to.";
const QUOTE: &str = "Quoting this post is not allowed because you have not been mentioned or are \
    not part of the conversation thread of the post you are quoting.";
const GONE: &str = "You attempted to reply to a Tweet that is deleted or not visible to you.";
const CREDITS: &str =
    "Your enrolled account [1] does not have any credits to fulfill this request.";
const SPEND_CAP: &str = "Your enrolled account [1] has reached its billing cycle spend cap. API \
    requests will be blocked until the next cycle begins on 2030-01-01.";
const LOCKED: &str = "To protect our users from spam and other malicious activity, this account is \
    temporarily locked. Please log in to https://x.com to unlock your account.";
const UNSUPPORTED: &str = "Authenticating with Unknown is forbidden for this endpoint.  Supported \
    authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context].";
const ENROLL: &str = "When authenticating requests to the Twitter API v2 endpoints, you must use \
    keys and tokens from a Twitter developer App that is attached to a Project.";
const AUTOMATED: &str = "This request looks like it might be automated. To protect our users from \
    spam and other malicious activity, we can't complete this action right now.";
const DAILY: &str = "You have reached your daily limit for sending Tweets and messages.";

/// Every refusal that can be asked for by name, in the order of X's statuses.
const CATALOGUE: &[&str] = &[
    "too_long",
    "invalid_request",
    "invalid_media",
    "parent_gone",
    "unauthorized",
    "credits",
    "credits_depleted",
    "spend_cap",
    "duplicate",
    "too_long_403",
    "reply_rule",
    "quote_rule",
    "cashtag",
    "parent_gone_403",
    "not_permitted",
    "feature",
    "suspended",
    "suspended_code",
    "locked",
    "automated",
    "daily_limit",
    "daily_limit_code",
    "invalid_url",
    "not_enrolled",
    "unsupported_authentication",
    "rate_limited",
    "rate_limited_code",
    "usage_capped",
    "usage_capped_403",
    "not_found",
    "internal_error",
    "bad_gateway",
    "unavailable",
    "gateway_timeout",
    "redirect",
    "token_invalid",
    "invalid_grant",
    "code_invalid",
    "redirect_mismatch",
    "verifier_mismatch",
    "missing_authorization",
    "invalid_client",
];

/// The names of all refusals that can be armed.
#[must_use]
pub fn catalogue() -> &'static [&'static str] {
    CATALOGUE
}

/// The refusal with that name.
pub(crate) fn named(name: &str) -> Option<Refusal> {
    let name = CATALOGUE.iter().copied().find(|known| *known == name)?;
    let answer = content(name).or_else(|| account(name)).or_else(|| other(name))?;
    Some(Refusal { name, answer })
}

/// The refusal with that name, which must be one of the catalogue.
pub(crate) fn refusal(name: &'static str) -> Refusal {
    named(name).unwrap_or_else(|| Refusal { name, answer: plain(500, "Internal Server Error", "") })
}

/// Refusals of a post for what it is.
fn content(name: &str) -> Option<Answer> {
    Some(match name {
        "too_long" => plain(400, "Bad Request", TOO_LONG),
        "too_long_403" => forbidden(TOO_LONG),
        "invalid_request" => invalid(&[("The request is not valid", "$.text", "")]).answer,
        "invalid_media" => plain(400, "Bad Request", "Your media IDs are invalid."),
        "parent_gone" => plain(400, "Bad Request", GONE),
        "parent_gone_403" => forbidden(GONE),
        "duplicate" => forbidden(DUPLICATE),
        "reply_rule" => forbidden(REPLY),
        "quote_rule" => forbidden(QUOTE),
        "cashtag" => forbidden("Posts are limited to a maximum of one cashtag"),
        "invalid_url" => forbidden("The Tweet contains an invalid URL."),
        "not_permitted" => forbidden("You are not permitted to perform this action."),
        _ => return None,
    })
}

/// Refusals of an account or an app.
fn account(name: &str) -> Option<Answer> {
    Some(match name {
        "unauthorized" => plain(401, "Unauthorized", "Unauthorized"),
        "credits" => typed(402, "CreditsDepleted", CREDITS, "credits", json!({})),
        "credits_depleted" => {
            typed(402, "Payment Required", "credits depleted", "credits-depleted", json!({}))
        }
        "spend_cap" => {
            let reset = json!({ "reset_date": "2030-01-01", "account_id": 1 });
            typed(403, "SpendCapReached", SPEND_CAP, "credits", reset)
        }
        "feature" => forbidden("Your account is not permitted to access this feature"),
        "suspended" => {
            let detail = "User has been suspended.";
            typed(403, "Forbidden", detail, "user-suspended", json!({}))
        }
        "suspended_code" => code(403, 64, "Your account is suspended and may not do this."),
        "locked" => code(403, 326, LOCKED),
        "automated" => code(403, 226, AUTOMATED),
        "daily_limit" => forbidden(DAILY),
        "daily_limit_code" => code(403, 185, "User is over daily status update limit."),
        "not_enrolled" => {
            let reason = json!({
                "reason": "client-not-enrolled",
                "registration_url": "https://developer.twitter.com/en/docs/projects/overview",
            });
            typed(403, "Client Forbidden", ENROLL, "client-forbidden", reason)
        }
        "unsupported_authentication" => typed(
            403,
            "Unsupported Authentication",
            UNSUPPORTED,
            "unsupported-authentication",
            json!({}),
        ),
        _ => return None,
    })
}

/// Limits, absences, failures, and the token endpoint's own.
fn other(name: &str) -> Option<Answer> {
    let html = |status: u16, text: &str| {
        let mut answer = plain(status, "", "");
        answer.headers = vec![("content-type".into(), "text/html".into())];
        answer.body = format!("<html><head><title>{text}</title></head></html>").into();
        answer
    };
    let token = "Value passed for the token was invalid.";
    let code_bad = "Value passed for the authorization code was invalid.";
    let redirect = "Value passed for the redirect uri did not match the uri of the authorization \
                    code.";
    let verifier = "Value passed for the code verifier did not match the code challenge.";
    Some(match name {
        "rate_limited" => plain(429, "Too Many Requests", "Too Many Requests"),
        "rate_limited_code" => code(429, 88, "Rate limit exceeded"),
        "usage_capped" => usage_capped(429),
        "usage_capped_403" => usage_capped(403),
        "not_found" => plain(404, "Not Found", "Not Found"),
        "internal_error" => {
            typed(500, "Internal Error", "Something is broken.", "internal-error", json!({}))
        }
        "bad_gateway" => html(502, "502 Bad Gateway"),
        "unavailable" => plain(503, "Service Unavailable", "Service Unavailable"),
        "gateway_timeout" => html(504, "504 Gateway Time-out"),
        "redirect" => html(307, "Moved").header("location", "https://x.com/"),
        "token_invalid" => oauth(400, "invalid_request", token),
        "invalid_grant" => oauth(400, "invalid_grant", token),
        "code_invalid" => oauth(400, "invalid_request", code_bad),
        "redirect_mismatch" => oauth(400, "invalid_request", redirect),
        "verifier_mismatch" => oauth(400, "invalid_request", verifier),
        "missing_authorization" => {
            oauth(401, "unauthorized_client", "Missing valid authorization header")
        }
        "invalid_client" => oauth(401, "invalid_client", "Client authentication failed"),
        _ => return None,
    })
}

fn usage_capped(status: u16) -> Answer {
    let detail = "Usage cap exceeded: Monthly product cap";
    let extra = json!({ "period": "Monthly", "scope": "Product" });
    typed(status, "UsageCapExceeded", detail, "usage-capped", extra)
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A problem of the type `about:blank`.
pub(crate) fn plain(code: u16, title: &str, detail: &str) -> Answer {
    let body = json!({ "detail": detail, "type": "about:blank", "title": title, "status": code });
    Answer::json(status(code), &body)
}

fn forbidden(detail: &str) -> Answer {
    plain(403, "Forbidden", detail)
}

/// A problem with a type of its own, and what belongs to it.
pub(crate) fn typed(code: u16, title: &str, detail: &str, kind: &str, extra: Value) -> Answer {
    let mut body = json!({
        "title": title,
        "detail": detail,
        "type": format!("https://api.twitter.com/2/problems/{kind}"),
        "status": code,
    });
    if let (Some(body), Value::Object(extra)) = (body.as_object_mut(), extra) {
        body.extend(extra);
    }
    Answer::json(status(code), &body)
}

fn code(code: u16, number: u16, message: &str) -> Answer {
    let body = json!({ "errors": [{ "code": number, "message": message }] });
    Answer::json(status(code), &body)
}

/// An error of the token endpoint.
pub(crate) fn oauth(code: u16, error: &str, description: &str) -> Answer {
    Answer::json(status(code), &json!({ "error": error, "error_description": description }))
}

/// Parameters that were not accepted: message, name, value.
pub(crate) fn invalid(parameters: &[(&str, &str, &str)]) -> Refusal {
    let errors: Vec<Value> = parameters
        .iter()
        .map(|(message, name, value)| {
            json!({ "message": message, "parameters": { (*name): [value] } })
        })
        .collect();
    let body = json!({
        "errors": errors,
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.twitter.com/2/problems/invalid-request",
    });
    Refusal { name: "invalid_request", answer: Answer::json(StatusCode::BAD_REQUEST, &body) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_catalogue_has_an_answer() {
        for name in CATALOGUE {
            assert_eq!(named(name).map(|refusal| refusal.name), Some(*name));
        }
        assert!(named("no such refusal").is_none());
    }
}
