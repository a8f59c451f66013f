//! What X's answer does to the post, its account and its app; each in one transaction.

use std::sync::Arc;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision, TweetId, XUserId};
use roost_core::limits::Subscription;
use roost_core::post::Part;
use roost_x_api::{Created, Failure, FailureKind, RateHeaders, WindowKind};
use rusqlite::Connection;

use super::deferral::{Deferral, Why, defer, is_still_true, wait};
use super::failure_decision::{
    FailureContext, FailureDecision, LONGEST_WINDOW, NEW_PARENT_AGE_MAX, X_CLOCK_MARGIN, decide,
    failure_message,
};
use super::rate_permit::RatePermit;
use super::write_until_ok::write_until_ok;
use crate::config::Pace;
use crate::failure_policy::Scope;
use crate::incidents::Subject;
use crate::ledger::Event;
use crate::ledger_write::LedgerWrite;
use crate::rate_limiter::RateKey;
use crate::rows::app::{self, Hold};
use crate::rows::intent::{self, Intent, Outcome};
use crate::rows::media_upload::{self, MediaKey};
use crate::rows::post::{self, Post, Wake};
use crate::rows::{account, follow_up};
use crate::shared::Shared;
use crate::tokens::{Access, TokenError};
use crate::transitions::{apply, record_live_part, save, set_reason, suspend_account};

/// A part that may be called for: its intent is on disk.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) intent: Intent,
    pub(super) part: Part,
    /// X's ids of the part's media, all of them.
    pub(super) media_ids: Vec<String>,
}

/// What the sender does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Done,
    Continue,
    Renew,
}

/// What posts wait for while X is out of order.
const OUTAGE_CODES: &[Code] = &[Code::XUnreachable, Code::XUnavailable];
/// What is over for every account when X answers one: there is a way to X again.
const OVER_FOR_ALL_ACCOUNTS: &[Code] = &[Code::XUnreachable];
/// What is over only for the account whose post X took, and with it its token: X may turn another
/// one away still, and trying again at once would spend the calls that its growing waits save.
const OVER_FOR_ONE_ACCOUNT: &[Code] = &[Code::XUnavailable, Code::RefreshRefused];

/// What a refused repetition means for a post that may be out.
pub(super) const PROBABLY_LIVE: &str =
    "It is probably live: X refuses it as a repetition of what the account has posted.";

/// Writes an answer down. No answer at all: a rehearsal.
pub(super) async fn record(
    shared: &Shared,
    call: &Call,
    access: &Access,
    answer: Option<Result<Created, Failure>>,
    renewed: bool,
) -> Result<Next, TokenError> {
    match answer {
        None => rehearsed(shared, call.intent.post).await,
        Some(Ok(created)) => accepted(shared, call, access, created).await,
        Some(Err(failure)) => failed(shared, call, access, failure, renewed).await,
    }
}

async fn rehearsed(shared: &Shared, id: PostId) -> Result<Next, TokenError> {
    let now = shared.now();
    write_until_ok(shared, "rehearsed", move |c| {
        let Some(mut post) = post::get(c, id)? else { return Ok(()) };
        intent::end(c, id, post.live, Outcome::Definite, Some(Code::DryRun.as_str()), now)?;
        if apply(&mut post, Event::Refuse).is_ok() {
            set_reason(&mut post, Code::DryRun, Code::DryRun.text());
            save(c, &mut post, now)?;
        }
        Ok(())
    })
    .await?;
    Ok(Next::Done)
}

async fn accepted(
    shared: &Shared,
    call: &Call,
    access: &Access,
    created: Created,
) -> Result<Next, TokenError> {
    shared.metrics.created.add(1);
    let is_over = shared.rate_limiter.outage_is_over(&call.intent.account);
    shared.incidents.end_all(&Subject::Account(call.intent.account.clone()));
    shared.incidents.end_all(&Subject::App(access.client_id.clone()));
    let (intent, client_id, now) = (call.intent.clone(), access.client_id.clone(), shared.now());
    let first_look = first_look(&shared.config.pace, now);
    let next = write_until_ok(shared, "created", move |c| {
        if is_over {
            wake_after_outage(c, Some(&intent.account), now)?;
        }
        hold_windows(c, &created.limits, &intent.account, &client_id, now)?;
        let Some(mut post) = post::get(c, intent.post)? else { return Ok(Next::Done) };
        let mut settled = post.clone();
        let last = post.next_is_last();
        if apply(&mut settled, Event::Created { last }).is_err() {
            tracing::error!(post.id = %post.id, tweet = created.id, "X created a post that was not being sent");
            return Ok(Next::Done);
        }
        let tweet = TweetId(created.id.clone());
        if record_live_part(c, &mut settled, &tweet, Outcome::Created, now)? {
            return Ok(if last { Next::Done } else { Next::Continue });
        }
        // An id that X gave before is no proof that this part is there.
        let message = format!("X answered with the id of an earlier post ({}).", tweet.0);
        record_unknown(c, &mut post, &message, &message, first_look, now)?;
        Ok(Next::Done)
    })
    .await?;
    Ok(next)
}

/// When a lost post is looked for first.
pub(super) fn first_look(pace: &Pace, now: UnixMillis) -> UnixMillis {
    now.plus(pace.looks.first().copied().unwrap_or_default())
}

/// Nobody knows how the call ended. `detail` is kept with the call, `message` is for a person.
fn record_unknown(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    detail: &str,
    message: &str,
    first_look: UnixMillis,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    intent::end(ledger, post.id, post.live, Outcome::Unknown, Some(detail), now)?;
    if apply(post, Event::Lose).is_err() {
        return Ok(());
    }
    post.looks = 0;
    post.next_at = Some(first_look);
    set_reason(post, Code::OutcomeUnknown, message);
    save(ledger, post, now)
}

async fn failed(
    shared: &Shared,
    call: &Call,
    access: &Access,
    failure: Failure,
    renewed: bool,
) -> Result<Next, TokenError> {
    let (intent, access, now) = (call.intent.clone(), access.clone(), shared.now());
    let (pace, client_id) = (shared.config.pace.clone(), access.client_id.clone());
    let part = call.part.clone();
    let decision = write_until_ok(shared, "failed", move |c| {
        hold_windows(c, &failure.limits, &intent.account, &access.client_id, now)?;
        let Some(mut post) = post::get(c, intent.post)? else { return Ok(FailureDecision::Lose) };
        let here = FailureContext {
            now,
            pace: &pace,
            attempts: post.attempts,
            may_be_out: post.looked_first
                || post.doubt_until.is_some()
                || intent::ended_as(c, &intent, "outcome IN ('unknown', 'overruled')")?,
            same_refusals: intent::count_refusals(c, &intent, failure.kind.name())?,
            has_new_own_parent: has_new_own_parent(c, &intent, now)?,
            has_media: !part.media.is_empty(),
            renewed,
        };
        let decision = decide(&failure, here);
        if failure.kind == FailureKind::InvalidMedia {
            // Whatever becomes of the post: these ids are worth nothing.
            for key in part.media.iter().filter_map(|media| MediaKey::of(&intent.account, media)) {
                media_upload::forget(c, &key)?;
            }
        }
        apply_decision(c, &mut post, &decision, &failure, &access, &pace, now)?;
        Ok(decision)
    })
    .await?;
    let metrics = &shared.metrics;
    if let FailureDecision::Wait { code, .. } = &decision
        && OUTAGE_CODES.contains(code)
    {
        shared.rate_limiter.outage_begins(&call.intent.account, *code == Code::XUnreachable);
    }
    match decision {
        FailureDecision::Refuse(_) => metrics.refused.add(1),
        FailureDecision::Wait { .. } | FailureDecision::Suspend(_) => {
            metrics.deferred.add(1);
            report(shared, &decision, &call.intent.account, &client_id);
        }
        FailureDecision::Lose => metrics.unknown.add(1),
        FailureDecision::Renew => return Ok(Next::Renew),
    }
    Ok(Next::Done)
}

/// Whether the call's part answers one of its own thread, or of its parent, that X created moments ago.
fn has_new_own_parent(
    connection: &Connection,
    intent: &Intent,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let live_since = follow_up::answered_since(connection, intent.post, intent.part)?;
    Ok(live_since.is_some_and(|since| now.since(since) <= NEW_PARENT_AGE_MAX))
}

/// Says in the log what is an account's or an app's trouble. A limit that is reached is none.
fn report(shared: &Shared, decision: &FailureDecision, user: &XUserId, client_id: &str) {
    match decision {
        FailureDecision::Wait { code: Code::RateLimited, .. } => {}
        FailureDecision::Wait { code, scope: Scope::App, .. } => {
            shared.incidents.begin(Subject::App(client_id.to_owned()), *code);
        }
        FailureDecision::Wait { code, scope: Scope::Account, .. }
        | FailureDecision::Suspend(code) => {
            shared.incidents.begin(Subject::Account(user.clone()), *code);
        }
        _ => {}
    }
}

fn apply_decision(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    decision: &FailureDecision,
    failure: &Failure,
    access: &Access,
    pace: &Pace,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let message = failure_message(failure);
    let kind = failure.kind.name();
    if *decision == FailureDecision::Lose {
        let first_look = first_look(pace, now);
        if failure.kind == FailureKind::Duplicate {
            let message = format!("{PROBABLY_LIVE} The relay looks for it. {message}");
            return record_unknown(ledger, post, kind, &message, first_look, now);
        }
        return record_unknown(ledger, post, &message, &message, first_look, now);
    }
    intent::end(ledger, post.id, post.live, Outcome::Definite, Some(kind), now)?;
    let (event, code, next_at) = match decision {
        FailureDecision::Refuse(code) => (Event::Refuse, *code, None),
        FailureDecision::Wait { code, until, .. } => (Event::Defer, *code, Some(*until)),
        FailureDecision::Suspend(code) => (Event::Defer, *code, None),
        FailureDecision::Renew | FailureDecision::Lose => {
            (Event::Defer, Code::XUnavailable, Some(now))
        }
    };
    if apply(post, event).is_err() {
        return Ok(());
    }
    wait(post, code, &message, next_at, now);
    save(ledger, post, now)?;
    let Some(user) = &post.account else { return Ok(()) };
    match decision {
        FailureDecision::Wait { code, until, scope } => {
            let hold = Hold { until: *until, code: code.as_str().to_owned(), message };
            match scope {
                Scope::Post => Ok(()),
                Scope::Account => account::hold(ledger, user, &hold),
                Scope::App => app::hold(ledger, &access.client_id, &hold),
            }
        }
        FailureDecision::Suspend(code) => {
            suspend_account(ledger, user, access.version, &message, now)?;
            // A new sign-in came during the call: it is not the one that X suspended.
            if !is_still_true(ledger, post, Some(*code))? {
                post.next_at = Some(now);
                post::put(ledger, post)?;
            }
            Ok(())
        }
        FailureDecision::Refuse(_) | FailureDecision::Renew | FailureDecision::Lose => Ok(()),
    }
}

/// X's headers say which windows are empty, often before it refuses anything: the rest waits at
/// once, each for the window that concerns it.
fn hold_windows(
    connection: &Connection,
    limits: &RateHeaders,
    user: &XUserId,
    client_id: &str,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    for (kind, window) in limits.windows().filter(|(_, window)| window.remaining <= 0) {
        let until = UnixMillis::from_seconds(window.reset).plus(X_CLOCK_MARGIN);
        let until = until.min(now.plus(LONGEST_WINDOW));
        if until <= now {
            continue;
        }
        let hold = Hold {
            until,
            code: Code::RateLimited.as_str().to_owned(),
            message: Code::RateLimited.text().to_owned(),
        };
        match kind {
            WindowKind::AppDay => app::hold(connection, client_id, &hold)?,
            WindowKind::Short | WindowKind::UserDay => account::hold(connection, user, &hold)?,
        }
    }
    Ok(())
}

/// X is there again: what waits for that is taken up in the order in which it was planned, and not
/// each when its own next try comes. `taken`: the account of which X took a post.
pub(super) fn wake_after_outage(
    connection: &Connection,
    taken: Option<&XUserId>,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    account::release_from(connection, OVER_FOR_ALL_ACCOUNTS, None)?;
    post::wake(connection, Wake::For(OVER_FOR_ALL_ACCOUNTS), None, now)?;
    if taken.is_some() {
        account::release_from(connection, OVER_FOR_ONE_ACCOUNT, taken)?;
        post::wake(connection, Wake::For(OVER_FOR_ONE_ACCOUNT), taken, now)?;
    }
    Ok(())
}

/// A place for the next part of a thread, if X's limits let it follow at once; otherwise it waits.
pub(super) async fn next_part(
    shared: &Arc<Shared>,
    id: PostId,
    revision: Revision,
    user: &XUserId,
) -> Result<Option<RatePermit>, TokenError> {
    let account_id = user.clone();
    let row = shared.read("next-part", move |c| account::get(c, &account_id)).await?;
    let Some(row) = row else { return Ok(None) };
    let now = shared.now();
    let key = RateKey {
        account: user,
        client_id: &row.client_id,
        subscription: Subscription::from_x(row.account.subscription_type.as_deref()),
        limits: &shared.config.limits,
    };
    let slot = shared.rate_limiter.next_slot(key, now);
    if slot.at <= now {
        return Ok(Some(RatePermit::acquire(shared, key, now)));
    }
    let why = Why::Wait {
        code: Code::RateLimited,
        message: Code::RateLimited.text().to_owned(),
        until: Some(slot.at),
    };
    write_until_ok(shared, "next-part-waits", move |c| {
        defer(c, &[Deferral { post: id, revision, why }], now)
    })
    .await?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use roost_relay_api::DeliveryState;
    use roost_x_api::Secret;

    use super::*;
    use crate::rows::test_ledger;

    #[test]
    fn a_suspension_told_of_an_old_grant_does_not_hold_the_post_for_the_new_one() {
        let now = UnixMillis(150);
        let failure = Failure {
            kind: FailureKind::AccountSuspended,
            status: None,
            title: None,
            detail: None,
            limits: Box::new(RateHeaders::default()),
            transaction_id: None,
        };
        for (version, next_at) in [(0, None), (-1, Some(now))] {
            let ledger = test_ledger::ledger();
            ledger.execute_batch("UPDATE post SET state = 'sending'").expect("changed");
            let mut post = post::get(&ledger, test_ledger::post()).expect("read").expect("a post");
            let token = Secret::new("t");
            let access = Access { token, version, client_id: "c".to_owned() };
            let decision = FailureDecision::Suspend(Code::AccountSuspended);
            apply_decision(
                &mut LedgerWrite::new(&ledger),
                &mut post,
                &decision,
                &failure,
                &access,
                &Pace::default(),
                now,
            )
            .expect("carried out");
            let post = post::get(&ledger, test_ledger::post()).expect("read").expect("a post");
            assert_eq!((post.state, post.next_at), (DeliveryState::Waiting, next_at));
        }
    }
}
