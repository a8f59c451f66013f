//! What each failure of X means for the post, its account and its app: **the one table**. The
//! publisher and the refresher act by it, `docs/x-failures.md` shows it, and a law meets every row
//! of it at the sandbox.

use roost_core::failure::Code;
use roost_x_api::{Class, FailureKind};

/// Whom a wait concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The post alone.
    Post,
    /// Every post of the account.
    Account,
    /// Every post of every account of the app.
    App,
}

/// Until when something waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// A few seconds, doubled at each failure up to minutes (`retry_first`, `retry_max`).
    Backoff,
    /// A few seconds, doubled at each refusal of this kind: X catches up with itself.
    Catchup,
    /// One minute.
    Minute,
    /// The latest of the exhausted windows; 15 minutes when X names none.
    Windows,
    /// The end of the account's day, when X tells it; hours otherwise (`account_rest`).
    Day,
    /// Minutes, then the app is tried again (`credits_probe`).
    Probe,
    /// The day that X names; hours when it names none (`account_rest`).
    Cycle,
    /// Hours (`account_rest`).
    Rest,
}

/// What becomes of a post, and of what it needs to go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Nothing was created, and trying again would end the same.
    Refused(Code),
    /// Nothing was created, and it goes on by itself.
    Waits {
        /// Why.
        code: Code,
        /// Until when.
        until: Until,
        /// What waits.
        holds: Scope,
    },
    /// The access token is refreshed once, and the post sent once more.
    Renewed,
    /// The grant is worth nothing any more: its posts wait until the person signs in.
    Disconnected,
    /// X holds the account: its posts wait until the owner acts.
    Suspended(Code),
    /// Nobody knows: the timeline decides.
    Lost,
    /// The sign-in ends; no post is concerned.
    SignInOnly,
}

/// When a row's exception holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The part may be out: an earlier call of it had no known outcome, or another database may
    /// have made one.
    MayBeOut,
    /// The same part met the same refusal before.
    SecondTime,
    /// The call was made with a token that X gave a moment ago.
    FreshToken,
    /// The part answers a part of its own thread that X created moments ago, and it met this
    /// refusal a few times at the most.
    NewOwnParent,
    /// The part has media, which were uploaded anew for this refusal a few times at the most.
    NewMediaIds,
}

/// During what it is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Creating a post.
    Create,
    /// Refreshing a grant.
    Refresh,
    /// Signing in.
    SignIn,
    /// Uploading media.
    Media,
}

/// What X says, or what happens instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// The HTTP status, when there is an answer.
    pub status: Option<u16>,
    /// X's words, in part; or what happens.
    pub words: &'static str,
}

/// One row: a kind of failure and what follows.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The kind's name, as in logs and in the ledger.
    pub kind: &'static str,
    /// During what it is met.
    pub operation: Operation,
    /// How X says it.
    pub examples: &'static [Example],
    /// What follows.
    pub disposition: Disposition,
    /// What follows in a special case.
    pub exception: Option<(Condition, Disposition)>,
}

impl Row {
    /// Whether the call may have been processed.
    #[must_use]
    pub const fn class(&self) -> Class {
        if matches!(self.disposition, Disposition::Lost) { Class::Unknown } else { Class::Definite }
    }

    /// Whether the post may still go out without anybody writing it anew.
    #[must_use]
    pub const fn is_recoverable(&self) -> bool {
        !matches!(self.disposition, Disposition::Refused(_))
    }
}

const fn says(status: u16, words: &'static str) -> Example {
    Example { status: Some(status), words }
}

const fn happens(words: &'static str) -> Example {
    Example { status: None, words }
}

const fn waits(code: Code, until: Until, holds: Scope) -> Disposition {
    Disposition::Waits { code, until, holds }
}

/// Makes the list of rows and the look-up from the same lines. The look-up's `match` has no
/// catch-all: a kind without a row does not compile.
macro_rules! table {
    ($($kind:ident $name:literal $operation:ident [$($example:expr),+] $disposition:expr, $exception:expr;)+) => {
        /// Every kind of failure.
        pub const TABLE: &[Row] = &[$(Row {
            kind: $name,
            operation: Operation::$operation,
            examples: &[$($example),+],
            disposition: $disposition,
            exception: $exception,
        }),+];

        /// The row of a kind.
        pub(crate) const fn row(kind: &FailureKind) -> Row {
            match kind {
                $(FailureKind::$kind { .. } => {
                    const ROW: Row = Row {
                        kind: $name,
                        operation: Operation::$operation,
                        examples: &[$($example),+],
                        disposition: $disposition,
                        exception: $exception,
                    };
                    ROW
                })+
            }
        }
    };
}

use Disposition::{Disconnected, Lost, Refused, Renewed, SignInOnly, Suspended};

table! {
    TooLong "too_long" Create
        [says(400, "Your Tweet text is too long."), says(403, "Your Tweet text is too long.")]
        Refused(Code::TextTooLong), None;
    InvalidRequest "invalid_request" Create
        [says(400, "The request is not valid")]
        Refused(Code::RequestRefused), None;
    InvalidMedia "invalid_media" Create
        [says(400, "Your media IDs are invalid.")]
        Refused(Code::InvalidMedia),
        Some((Condition::NewMediaIds,
              waits(Code::MediaUnavailable, Until::Catchup, Scope::Post)));
    ParentGone "parent_gone" Create
        [says(400, "You attempted to reply to a Tweet that is deleted or not visible to you."),
         says(403, "You attempted to reply to a Tweet that is deleted or not visible to you.")]
        Refused(Code::ParentGone),
        Some((Condition::NewOwnParent,
              waits(Code::ParentNotVisible, Until::Catchup, Scope::Post)));
    Unauthorized "unauthorized" Create
        [says(401, "Unauthorized")]
        Renewed, Some((Condition::FreshToken, waits(Code::XUnavailable, Until::Backoff, Scope::Account)));
    CreditsDepleted "credits_depleted" Create
        [says(402, "does not have any credits to fulfill this request."),
         says(402, "credits depleted")]
        waits(Code::CreditsDepleted, Until::Probe, Scope::App), None;
    SpendCapReached "spend_cap_reached" Create
        [says(402, "has reached its billing cycle spend cap."),
         says(403, "has reached its billing cycle spend cap.")]
        waits(Code::SpendCapReached, Until::Cycle, Scope::App), None;
    Duplicate "duplicate" Create
        [says(403, "You are not allowed to create a Tweet with duplicate content.")]
        Refused(Code::DuplicateContent), Some((Condition::MayBeOut, Lost));
    ReplyNotAllowed "reply_not_allowed" Create
        [says(403, "Reply to this conversation is not allowed")]
        Refused(Code::ReplyNotAllowed), None;
    QuoteNotAllowed "quote_not_allowed" Create
        [says(403, "Quoting this post is not allowed")]
        Refused(Code::QuoteNotAllowed), None;
    CashtagLimit "cashtag_limit" Create
        [says(403, "Posts are limited to a maximum of one cashtag")]
        Refused(Code::TooManyCashtags), None;
    InvalidUrl "invalid_url" Create
        [says(403, "The Tweet contains an invalid URL.")]
        Refused(Code::InvalidLink), None;
    NotPermitted "not_permitted" Create
        [says(403, "You are not permitted to perform this action.")]
        waits(Code::NotPermitted, Until::Minute, Scope::Post),
        Some((Condition::SecondTime, Refused(Code::NotPermitted)));
    AccountRestricted "account_restricted" Create
        [says(403, "Your account is not permitted to access this feature")]
        Refused(Code::NotPermitted), None;
    AccountSuspended "account_suspended" Create
        [says(403, "User has been suspended."), says(403, "Your account is suspended")]
        Suspended(Code::AccountSuspended), None;
    AccountLocked "account_locked" Create
        [says(403, "this account is temporarily locked.")]
        Suspended(Code::AccountSuspended), None;
    Automated "automated" Create
        [says(403, "This request looks like it might be automated.")]
        waits(Code::AccountLimited, Until::Day, Scope::Account), None;
    DailyLimit "daily_limit" Create
        [says(403, "You have reached your daily limit for sending Tweets and messages."),
         says(403, "User is over daily status update limit.")]
        waits(Code::AccountLimited, Until::Day, Scope::Account), None;
    AppNotEnrolled "app_not_enrolled" Create
        [says(403, "developer App that is attached to a Project.")]
        waits(Code::AppNotEnrolled, Until::Probe, Scope::App), None;
    AppSuspended "app_suspended" Create
        [says(403, "The app is suspended.")]
        waits(Code::AppSuspended, Until::Probe, Scope::App), None;
    UnsupportedAuthentication "unsupported_authentication" Create
        [says(403, "Authenticating with Unknown is forbidden for this endpoint.")]
        Renewed, Some((Condition::FreshToken, waits(Code::XUnavailable, Until::Backoff, Scope::Account)));
    RateLimited "rate_limited" Create
        [says(429, "Too Many Requests"), says(429, "Rate limit exceeded")]
        waits(Code::RateLimited, Until::Windows, Scope::Account), None;
    UsageCapped "usage_capped" Create
        [says(403, "Usage cap exceeded"), says(429, "Usage cap exceeded")]
        waits(Code::UsageCapped, Until::Rest, Scope::App), None;
    NotFound "not_found" Create
        [says(404, "Not Found")]
        Refused(Code::RequestRefused), None;
    TurnedAway "turned_away" Create
        [says(403, ""), says(404, "")]
        waits(Code::XUnavailable, Until::Backoff, Scope::Account), None;
    Refused "refused" Create
        [says(409, "Conflict")]
        Refused(Code::RequestRefused), None;
    ServerError "server_error" Create
        [says(500, "Something is broken."), says(502, ""), says(503, "Service Unavailable"),
         says(504, "")]
        Lost, None;
    Timeout "timeout" Create
        [happens("no answer in time")]
        Lost, None;
    ConnectionCut "connection_cut" Create
        [happens("the connection breaks after the request was begun")]
        Lost, None;
    Malformed "malformed" Create
        [happens("success without the post's id"), happens("success with half an answer")]
        Lost, None;
    UnexpectedAnswer "unexpected_answer" Create
        [says(307, ""), says(408, "Request Timeout")]
        Lost, None;
    NotConnected "not_connected" Create
        [happens("no connection: refused, no such name, no TLS")]
        waits(Code::XUnreachable, Until::Backoff, Scope::Account), None;
    MediaUnavailable "media_unavailable" Media
        [says(404, "Not Found")]
        waits(Code::MediaUnavailable, Until::Backoff, Scope::Post), None;
    GrantRefused "grant_refused" Refresh
        [says(400, "Value passed for the token was invalid."), says(400, "invalid_grant")]
        Disconnected, None;
    ClientUnauthenticated "client_unauthenticated" Refresh
        [says(401, "Missing valid authorization header")]
        waits(Code::AppSuspended, Until::Probe, Scope::App), None;
    ClientRefused "client_refused" Refresh
        [says(401, "Client authentication failed")]
        waits(Code::AppSuspended, Until::Probe, Scope::App), None;
    CodeRefused "code_refused" SignIn
        [says(400, "Value passed for the authorization code was invalid.")]
        SignInOnly, None;
    RedirectMismatch "redirect_mismatch" SignIn
        [says(400, "Value passed for the redirect uri did not match")]
        SignInOnly, None;
    VerifierMismatch "verifier_mismatch" SignIn
        [says(400, "Value passed for the code verifier did not match")]
        SignInOnly, None;
}

/// What a failure means of a call that brings a file of media to X: nothing was created by it, so that
/// it may be made again. What holds for a limit of the media routes holds nothing else up.
pub(crate) fn media_disposition(kind: &FailureKind) -> Disposition {
    let media = |until| waits(Code::MediaUnavailable, until, Scope::Post);
    match row(kind).disposition {
        _ if matches!(kind, FailureKind::RateLimited { .. }) => media(Until::Windows),
        Lost => media(Until::Backoff),
        Disposition::Waits { code: Code::XUnavailable, until, .. } => media(until),
        Refused(Code::NotPermitted) => Refused(Code::NotPermitted),
        Refused(_) => Refused(Code::InvalidMedia),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_may_have_been_processed_is_lost_and_nothing_else_is() {
        let kinds = [
            FailureKind::ServerError,
            FailureKind::Timeout,
            FailureKind::ConnectionCut,
            FailureKind::Malformed,
            FailureKind::UnexpectedAnswer,
        ];
        for kind in &kinds {
            assert_eq!((row(kind).kind, row(kind).class()), (kind.name(), Class::Unknown));
        }
        let lost = TABLE.iter().filter(|row| row.class() == Class::Unknown).count();
        assert_eq!(lost, kinds.len(), "a definite failure is not looked for");
    }

    #[test]
    fn no_kind_stands_twice() {
        for (at, row) in TABLE.iter().enumerate() {
            assert!(TABLE[..at].iter().all(|before| before.kind != row.kind), "{}", row.kind);
        }
    }
}
