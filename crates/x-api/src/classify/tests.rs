//! Every row of the contract's table of refusals, by its recorded body.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::*;
use crate::failure::{Class, Parameter};
use crate::limits::WindowKind;

fn kind_of(operation: Operation, status: u16, body: &str) -> FailureKind {
    let status = StatusCode::from_u16(status).unwrap();
    classify(operation, status, &HeaderMap::new(), body.as_bytes()).kind
}

fn create(status: u16, body: &str) -> FailureKind {
    kind_of(Operation::CreatePost, status, body)
}

fn problem(status: u16, detail: &str) -> String {
    serde_json::json!({
        "title": "Forbidden", "type": "about:blank", "status": status, "detail": detail,
    })
    .to_string()
}

fn limited() -> FailureKind {
    FailureKind::RateLimited { windows: Vec::new(), until: None }
}

/// Status, X's sentence, and the kind that it is.
const SENTENCES: &[(u16, &str, FailureKind)] = &[
    (
        400,
        "Your Tweet text is too long. For more information on how Twitter determines text \
         length see https://github.com/twitter/twitter-text.",
        FailureKind::TooLong,
    ),
    (403, "Your Tweet text is too long.", FailureKind::TooLong),
    (400, "Your media IDs are invalid.", FailureKind::InvalidMedia),
    (403, "You are not allowed to create a Tweet with duplicate content.", FailureKind::Duplicate),
    (
        403,
        "Reply to this conversation is not allowed because you have not been mentioned or \
         otherwise engaged by the author of the post you are replying to.",
        FailureKind::ReplyNotAllowed,
    ),
    (
        403,
        "Quoting this post is not allowed because you have not been mentioned or are not part \
         of the conversation thread of the post you are quoting.",
        FailureKind::QuoteNotAllowed,
    ),
    (403, "Posts are limited to a maximum of one cashtag", FailureKind::CashtagLimit),
    (
        403,
        "You attempted to reply to a Tweet that is deleted or not visible to you.",
        FailureKind::ParentGone,
    ),
    (
        400,
        "You attempted to reply to a Tweet that is deleted or not visible to you.",
        FailureKind::ParentGone,
    ),
    (403, "You are not permitted to perform this action.", FailureKind::NotPermitted),
    (403, "Your account is not permitted to access this feature", FailureKind::AccountRestricted),
    (403, "Your account is suspended.", FailureKind::AccountSuspended),
    (
        403,
        "To protect our users, this account is temporarily locked. Please log in to unlock.",
        FailureKind::AccountLocked,
    ),
    (403, "This request looks like it might be automated.", FailureKind::Automated),
    (
        403,
        "You have reached your daily limit for sending Tweets and messages.",
        FailureKind::DailyLimit,
    ),
    (403, "User is over daily status update limit.", FailureKind::DailyLimit),
    (403, "The Tweet contains an invalid URL.", FailureKind::InvalidUrl),
];

#[test]
fn refusals_are_known_by_their_sentence() {
    for (status, detail, expected) in SENTENCES {
        let failure = classify(
            Operation::CreatePost,
            StatusCode::from_u16(*status).unwrap(),
            &HeaderMap::new(),
            problem(*status, detail).as_bytes(),
        );
        assert_eq!(failure.kind, *expected, "{status} {detail}");
        assert_eq!(failure.class(), Class::Definite, "{status} {detail}");
        assert_eq!(failure.detail.as_deref(), Some(*detail));
    }
}

#[test]
fn an_invalid_request_names_its_parameters() {
    let body = r#"{
        "errors": [{ "message": "The `ids` query parameter value [x] is not valid",
                     "parameters": { "ids": ["x"] } }],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.twitter.com/2/problems/invalid-request"
    }"#;
    let parameters = vec![Parameter {
        name: "ids".into(),
        message: "The `ids` query parameter value [x] is not valid".into(),
    }];
    assert_eq!(create(400, body), FailureKind::InvalidRequest { parameters });
}

#[test]
fn what_a_person_wrote_does_not_decide_the_kind() {
    let body = r#"{
        "errors": [{ "message": "$.poll: value [my suspended duplicate content] is not valid",
                     "parameters": { "$.poll": ["my suspended duplicate content"] } }],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.x.com/2/problems/invalid-request"
    }"#;
    assert!(matches!(create(400, body), FailureKind::InvalidRequest { .. }));
}

#[test]
fn the_type_is_known_by_its_last_segment_on_either_host() {
    let rows = [
        (402, "credits", FailureKind::CreditsDepleted),
        (402, "credits-depleted", FailureKind::CreditsDepleted),
        (403, "client-forbidden", FailureKind::AppNotEnrolled),
        (403, "unsupported-authentication", FailureKind::UnsupportedAuthentication),
        (403, "user-suspended", FailureKind::AccountSuspended),
        (403, "app-suspended", FailureKind::AppSuspended),
        (429, "rate-limit-exceeded", limited()),
        (404, "resource-not-found", FailureKind::NotFound),
        (429, "usage-capped", FailureKind::UsageCapped { period: Some("Monthly".into()) }),
        (403, "usage-capped", FailureKind::UsageCapped { period: Some("Monthly".into()) }),
    ];
    for host in ["api.twitter.com", "api.x.com"] {
        for (status, segment, expected) in &rows {
            let body = serde_json::json!({
                "title": "T", "detail": "D", "period": "Monthly",
                "type": format!("https://{host}/2/problems/{segment}"),
            });
            assert_eq!(create(*status, &body.to_string()), *expected, "{host} {segment}");
        }
    }
}

#[test]
fn both_forms_of_empty_credits_are_known() {
    let older = r#"{ "title": "CreditsDepleted", "status": 402,
        "type": "https://api.twitter.com/2/problems/credits",
        "detail": "Your enrolled account [1] does not have any credits to fulfill this request." }"#;
    let newer = r#"{ "title": "Payment Required", "status": 402, "detail": "credits depleted",
        "type": "https://api.x.com/2/problems/credits-depleted" }"#;
    for body in [older, newer, "", "<html>"] {
        assert_eq!(create(402, body), FailureKind::CreditsDepleted);
    }
}

#[test]
fn a_spend_cap_tells_when_it_ends() {
    let body = r#"{ "title": "SpendCapReached", "status": 403, "reset_date": "2026-12-01",
        "type": "https://api.twitter.com/2/problems/credits",
        "detail": "Your enrolled account has reached its billing cycle spend cap. API requests
                   will be blocked until the next cycle begins on 2026-12-01." }"#;
    // A line break inside a JSON string is no JSON.
    let body = body.replace('\n', " ");
    assert_eq!(
        create(403, &body),
        FailureKind::SpendCapReached { reset_date: Some("2026-12-01".into()) }
    );
}

#[test]
fn the_numbers_of_the_older_api_are_known() {
    let rows = [
        (401, 32, FailureKind::Unauthorized),
        (403, 64, FailureKind::AccountSuspended),
        (429, 88, limited()),
        (403, 89, FailureKind::Unauthorized),
        (403, 185, FailureKind::DailyLimit),
        (403, 186, FailureKind::TooLong),
        (403, 187, FailureKind::Duplicate),
        (403, 226, FailureKind::Automated),
        (400, 324, FailureKind::InvalidMedia),
        (403, 326, FailureKind::AccountLocked),
        (403, 344, FailureKind::DailyLimit),
        (403, 385, FailureKind::ParentGone),
        (403, 433, FailureKind::ReplyNotAllowed),
    ];
    for (status, code, expected) in rows {
        let body = serde_json::json!({ "errors": [{ "code": code, "message": "…" }] });
        assert_eq!(create(status, &body.to_string()), expected, "{code}");
    }
}

#[test]
fn an_unsupported_authentication_is_not_an_account_to_disconnect() {
    let body = r#"{ "title": "Unsupported Authentication", "status": 403,
        "detail": "Authenticating with Unknown is forbidden for this endpoint.",
        "type": "https://api.twitter.com/2/problems/unsupported-authentication" }"#;
    assert_eq!(create(403, body), FailureKind::UnsupportedAuthentication);
    let unauthorized = r#"{ "title": "Unauthorized", "type": "about:blank", "status": 401,
        "detail": "Unauthorized" }"#;
    assert_eq!(create(401, unauthorized), FailureKind::Unauthorized);
    assert_eq!(create(401, ""), FailureKind::Unauthorized);
}

#[test]
fn a_rate_limit_lasts_until_its_latest_empty_window() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("x-rate-limit-remaining", "5"),
        ("x-rate-limit-reset", "1000"),
        ("x-user-limit-24hour-remaining", "0"),
        ("x-user-limit-24hour-reset", "7000"),
        ("x-transaction-id", "abc"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let body = r#"{ "title": "Too Many Requests", "detail": "Too Many Requests",
        "type": "about:blank", "status": 429 }"#;
    let failure =
        classify(Operation::CreatePost, StatusCode::TOO_MANY_REQUESTS, &headers, body.as_bytes());
    let windows = vec![WindowKind::UserDay];
    assert_eq!(failure.kind, FailureKind::RateLimited { windows, until: Some(7000) });
    assert_eq!(failure.reset(), Some(7000));
    assert_eq!(failure.transaction_id.as_deref(), Some("abc"));
    assert!(failure.is_definite());
}

#[test]
fn a_missing_media_route_is_an_outage() {
    assert_eq!(kind_of(Operation::Media, 404, ""), FailureKind::MediaUnavailable);
    assert_eq!(kind_of(Operation::Read, 404, ""), FailureKind::NotFound);
}

#[test]
fn what_may_have_been_processed_is_unknown() {
    let rows = [
        (500, "", FailureKind::ServerError),
        (502, "<html>Bad gateway</html>", FailureKind::ServerError),
        (503, r#"{"title":"Service Unavailable","status":503}"#, FailureKind::ServerError),
        (504, "", FailureKind::ServerError),
        (520, "<html>", FailureKind::ServerError),
        // A server error is one even when its body sounds like a refusal.
        (503, r#"{"detail":"duplicate content"}"#, FailureKind::ServerError),
        (201, "{}", FailureKind::Malformed),
        (200, r#"{"errors":[{"message":"…"}]}"#, FailureKind::Malformed),
        (302, "", FailureKind::UnexpectedAnswer),
        (408, "", FailureKind::UnexpectedAnswer),
    ];
    for (status, body, expected) in rows {
        let kind = create(status, body);
        assert_eq!(kind, expected, "{status} {body}");
        assert_eq!(kind.class(), Class::Unknown, "{status} {body}");
    }
}

#[test]
fn other_refusals_are_definite() {
    for (status, expected) in [
        (400, FailureKind::InvalidRequest { parameters: Vec::new() }),
        (403, FailureKind::NotPermitted),
        (405, FailureKind::Refused),
        (409, FailureKind::Refused),
        (451, FailureKind::Refused),
    ] {
        let kind = create(status, r#"{ "title": "No" }"#);
        assert_eq!(kind, expected);
        assert_eq!(kind.class(), Class::Definite);
    }
}

#[test]
fn a_refusal_without_a_word_of_x_refuses_no_post_for_good() {
    for body in ["", "<html>", "{}", "[]", "null", r#"{ "message": "blocked" }"#] {
        for status in [400, 403, 404, 405, 409, 410, 413, 422, 451, 499] {
            let kind = create(status, body);
            assert_eq!(kind, FailureKind::TurnedAway, "{status} {body}");
            assert_eq!(kind.class(), Class::Definite);
        }
        assert_eq!(create(401, body), FailureKind::Unauthorized);
        assert_eq!(create(402, body), FailureKind::CreditsDepleted);
        assert_eq!(create(429, body), limited());
    }
}

#[test]
fn the_token_endpoint_is_understood_sentence_by_sentence() {
    let rows = [
        (400, "invalid_request", "Value passed for the token was invalid.", "grant_refused"),
        (400, "invalid_grant", "", "grant_refused"),
        (
            400,
            "invalid_request",
            "Value passed for the authorization code was invalid.",
            "code_refused",
        ),
        (
            400,
            "invalid_request",
            "Value passed for the redirect uri did not match the uri of the authorization code.",
            "redirect_mismatch",
        ),
        (
            400,
            "invalid_request",
            "Value passed for the code verifier did not match the code challenge.",
            "verifier_mismatch",
        ),
        (
            401,
            "unauthorized_client",
            "Missing valid authorization header",
            "client_unauthenticated",
        ),
        (401, "invalid_client", "", "client_refused"),
        (400, "invalid_request", "Missing required parameter [code].", "invalid_request"),
        (429, "", "", "rate_limited"),
        (503, "invalid_request", "Value passed for the token was invalid.", "server_error"),
        // On 2026-07-01 X answered 401 to everyone for two hours.
        (401, "", "", "unauthorized"),
    ];
    for (status, error, description, expected) in rows {
        let body = serde_json::json!({ "error": error, "error_description": description });
        let kind = kind_of(Operation::Token, status, &body.to_string());
        assert_eq!(kind.name(), expected, "{status} {error} {description}");
    }
}

#[test]
fn a_stranger_s_words_are_kept_short_and_harmless() {
    let body = problem(403, &format!("\u{1b}[31m{}", "x".repeat(10_000)));
    let failure =
        classify(Operation::CreatePost, StatusCode::FORBIDDEN, &HeaderMap::new(), body.as_bytes());
    let detail = failure.detail.unwrap();
    assert!(detail.chars().count() <= 500);
    assert!(!detail.contains('\u{1b}'));
}
