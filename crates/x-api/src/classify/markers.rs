//! The marks by which a refusal is known: its type, its number, its words.

use super::problem::Problem;
use crate::failure::FailureKind;

/// By the last segment of the problem's `type`.
pub(super) fn by_type(problem: &Problem) -> Option<FailureKind> {
    let spend_cap = || FailureKind::SpendCapReached { reset_date: problem.reset_date.clone() };
    Some(match problem.kind.as_deref()? {
        "credits" if problem.title.as_deref() == Some("SpendCapReached") => spend_cap(),
        "credits" | "credits-depleted" => FailureKind::CreditsDepleted,
        "usage-capped" => FailureKind::UsageCapped { period: problem.period.clone() },
        "client-forbidden" => FailureKind::AppNotEnrolled,
        "app-suspended" => FailureKind::AppSuspended,
        "user-suspended" => FailureKind::AccountSuspended,
        "unsupported-authentication" => FailureKind::UnsupportedAuthentication,
        "rate-limit-exceeded" => FailureKind::RateLimited { windows: Vec::new(), until: None },
        "resource-not-found" => FailureKind::NotFound,
        "invalid-request" => invalid_request(problem),
        _ => return None,
    })
}

/// A refused parameter is echoed in X's message, and so may say anything: here only whole
/// sentences from their beginning count.
fn invalid_request(problem: &Problem) -> FailureKind {
    let begins = |words: &str| {
        let listed = problem.errors.iter().filter_map(|listed| listed.message.as_deref());
        listed.chain(problem.detail.as_deref()).any(|said| said.starts_with(words))
    };
    if begins("Your Tweet text is too long") {
        FailureKind::TooLong
    } else if begins("Your media IDs are invalid") {
        FailureKind::InvalidMedia
    } else if begins("You attempted to reply to a Tweet that is deleted") {
        FailureKind::ParentGone
    } else {
        FailureKind::InvalidRequest { parameters: problem.parameters() }
    }
}

/// By the number of the older API, which v2 still passes on.
pub(super) fn by_code(problem: &Problem) -> Option<FailureKind> {
    problem.errors.iter().filter_map(|listed| listed.code).find_map(|code| {
        Some(match code {
            32 | 89 => FailureKind::Unauthorized,
            64 => FailureKind::AccountSuspended,
            88 => FailureKind::RateLimited { windows: Vec::new(), until: None },
            185 | 344 => FailureKind::DailyLimit,
            186 => FailureKind::TooLong,
            187 => FailureKind::Duplicate,
            226 => FailureKind::Automated,
            324 => FailureKind::InvalidMedia,
            326 => FailureKind::AccountLocked,
            385 => FailureKind::ParentGone,
            433 => FailureKind::ReplyNotAllowed,
            _ => return None,
        })
    })
}

/// By X's words. The first that is found decides: the specific come before the general.
pub(super) fn by_words(problem: &Problem) -> Option<FailureKind> {
    let listed = problem.errors.iter().filter_map(|listed| listed.message.as_deref());
    let said: String = listed
        .chain(problem.detail.as_deref())
        .chain(problem.title.as_deref())
        .flat_map(|text| [text, "\n"])
        .collect::<String>()
        .to_lowercase();
    let spend_cap = || FailureKind::SpendCapReached { reset_date: problem.reset_date.clone() };
    let words: [(&str, &dyn Fn() -> FailureKind); 18] = [
        ("text is too long", &|| FailureKind::TooLong),
        ("media ids are invalid", &|| FailureKind::InvalidMedia),
        ("duplicate content", &|| FailureKind::Duplicate),
        ("reply to this conversation is not allowed", &|| FailureKind::ReplyNotAllowed),
        ("quoting this post is not allowed", &|| FailureKind::QuoteNotAllowed),
        ("maximum of one cashtag", &|| FailureKind::CashtagLimit),
        ("deleted or not visible to you", &|| FailureKind::ParentGone),
        ("contains an invalid url", &|| FailureKind::InvalidUrl),
        ("temporarily locked", &|| FailureKind::AccountLocked),
        ("suspended", &|| FailureKind::AccountSuspended),
        ("not permitted to access this feature", &|| FailureKind::AccountRestricted),
        ("might be automated", &|| FailureKind::Automated),
        ("daily limit for sending", &|| FailureKind::DailyLimit),
        ("over daily status update limit", &|| FailureKind::DailyLimit),
        ("spendcapreached", &spend_cap),
        ("spend cap", &spend_cap),
        ("does not have any credits", &|| FailureKind::CreditsDepleted),
        ("credits depleted", &|| FailureKind::CreditsDepleted),
    ];
    words.iter().find(|(words, _)| said.contains(words)).map(|(_, kind)| kind())
}
