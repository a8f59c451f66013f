//! What went wrong with a call, and whether it may have been processed.

use std::fmt;

use crate::limits::{RateHeaders, WindowKind};

/// Whether a failed call may have had an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// It had none: X refused it, or it never left this computer.
    Definite,
    /// It may have had one: nothing may be repeated before X was asked what it holds.
    Unknown,
}

/// A parameter that X did not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, as X spells it; empty when X named none.
    pub name: String,
    /// What X said about it.
    pub message: String,
}

/// The kinds of failure, closed: a caller can answer every one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FailureKind {
    /// The text weighs more than the account may post.
    #[error("the text is longer than this account may post")]
    TooLong,
    /// A field or the JSON itself is wrong.
    #[error("X did not accept a field of the request{}", list(.parameters))]
    InvalidRequest {
        /// The fields, as far as X named them.
        parameters: Vec<Parameter>,
    },
    /// A media id is expired, foreign, out of specification, or not yet known everywhere.
    #[error("X did not accept the media; upload them anew")]
    InvalidMedia,
    /// The same text was posted recently.
    #[error("X holds a recent post with the same text")]
    Duplicate,
    /// The reply rule of 2026: the author has not mentioned or quoted this account.
    #[error("X allows this reply only when the author mentioned or quoted this account")]
    ReplyNotAllowed,
    /// Quotes are not part of the plan, or this one is not allowed.
    #[error("X does not allow this quote")]
    QuoteNotAllowed,
    /// More than one cashtag.
    #[error("X allows one cashtag per post")]
    CashtagLimit,
    /// The post replied to is deleted or not visible.
    #[error("the post replied to is deleted or not visible to this account")]
    ParentGone,
    /// A link that X blocks.
    #[error("X blocks a link in the text")]
    InvalidUrl,
    /// X's catch-all: too long, wrong media, a scope missing, or a restricted account.
    #[error("X does not permit this action and does not say why")]
    NotPermitted,
    /// The access token is expired or revoked, or X is out of order.
    #[error("X did not accept the access token")]
    Unauthorized,
    /// The account is suspended.
    #[error("X suspended this account")]
    AccountSuspended,
    /// The account is locked until its owner signs in.
    #[error("X locked this account until its owner signs in at x.com")]
    AccountLocked,
    /// The account may not use the feature.
    #[error("X does not let this account use the feature")]
    AccountRestricted,
    /// X takes the call for automation it does not want.
    #[error("X took the post for unwanted automation")]
    Automated,
    /// The account's own daily number of posts is reached.
    #[error("this account has reached X's daily number of posts")]
    DailyLimit,
    /// The app's prepaid credits are used up: concerns all its accounts.
    #[error("the X app has no credits left")]
    CreditsDepleted,
    /// The app's spending limit is reached: concerns all its accounts.
    #[error("the X app has reached its spending limit{}", until_date(.reset_date.as_deref()))]
    SpendCapReached {
        /// When the next billing cycle begins: `YYYY-MM-DD`.
        reset_date: Option<String>,
    },
    /// The app is in no package that allows the call.
    #[error("the X app is not enrolled in a plan that allows this")]
    AppNotEnrolled,
    /// The app is suspended.
    #[error("X suspended the app")]
    AppSuspended,
    /// The token is of a kind that the call does not take, or garbled.
    #[error("X does not take this kind of token here")]
    UnsupportedAuthentication,
    /// A rate window is empty.
    #[error("a rate limit of X is reached")]
    RateLimited {
        /// The windows in which nothing is left; empty when X reported none.
        windows: Vec<WindowKind>,
        /// When to try again: Unix seconds.
        until: Option<i64>,
    },
    /// The plan's cap is used up.
    #[error("the X plan's cap is used up")]
    UsageCapped {
        /// `Daily` or `Monthly`, as X says.
        period: Option<String>,
    },
    /// No such post, user or media.
    #[error("X knows no such thing")]
    NotFound,
    /// The media routes are out of order: it passes.
    #[error("X's media service is out of order")]
    MediaUnavailable,
    /// An answer without X's own words: something before X turned the call away. It passes.
    #[error("the call was turned away before it came to X")]
    TurnedAway,
    /// Another refusal.
    #[error("X refused the call")]
    Refused,
    /// The refresh token is spent, revoked, expired, or another app's.
    #[error("X refused the grant; the account must be connected anew")]
    GrantRefused,
    /// The authorization code is older than 30 seconds or was used before.
    #[error("the sign-in took too long or was used twice; start it again")]
    CodeRefused,
    /// The redirect address differs from the one the sign-in began with.
    #[error("the redirect address differs from the one the sign-in began with")]
    RedirectMismatch,
    /// The PKCE verifier does not fit the challenge.
    #[error("the sign-in's proof key does not fit")]
    VerifierMismatch,
    /// The app has a secret and did not show it: a fault of its settings, not of the person.
    #[error("the X app is confidential: its client secret is missing from the settings")]
    ClientUnauthenticated,
    /// The app's id or secret is wrong, or the app is suspended.
    #[error("X refused the app's client id or secret")]
    ClientRefused,
    /// X failed while it held the request.
    #[error("X failed while it held the request")]
    ServerError,
    /// No answer in time, after the request had been sent or begun.
    #[error("X did not answer in time")]
    Timeout,
    /// The connection broke after the request had been sent or begun.
    #[error("the connection broke before X's answer was complete")]
    ConnectionCut,
    /// No connection: nothing left this computer.
    #[error("X could not be reached")]
    NotConnected,
    /// X answered "done", but not with what was asked for.
    #[error("X answered with success, but without the result")]
    Malformed,
    /// A status that the API does not document, such as a redirect.
    #[error("X answered in a way it does not document")]
    UnexpectedAnswer,
}

impl FailureKind {
    /// Returns whether a call that failed so may have been processed.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::ServerError
            | Self::Timeout
            | Self::ConnectionCut
            | Self::Malformed
            | Self::UnexpectedAnswer => Class::Unknown,
            _ => Class::Definite,
        }
    }

    /// Returns the kind's name, for logs and databases: `too_long`, `rate_limited`…
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::InvalidRequest { .. } => "invalid_request",
            Self::InvalidMedia => "invalid_media",
            Self::Duplicate => "duplicate",
            Self::ReplyNotAllowed => "reply_not_allowed",
            Self::QuoteNotAllowed => "quote_not_allowed",
            Self::CashtagLimit => "cashtag_limit",
            Self::ParentGone => "parent_gone",
            Self::InvalidUrl => "invalid_url",
            Self::NotPermitted => "not_permitted",
            Self::Unauthorized => "unauthorized",
            Self::AccountSuspended => "account_suspended",
            Self::AccountLocked => "account_locked",
            Self::AccountRestricted => "account_restricted",
            Self::Automated => "automated",
            Self::DailyLimit => "daily_limit",
            Self::CreditsDepleted => "credits_depleted",
            Self::SpendCapReached { .. } => "spend_cap_reached",
            Self::AppNotEnrolled => "app_not_enrolled",
            Self::AppSuspended => "app_suspended",
            Self::UnsupportedAuthentication => "unsupported_authentication",
            Self::RateLimited { .. } => "rate_limited",
            Self::UsageCapped { .. } => "usage_capped",
            Self::NotFound => "not_found",
            Self::MediaUnavailable => "media_unavailable",
            Self::TurnedAway => "turned_away",
            Self::Refused => "refused",
            Self::GrantRefused => "grant_refused",
            Self::CodeRefused => "code_refused",
            Self::RedirectMismatch => "redirect_mismatch",
            Self::VerifierMismatch => "verifier_mismatch",
            Self::ClientUnauthenticated => "client_unauthenticated",
            Self::ClientRefused => "client_refused",
            Self::ServerError => "server_error",
            Self::Timeout => "timeout",
            Self::ConnectionCut => "connection_cut",
            Self::NotConnected => "not_connected",
            Self::Malformed => "malformed",
            Self::UnexpectedAnswer => "unexpected_answer",
        }
    }
}

/// A failed call: its kind, and what X said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened.
    pub kind: FailureKind,
    /// The HTTP status, when an answer began.
    pub status: Option<u16>,
    /// X's title, shortened.
    pub title: Option<String>,
    /// X's explanation, or the network's, shortened.
    pub detail: Option<String>,
    /// The rate windows, when X reported them.
    pub limits: Box<RateHeaders>,
    /// X's name for the exchange (`x-transaction-id`), for its support.
    pub transaction_id: Option<Box<str>>,
}

impl Failure {
    /// A failure without an answer.
    pub(crate) fn unanswered(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            title: None,
            detail: Some(shorten(&detail.into())),
            limits: Box::default(),
            transaction_id: None,
        }
    }

    /// Returns whether the call may have been processed.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.kind.class()
    }

    /// Returns whether nothing was created, for certain.
    #[must_use]
    pub const fn is_definite(&self) -> bool {
        matches!(self.class(), Class::Definite)
    }

    /// Returns when to try again, when X said so: Unix seconds.
    #[must_use]
    pub const fn reset(&self) -> Option<i64> {
        match self.kind {
            FailureKind::RateLimited { until, .. } => until,
            _ => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.kind)?;
        if let Some(status) = self.status {
            write!(formatter, " (status {status})")?;
        }
        match self.detail.as_deref().or(self.title.as_deref()) {
            Some(said) => write!(formatter, ": {said}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

/// What a stranger says is kept to a few lines, without control characters.
pub(crate) fn shorten(text: &str) -> String {
    const CHARACTERS: usize = 500;
    text.chars().filter(|c| !c.is_control() || *c == '\n').take(CHARACTERS).collect()
}

fn list(parameters: &[Parameter]) -> String {
    let names: Vec<&str> = parameters
        .iter()
        .map(|parameter| parameter.name.as_str())
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) }
}

fn until_date(reset_date: Option<&str>) -> String {
    reset_date.map(|date| format!(", until {date}")).unwrap_or_default()
}
