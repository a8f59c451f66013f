//! What follows when the relay could not read an account's timeline. Such a read does not count as a look.
//! The failure policy of calls decides here too: when the relay reads again, and what else has to wait.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_x_api::Failure;

use super::failure_decision::{FailureContext, FailureDecision, backoff, decide, failure_message};
use super::timeline::TimelineError;
use crate::config::Pace;
use crate::failure_policy::Scope;
use crate::incidents::{Incidents, Subject};
use crate::ledger_write::LedgerWrite;
use crate::rows::app::{self, Hold};
use crate::tokens::{Access, TokenError};
use crate::transitions::suspend_account;

/// Doublings of the first wait before the timeline is read again, when X names no time.
const READ_BACKOFF_ATTEMPTS: u32 = 4;

/// What a read that came to nothing means.
#[derive(Debug, Clone)]
pub(super) struct ReadDeferral {
    pub(super) code: Code,
    pub(super) message: String,
    /// Nothing: until its account is well again.
    pub(super) until: Option<UnixMillis>,
    /// When to look, should nothing wake the post before.
    pub(super) again: UnixMillis,
    holds: Holds,
}

#[derive(Debug, Clone)]
enum Holds {
    Nothing,
    App { client_id: String },
    Account { version: i64 },
}

impl ReadDeferral {
    /// Judged by the table; the database's own trouble is none of X's.
    pub(super) fn for_error(
        error: TimelineError,
        pace: &Pace,
        now: UnixMillis,
    ) -> Result<Self, TokenError> {
        let later = now.plus(backoff(pace, READ_BACKOFF_ATTEMPTS));
        match error {
            TimelineError::Refused { failure, access } => {
                Ok(for_refusal(&failure, access, pace, now))
            }
            TimelineError::TokenError(TokenError::Database(error)) => Err(error.into()),
            TimelineError::TokenError(trouble) => {
                let (code, until) = match &trouble {
                    TokenError::Disconnected => (Code::SignInNeeded, None),
                    TokenError::AppRefused(_) => {
                        (Code::AppSuspended, Some(now.plus(pace.credits_probe)))
                    }
                    TokenError::Refused { code, .. } => (*code, Some(later)),
                    TokenError::Transient(_) | TokenError::Database(_) => {
                        (Code::XUnreachable, Some(later))
                    }
                };
                Ok(Self {
                    code,
                    message: trouble.to_string(),
                    until,
                    again: until.unwrap_or(later),
                    holds: Holds::Nothing,
                })
            }
        }
    }

    /// Says in the log what of it is an account's or an app's trouble.
    pub(super) fn report(&self, incidents: &Incidents, user: &XUserId) {
        match &self.holds {
            Holds::Nothing => {}
            Holds::App { client_id } => {
                incidents.begin(Subject::App(client_id.clone()), self.code);
            }
            Holds::Account { .. } => incidents.begin(Subject::Account(user.clone()), self.code),
        }
    }

    /// Lets what else it concerns wait, too.
    pub(super) fn hold(
        &self,
        ledger: &mut LedgerWrite<'_>,
        user: &XUserId,
        now: UnixMillis,
    ) -> rusqlite::Result<()> {
        match &self.holds {
            Holds::Nothing => Ok(()),
            Holds::App { client_id } => {
                let (until, code) = (self.again, self.code.as_str().to_owned());
                app::hold(ledger, client_id, &Hold { until, code, message: self.message.clone() })
            }
            Holds::Account { version } => {
                suspend_account(ledger, user, *version, &self.message, now)
            }
        }
    }
}

fn for_refusal(failure: &Failure, access: Access, pace: &Pace, now: UnixMillis) -> ReadDeferral {
    // A read has no effect: nothing of it is lost, and the token was renewed if that could help.
    let here = FailureContext {
        now,
        pace,
        attempts: READ_BACKOFF_ATTEMPTS,
        may_be_out: false,
        same_refusals: 0,
        has_new_own_parent: false,
        has_media: false,
        renewed: true,
    };
    let app = Holds::App { client_id: access.client_id };
    let (code, until, again, holds) = match decide(failure, here) {
        // The window of reads is not that of posts: nothing else waits for it.
        FailureDecision::Wait { code: Code::RateLimited, until, .. } => {
            (Code::RateLimited, Some(until), until, Holds::Nothing)
        }
        FailureDecision::Wait { code, until, scope: Scope::App } => (code, Some(until), until, app),
        FailureDecision::Wait { code, until, scope: Scope::Post | Scope::Account } => {
            (code, Some(until), until, Holds::Nothing)
        }
        FailureDecision::Suspend(code) => {
            let again = now.plus(pace.credits_probe);
            (code, None, again, Holds::Account { version: access.version })
        }
        FailureDecision::Refuse(_) | FailureDecision::Renew | FailureDecision::Lose => {
            let until = now.plus(backoff(pace, READ_BACKOFF_ATTEMPTS));
            (Code::XUnavailable, Some(until), until, Holds::Nothing)
        }
    };
    ReadDeferral { code, message: failure_message(failure), until, again, holds }
}
