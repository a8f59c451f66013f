//! What becomes of a post whose files X has, does not have yet, or does not take.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision, XUserId};
use roost_x_api::Failure;

use super::needed::Needed;
use crate::failure_policy::Scope;
use crate::incidents::Subject;
use crate::ledger::Event;
use crate::publisher::deferral::{Deferral, Why, defer};
use crate::publisher::failure_decision::{
    FailureContext, FailureDecision, backoff, decide_media, failure_message,
};
use crate::publisher::no_token::no_token;
use crate::publisher::write_until_ok::write_until_ok;
use crate::rows::app::{self, Hold};
use crate::rows::media_upload::{self, MediaUpload};
use crate::rows::{account, post};
use crate::shared::Shared;
use crate::tokens::{Access, TokenError};
use crate::transitions::{apply, save, set_reason, suspend_account};

/// How often a file is uploaded whose id X then does not know.
const UPLOADS_MAX: u32 = 3;

/// What came of the files of a post.
#[derive(Debug, Clone)]
pub(in crate::publisher) enum Outcome {
    /// X has them all.
    Ready,
    /// X works on one, or does not take any now.
    Waits {
        code: Code,
        message: String,
        until: UnixMillis,
        holds: Holds,
    },
    /// X does not take one, now and later.
    Refused {
        code: Code,
        message: String,
    },
    /// X holds the account until its owner acts.
    Suspended {
        code: Code,
        message: String,
        version: i64,
    },
    NoToken(TokenError),
    /// The relay ends; the next start goes on.
    Stopping,
}

/// What else waits.
#[derive(Debug, Clone)]
pub(in crate::publisher) enum Holds {
    Nothing,
    Account,
    App { client_id: String },
}

impl Outcome {
    pub(super) fn waits(code: Code, message: &str, until: UnixMillis) -> Self {
        Self::Waits { code, message: message.to_owned(), until, holds: Holds::Nothing }
    }

    pub(super) fn processing(until: UnixMillis) -> Self {
        Self::waits(Code::MediaProcessing, Code::MediaProcessing.text(), until)
    }

    /// X's ids are over as soon as it gives them.
    pub(in crate::publisher) fn expired_at_once(shared: &Shared) -> Self {
        let until = shared.now().plus(shared.config.pace.retry_max);
        Self::waits(Code::MediaUnavailable, Code::MediaUnavailable.text(), until)
    }

    /// What the failure of a call for a file means; nothing: the token is to be renewed.
    pub(super) fn of_failure(
        shared: &Shared,
        failure: &Failure,
        access: &Access,
        known: &MediaUpload,
        renewed: bool,
    ) -> Option<Self> {
        let pace = &shared.config.pace;
        let now = shared.now();
        let failures = known.failures.saturating_add(1);
        let here = FailureContext {
            now,
            pace,
            attempts: failures,
            may_be_out: false,
            same_refusals: u32::from(known.code == Some(Code::NotPermitted)),
            has_new_own_parent: false,
            has_media: false,
            renewed,
        };
        let message = failure_message(failure);
        Some(match decide_media(failure, here) {
            FailureDecision::Renew => return None,
            // X may have forgotten an id that it gave: the file is uploaded anew.
            FailureDecision::Refuse(_) if known.x_media_id.is_some() && failures < UPLOADS_MAX => {
                let until = now.plus(backoff(pace, failures));
                Self::waits(Code::MediaUnavailable, &message, until)
            }
            FailureDecision::Refuse(code) => Self::Refused { code, message },
            FailureDecision::Wait { code, until, scope } => {
                let holds = match scope {
                    Scope::Post => Holds::Nothing,
                    Scope::Account => Holds::Account,
                    Scope::App => Holds::App { client_id: access.client_id.clone() },
                };
                Self::Waits { code, message, until, holds }
            }
            FailureDecision::Suspend(code) => {
                Self::Suspended { code, message, version: access.version }
            }
            FailureDecision::Lose => {
                let until = now.plus(backoff(pace, failures));
                Self::waits(Code::MediaUnavailable, &message, until)
            }
        })
    }
}

/// Notes a failure beside its upload, so that X is not asked again before its time.
pub(super) async fn note_failure(
    shared: &Shared,
    needed: &Needed,
    outcome: Outcome,
) -> Result<Outcome, TokenError> {
    let (code, message, retry_at) = match &outcome {
        Outcome::Waits { code, message, until, .. } => (*code, message.clone(), *until),
        Outcome::Refused { message, .. } => {
            let later = shared.now().plus(shared.config.pace.account_rest);
            (Code::InvalidMedia, message.clone(), later)
        }
        _ => return Ok(outcome),
    };
    shared.metrics.media_failed.add(1);
    let is_refused = matches!(outcome, Outcome::Refused { .. });
    let key = needed.key.clone();
    write_until_ok(shared, "media-failed", move |c| {
        let known = media_upload::get(c, &key)?;
        let failures = known.failures.saturating_add(1);
        // An id that X gave is asked about once more, and then doubted.
        let kept = if is_refused || failures > 1 { MediaUpload::default() } else { known };
        let failed = MediaUpload {
            failures,
            retry_at: Some(retry_at),
            code: Some(code),
            message: Some(message.clone()),
            ..kept
        };
        media_upload::put(c, &key, &failed)
    })
    .await?;
    Ok(outcome)
}

/// Writes down what becomes of a post that is due and whose files X does not have.
pub(in crate::publisher) async fn settle(
    shared: &Shared,
    id: PostId,
    revision: Revision,
    user: &XUserId,
    outcome: Outcome,
) -> Result<(), TokenError> {
    let now = shared.now();
    match outcome {
        Outcome::Ready | Outcome::Stopping => Ok(()),
        Outcome::NoToken(trouble) => no_token(shared, id, revision, user, trouble).await,
        Outcome::Waits { code, message, until, holds } => {
            report(shared, code, user, &holds);
            let user = user.clone();
            shared.metrics.deferred.add(1);
            write_until_ok(shared, "media-waits", move |c| {
                let hold = Hold { until, code: code.as_str().to_owned(), message: message.clone() };
                match &holds {
                    Holds::Nothing => {}
                    Holds::Account => account::hold(c, &user, &hold)?,
                    Holds::App { client_id } => app::hold(c, client_id, &hold)?,
                }
                let why = Why::Wait { code, message: message.clone(), until: Some(until) };
                defer(c, &[Deferral { post: id, revision, why }], now)
            })
            .await?;
            Ok(())
        }
        Outcome::Suspended { code, message, version } => {
            shared.incidents.begin(Subject::Account(user.clone()), code);
            let user = user.clone();
            write_until_ok(shared, "media-suspended", move |c| {
                suspend_account(c, &user, version, &message, now)?;
                let why = Why::Wait { code, message: message.clone(), until: None };
                defer(c, &[Deferral { post: id, revision, why }], now)
            })
            .await?;
            Ok(())
        }
        Outcome::Refused { code, message } => {
            shared.metrics.refused.add(1);
            write_until_ok(shared, "media-refused", move |c| {
                let Some(mut post) = post::get(c, id)? else { return Ok(()) };
                if post.revision == revision && apply(&mut post, Event::Refuse).is_ok() {
                    set_reason(&mut post, code, &message);
                    save(c, &mut post, now)?;
                }
                Ok(())
            })
            .await?;
            Ok(())
        }
    }
}

/// Says in the log what is an account's or an app's trouble.
fn report(shared: &Shared, code: Code, user: &XUserId, holds: &Holds) {
    match holds {
        Holds::Nothing => {}
        Holds::Account => {
            shared.rate_limiter.outage_begins(user, code == Code::XUnreachable);
            shared.incidents.begin(Subject::Account(user.clone()), code);
        }
        Holds::App { client_id } => shared.incidents.begin(Subject::App(client_id.clone()), code),
    }
}
