//! Sending a post: for each part the intent on disk, one call to X, the result on disk.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision, XUserId};
use roost_crash_points as crash;
use roost_x_api::{Created, Failure, FailureKind};
use sha2::{Digest, Sha256};
use tracing::{Instrument as _, Span};

use super::attempt_result::{self, Call, Next};
use super::deferral::{Deferral, Why, defer};
use super::in_hand::InHand;
use super::media::Needed;
use super::no_token::no_token;
use super::rate_permit::RatePermit;
use super::reconcile;
use super::x_post::body;
use super::{damage, media, unsupported};
use crate::ledger::Event;
use crate::ledger_write::LedgerWrite;
use crate::rows::intent::{self, Intent};
use crate::rows::post::{self, Post, Was};
use crate::rows::{fence, follow_up, part, pause};
use crate::shared::Shared;
use crate::tokens::{self, Access, TokenError};
use crate::transitions::{apply, emit};
use crate::x_time::{XTime, subtract_skew};

/// How the fence answered.
enum Fence {
    Acquired(Box<Call>),
    Denied,
    /// X lacks files of the post; nothing was written.
    NeedsMedia(Vec<Needed>),
}

/// How often the files of a post go to X before its call; more often only when X forgets them at once.
const UPLOAD_ROUNDS_MAX: u32 = 3;

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
    let mut uploads = 0;
    loop {
        let call = match acquire_fence(shared, id, revision, user).await? {
            Fence::Acquired(call) => call,
            Fence::Denied => return Ok(()),
            Fence::NeedsMedia(needed) => {
                // Uploading takes a while: others go before meanwhile.
                drop(permit.take());
                uploads += 1;
                let outcome = match uploads {
                    ..=UPLOAD_ROUNDS_MAX => media::make_all_ready(shared, &needed).await?,
                    _ => media::Outcome::expired_at_once(shared),
                };
                if !matches!(outcome, media::Outcome::Ready) || shared.stopping.is_cancelled() {
                    return media::settle(shared, id, revision, user, outcome).await;
                }
                access = match tokens::access(shared, user).await {
                    Ok(access) => access,
                    Err(trouble) => return no_token(shared, id, revision, user, trouble).await,
                };
                match attempt_result::next_part(shared, id, revision, user).await? {
                    Some(next) => permit = Some(next),
                    None => return Ok(()),
                }
                continue;
            }
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
    let post = body(&call.part, call.media_ids.clone(), call.intent.reply_to.clone());
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
    let (now, user, is_rehearsal) = (shared.now(), user.clone(), shared.config.dry_run);
    let later = now.plus(shared.config.pace.retry_first);
    let x_time = shared.clock_skew.x_time();
    // In X's time, as its ids are.
    let known_before = subtract_skew(now, x_time.ahead_ms).minus(shared.config.pace.look_skew);
    let call = shared
        .write("intent", move |c| {
            let before = post::get(c, id)?;
            let was = before.as_ref().and_then(|post| post.was.clone());
            let content = part::content(c, id)?.unwrap_or_default();
            if let Some(post) = &before
                && (damage::refuse_if_damaged(c, post, now)?
                    || unsupported::refuse_if_unsupported(c, post, &content, now)?)
            {
                return Ok(Fence::Denied);
            }
            let live = before.as_ref().map_or(0, |post| post.live);
            // The table and the UPDATE must both let it pass.
            let allowed = before.is_some_and(|mut post| {
                post.revision == revision && apply(&mut post, Event::Send).is_ok()
            });
            let media_ids = match media::ids(c, &content, live, &user, now)? {
                _ if is_rehearsal => Vec::new(),
                Ok(ids) => ids,
                Err(needed) if allowed => return Ok(Fence::NeedsMedia(needed)),
                Err(_) => Vec::new(),
            };
            let open = allowed && fence::acquire(c, id, revision, now)?;
            if !open && !crash::sabotaged("fence") {
                defer_after_denial(c, id, revision, now, later)?;
                return Ok(Fence::Denied);
            }
            let call = write_intent(c, id, was, user, media_ids, (known_before, x_time), now)?;
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
    media_ids: Vec<String>,
    (known_before, x_time): (UnixMillis, XTime),
    now: UnixMillis,
) -> rusqlite::Result<Call> {
    let missing = || rusqlite::Error::QueryReturnedNoRows;
    let mut post = post::get(ledger, id)?.ok_or_else(missing)?;
    let number = post.live;
    let part = part::get(ledger, id, number)?.ok_or_else(missing)?;
    let reply_to = follow_up::answered(ledger, &post, number)?.map(|tweet| tweet.0);
    // A reply is never sent without what it answers.
    if reply_to.is_none() && (number > 0 || post.follow_up.is_some()) {
        return Err(missing());
    }
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
    Ok(Call { intent, part, media_ids })
}
