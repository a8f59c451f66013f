//! A timeline that could not be read is no look. Why it could not be says when the next one is,
//! and what else waits: the same table as for calls.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_x_api::Failure;
use rusqlite::Connection;

use super::failure_decision::{Circumstances, Verdict, backoff, judge, words};
use super::failure_policy::Scope;
use super::send::suspend;
use super::timeline::Unread;
use crate::config::Pace;
use crate::incidents::{Incidents, Subject};
use crate::rows::app::{self, Hold};
use crate::tokens::{Access, Trouble};

/// Doublings of the first wait before the timeline is read again, when X names no time.
const ATTEMPTS: u32 = 4;

/// What a read that came to nothing means.
#[derive(Debug, Clone)]
pub(super) struct Blocked {
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

impl Blocked {
    /// Judged by the table; the database's own trouble is none of X's.
    pub(super) fn by(unread: Unread, pace: &Pace, now: UnixMillis) -> Result<Self, Trouble> {
        let later = now.plus(backoff(pace, ATTEMPTS));
        match unread {
            Unread::Refused { failure, access } => Ok(refused(&failure, access, pace, now)),
            Unread::Trouble(Trouble::Database(error)) => Err(error.into()),
            Unread::Trouble(trouble) => {
                let (code, until) = match &trouble {
                    Trouble::Disconnected => (Code::SignInNeeded, None),
                    Trouble::App(_) => (Code::AppSuspended, Some(now.plus(pace.credits_probe))),
                    Trouble::Refused { code, .. } => (*code, Some(later)),
                    Trouble::Passing(_) | Trouble::Database(_) => (Code::XUnreachable, Some(later)),
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
        connection: &Connection,
        user: &XUserId,
        now: UnixMillis,
    ) -> rusqlite::Result<()> {
        match &self.holds {
            Holds::Nothing => Ok(()),
            Holds::App { client_id } => {
                let (until, code) = (self.again, self.code.as_str().to_owned());
                app::hold(
                    connection,
                    client_id,
                    &Hold { until, code, message: self.message.clone() },
                )
            }
            Holds::Account { version } => suspend(connection, user, *version, &self.message, now),
        }
    }
}

fn refused(failure: &Failure, access: Access, pace: &Pace, now: UnixMillis) -> Blocked {
    // A read has no effect: nothing of it is lost, and the token was renewed if that could help.
    let here = Circumstances {
        now,
        pace,
        attempts: ATTEMPTS,
        may_be_out: false,
        was_refused_so: false,
        renewed: true,
    };
    let app = Holds::App { client_id: access.client_id };
    let (code, until, again, holds) = match judge(failure, here) {
        // The window of reads is not that of posts: nothing else waits for it.
        Verdict::Wait { code: Code::RateLimited, until, .. } => {
            (Code::RateLimited, Some(until), until, Holds::Nothing)
        }
        Verdict::Wait { code, until, scope: Scope::App } => (code, Some(until), until, app),
        Verdict::Wait { code, until, scope: Scope::Post | Scope::Account } => {
            (code, Some(until), until, Holds::Nothing)
        }
        Verdict::Suspend(code) => {
            let again = now.plus(pace.credits_probe);
            (code, None, again, Holds::Account { version: access.version })
        }
        Verdict::Refuse(_) | Verdict::Renew | Verdict::Lose => {
            let until = now.plus(backoff(pace, ATTEMPTS));
            (Code::XUnavailable, Some(until), until, Holds::Nothing)
        }
    };
    Blocked { code, message: words(failure), until, again, holds }
}
