//! Sending a post: for each part the intent on disk, one call to X, the result on disk.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision, XUserId};
use roost_crash_points as crash;
use roost_x_api::{Created, Failure, FailureKind};
use sha2::{Digest, Sha256};
use tracing::{Instrument as _, Span};

use super::attempt_result::{self, Call, Next};
use super::deferral::{Deferral, Why, defer};
use super::in_hand::InHand;
use super::rate_permit::RatePermit;
use super::reconcile;
use super::write_until_ok::write_until_ok;
use super::x_post::body;
use super::{damage, unsupported};
use crate::ledger::Event;
use crate::ledger_write::LedgerWrite;
use crate::rows::app::Hold;
use crate::rows::intent::{self, Intent};
use crate::rows::post::{self, Post, Was};
use crate::rows::{account, fence, part, pause};
use crate::shared::Shared;
use crate::tokens::{self, Access, TokenError};
use crate::transitions::{apply, emit};
use crate::x_time::{XTime, subtract_skew};

/// How the fence answered.
enum Fence {
    Acquired(Box<Call>),
    Denied,
}

/// The rest after a failure of the database: a full disk must not make a busy loop.
const SLEEP_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Takes the post in hand and works on it in a task of its own. Without a place it is looked for.
pub(super) fn start(shared: &Arc<Shared>, post: &Post, permit: Option<RatePermit>) {
    let Some(account) = post.account.clone() else { return };
    let hand = InHand::take(shared, post.id, account);
    let revision = post.revision;
    tokio::spawn(async move {
        let shared = &hand.shared;
        let result = match permit {
            None => reconcile::reconcile_before_call(shared, hand.post, &hand.account).await,
            Some(permit) => run(shared, hand.post, revision, &hand.account, permit).await,
        };
        if let Err(error) = result {
            tracing::error!(post.id = %hand.post, %error, "the post stays as the ledger has it");
            tokio::select! {
                biased;
                () = tokio::time::sleep(SLEEP_AFTER_FAILURE) => {}
                () = shared.stopping.cancelled() => {}
            }
        }
    });
}

async fn run(
    shared: &Arc<Shared>,
    id: PostId,
    revision: Revision,
    user: &XUserId,
    permit: RatePermit,
) -> Result<(), TokenError> {
    let mut permit = Some(permit);
    let mut renewed = false;
    let mut access = match tokens::access(shared, user).await {
        Ok(access) => access,
        Err(trouble) => return no_token(shared, id, revision, user, trouble).await,
    };
    loop {
        let Fence::Acquired(call) = acquire_fence(shared, id, revision, user).await? else {
            return Ok(());
        };
        let span = attempt_span(&call);
        let attempt = async {
            let answer = create(shared, &access, &call).await;
            if has_left(answer.as_ref())
                && let Some(permit) = permit.take()
            {
                permit.consume();
            }
            // The lines of the transitions are written with their commits, outside of the span.
            tracing::info!(left = has_left(answer.as_ref()), "the call to X ended");
            attempt_result::record(shared, &call, &access, answer, renewed).await
        };
        match attempt.instrument(span).await? {
            Next::Done => return Ok(()),
            Next::Continue => match attempt_result::next_part(shared, id, revision, user).await? {
                Some(next) => permit = Some(next),
                None => return Ok(()),
            },
            Next::Renew => {
                renewed = true;
                access = match tokens::renew(shared, user, access.version).await {
                    Ok(access) => access,
                    Err(trouble) => return no_token(shared, id, revision, user, trouble).await,
                };
            }
        }
    }
}

/// Returns the span of one attempt: all that is logged between the call to X and its result on disk.
fn attempt_span(call: &Call) -> Span {
    let Intent { post, revision, part, attempt, .. } = &call.intent;
    tracing::info_span!(
        "attempt",
        post.id = %post,
        post.revision = revision.0,
        post.part = part,
        attempt
    )
}

/// The one place where posts are created on X.
async fn create(shared: &Shared, access: &Access, call: &Call) -> Option<Result<Created, Failure>> {
    if shared.config.dry_run {
        return None;
    }
    shared.metrics.creates.add(1);
    shared.rate_limiter.note_departure(&call.intent.account, shared.now());
    let post = body(&call.part, call.intent.reply_to.clone());
    Some(shared.x.create_post(access.token.expose(), &post).await)
}

/// Whether X may have seen the call. A rehearsal counts as if it had.
fn has_left(answer: Option<&Result<Created, Failure>>) -> bool {
    !matches!(answer, Some(Err(failure)) if failure.kind == FailureKind::NotConnected)
}

/// Passes the fence and writes the intent down, in one transaction.
async fn acquire_fence(
    shared: &Shared,
    id: PostId,
    revision: Revision,
    user: &XUserId,
) -> Result<Fence, TokenError> {
    let (now, user) = (shared.now(), user.clone());
    let later = now.plus(shared.config.pace.retry_first);
    let x_time = shared.clock_skew.x_time();
    // In X's time, as its ids are.
    let known_before = subtract_skew(now, x_time.ahead_ms).minus(shared.config.pace.look_skew);
    let call = shared
        .write("intent", move |c| {
            let before = post::get(c, id)?;
            let was = before.as_ref().and_then(|post| post.was.clone());
            if let Some(post) = &before
                && (damage::refuse_if_damaged(c, post, now)?
                    || unsupported::refuse_if_unsupported(c, post, now)?)
            {
                return Ok(Fence::Denied);
            }
            // The table and the UPDATE must both let it pass.
            let allowed = before.is_some_and(|mut post| {
                post.revision == revision && apply(&mut post, Event::Send).is_ok()
            });
            let open = allowed && fence::acquire(c, id, revision, now)?;
            if !open && !crash::sabotaged("fence") {
                defer_after_denial(c, id, revision, now, later)?;
                return Ok(Fence::Denied);
            }
            let call = write_intent(c, id, was, user, (known_before, x_time), now)?;
            if crash::sabotaged("intent") {
                c.execute_batch("ROLLBACK TO one_write")?;
            }
            Ok(Fence::Acquired(Box::new(call)))
        })
        .await?;
    Ok(call)
}

/// Whatever shut the fence is looked at afresh a little later.
fn defer_after_denial(
    ledger: &mut LedgerWrite<'_>,
    id: PostId,
    revision: Revision,
    now: UnixMillis,
    later: UnixMillis,
) -> rusqlite::Result<()> {
    let Some(mut post) = post::get(ledger, id)? else { return Ok(()) };
    if let Some(code) = pause::of(ledger, post.account.as_ref())? {
        // Resuming wakes what waits for it; a wait by the clock would outlast the pause.
        let why = Why::Wait { code, message: code.text().to_owned(), until: None };
        return defer(ledger, &[Deferral { post: id, revision, why }], now).map(drop);
    }
    if post.revision == revision && post.next_at.is_some_and(|at| at <= now) {
        tracing::debug!(post.id = %id, "the fence is shut; the post is looked at again");
        post.next_at = Some(later);
        post::put(ledger, &post)?;
    }
    Ok(())
}

fn write_intent(
    ledger: &mut LedgerWrite<'_>,
    id: PostId,
    was: Option<Was>,
    user: XUserId,
    (known_before, x_time): (UnixMillis, XTime),
    now: UnixMillis,
) -> rusqlite::Result<Call> {
    let missing = || rusqlite::Error::QueryReturnedNoRows;
    let mut post = post::get(ledger, id)?.ok_or_else(missing)?;
    let number = post.live;
    let part = part::get(ledger, id, number)?.ok_or_else(missing)?;
    let reply_to = match number.checked_sub(1) {
        Some(before) => Some(part::live(ledger, id, before)?.ok_or_else(missing)?.0),
        None => None,
    };
    let mut intent = Intent {
        post: id,
        revision: post.revision,
        part: number,
        attempt: 0,
        since_id: part::newest_before(ledger, &user, known_before)?,
        account: user,
        text_hash: Sha256::digest(part.text.as_bytes()).to_vec(),
        reply_to,
        started_at: now,
        x_time,
    };
    intent::begin(ledger, &mut intent)?;
    // The fence changed the row; feed and journal hear of it in the same transaction.
    post.was = was;
    emit(ledger, &mut post, number, None, now)?;
    Ok(Call { intent, part })
}

/// Without a token the post waits, as what stopped it says.
pub(super) async fn no_token(
    shared: &Shared,
    id: PostId,
    revision: Revision,
    user: &XUserId,
    trouble: TokenError,
) -> Result<(), TokenError> {
    let now = shared.now();
    let (code, message, wait) = match trouble {
        TokenError::Database(_) => return Err(trouble),
        TokenError::Disconnected => {
            (Code::SignInNeeded, Code::SignInNeeded.text().to_owned(), None)
        }
        TokenError::AppRefused(reason) => {
            (Code::AppSuspended, reason, Some(shared.config.pace.credits_probe))
        }
        TokenError::Refused { code, reason } => (code, reason, Some(REFRESH_RETRY_DELAY)),
        TokenError::Transient(reason) => (Code::XUnreachable, reason, Some(REFRESH_RETRY_DELAY)),
    };
    let until = wait.map(|wait| now.plus(wait));
    // What is passing is the account's: its posts go on together, in the order in which they were
    // planned, and not each when its own wait ends.
    let is_passing = matches!(code, Code::XUnreachable | Code::RefreshRefused);
    let hold = until.filter(|_| is_passing).map(|until| Hold {
        until,
        code: code.as_str().to_owned(),
        message: message.clone(),
    });
    let why = Why::Wait { code, message, until };
    if hold.is_some() {
        shared.rate_limiter.outage_begins(user, false);
    }
    let user = user.clone();
    write_until_ok(shared, "no-token", move |c| {
        if let Some(hold) = &hold {
            account::hold(c, &user, hold)?;
        }
        defer(c, &[Deferral { post: id, revision, why: why.clone() }], now)
    })
    .await?;
    Ok(())
}

/// How long posts wait after a refresh that failed: X sees one attempt a minute at the most.
const REFRESH_RETRY_DELAY: Duration = Duration::from_secs(60);
