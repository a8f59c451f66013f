//! Looking for a post in its account's timeline: the only way to learn what became of a call
//! without an answer.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision, TweetId, XUserId};
use roost_relay_api::DeliveryState;
use roost_x_api::FailureKind;
use rusqlite::Connection;

use super::attempt_result::PROBABLY_LIVE;
use super::deferral::{Deferral, Why, defer};
use super::in_hand::InHand;
use super::timeline::{SentWindow, TimelineError, TimelineSearch, find_in_timeline};
use super::timeline_error::ReadDeferral;
use super::write_until_ok::write_until_ok;
use crate::config::Config;
use crate::ledger::Event;
use crate::ledger_write::LedgerWrite;
use crate::rows::follow_up::{self, ParentStanding};
use crate::rows::intent::{self, Outcome};
use crate::rows::part;
use crate::rows::post::{self, Post};
use crate::shared::Shared;
use crate::tokens::TokenError;
use crate::transitions::lost_ledger::{
    PRESUMED_SENT, earliest_due_at, may_be_sent_elsewhere, reconcile_as_sent,
};
use crate::transitions::{apply, record_live_part, save, set_reason};

/// How often a lost follow-up asks what became of its parent.
const PARENT_RECHECK_INTERVAL: Duration = Duration::from_secs(30);

/// Looks for a lost post in a task of its own.
pub(super) fn start(shared: &Arc<Shared>, post: &Post) {
    // Without an account there is no text either; a person decides.
    let account = post.account.clone().unwrap_or_else(|| XUserId(String::new()));
    let hand = InHand::take(shared, post.id, account);
    tokio::spawn(async move {
        if let Err(error) = reconcile(&hand.shared, hand.post, &hand.account).await {
            tracing::error!(post.id = %hand.post, %error, "the post could not be looked for");
        }
    });
}

async fn reconcile(shared: &Arc<Shared>, id: PostId, account: &XUserId) -> Result<(), TokenError> {
    let (user, skew) = (account.clone(), shared.config.pace.look_skew);
    let search = shared
        .read("look", move |c| {
            let Some(post) = post::get(c, id)? else { return Ok(None) };
            let lost = intent::earliest_lost(c, id, post.live)?;
            let call = lost.as_ref().map(|intent| (intent.started_at, intent.x_time));
            // Another database may have called for it before this one did.
            let by_another = post.looked_first || post.doubt_until.is_some();
            let due_at = earliest_due_at(c, &post)?.filter(|_| call.is_none() || by_another);
            let sent = SentWindow { call, due_at };
            let started_at = call.map(|(at, _)| at).or(post.due_at).unwrap_or_default();
            // What another database may have sent long ago is looked for only since this one was told.
            let is_presumed =
                intent::lost_detail(c, id, post.live)?.as_deref() == Some(PRESUMED_SENT);
            let started_at = if is_presumed { started_at.max(post.updated_at) } else { started_at };
            let Some(text) = part::text(c, id, post.live)? else { return Ok(None) };
            let (since_id, reply_to) =
                lost.map(|intent| (intent.since_id, intent.reply_to)).unwrap_or_default();
            let reply_to = match parent_of(c, &post)? {
                Some(Parent::Undecided) => return Ok(Some(Search::AfterParent)),
                Some(Parent::Known(parent)) => reply_to.or(parent),
                None => reply_to,
            };
            let since_id = since_id.filter(|_| !by_another);
            let search = TimelineSearch { account: user, text, reply_to, since_id, sent, skew };
            Ok(Some(Search::For(Box::new(search), started_at)))
        })
        .await?;
    let (search, started_at) = match search {
        Some(Search::For(search, started_at)) => (search, started_at),
        Some(Search::AfterParent) => return look_after_parent(shared, id).await,
        None => {
            let message = "The relay no longer has the text to look for.";
            return park(shared, id, message).await;
        }
    };
    match find_in_timeline(shared, &search).await {
        Ok(Some(tweet)) => record_found(shared, id, tweet).await,
        Ok(None) => record_not_found(shared, id).await,
        Err(error) => defer_unread(shared, id, account, started_at, error).await,
    }
}

/// What is to be looked for.
enum Search {
    /// The post, called for then.
    For(Box<TimelineSearch>, UnixMillis),
    /// Nothing before it is known what became of the post that it replies to.
    AfterParent,
}

/// What a lost follow-up answers.
enum Parent {
    /// It is not known yet whether that is on X.
    Undecided,
    /// The id on X; an id of nothing where it is not there, so that nothing is taken for the follow-up.
    Known(Option<String>),
}

/// Returns what the first part of a follow-up answers; nothing for any other part.
fn parent_of(connection: &Connection, post: &Post) -> rusqlite::Result<Option<Parent>> {
    if post.live > 0 {
        return Ok(None);
    }
    Ok(follow_up::standing(connection, post)?.map(|parent| match parent {
        ParentStanding::Open => Parent::Undecided,
        ParentStanding::OnX(on_x) => Parent::Known(Some(on_x.tweet.0)),
        _ => Parent::Known(Some(String::new())),
    }))
}

/// Looks for a follow-up again once its parent may be found: that is no look.
async fn look_after_parent(shared: &Shared, id: PostId) -> Result<(), TokenError> {
    let again = shared.now().plus(PARENT_RECHECK_INTERVAL);
    write_until_ok(shared, "look-after-parent", move |c| {
        let Some(mut post) = post::get(c, id)? else { return Ok(()) };
        if post.state == DeliveryState::Unknown {
            post.next_at = Some(again);
            post::put(c, &post)?;
        }
        Ok(())
    })
    .await
    .map_err(Into::into)
}

/// Before the next call of a post that another database, or this one before a gap, may have
/// sent already. A thread is looked for part by part, until one is not there.
pub(super) async fn reconcile_before_call(
    shared: &Arc<Shared>,
    id: PostId,
    account: &XUserId,
) -> Result<(), TokenError> {
    let (user, skew) = (account.clone(), shared.config.pace.look_skew);
    let search = shared
        .read("look-first", move |c| {
            let Some(post) = post::get(c, id)? else { return Ok(None) };
            let Some(text) = part::text(c, id, post.live)? else { return Ok(None) };
            let reply_to = follow_up::answered(c, &post, post.live)?.map(|tweet| tweet.0);
            // What is sent once more was called for before it was due once more.
            let lost = intent::earliest_lost(c, id, post.live)?;
            let call = lost.map(|intent| (intent.started_at, intent.x_time));
            let sent = SentWindow { call, due_at: earliest_due_at(c, &post)? };
            let search =
                TimelineSearch { account: user, text, reply_to, since_id: None, sent, skew };
            Ok(Some((search, post.revision)))
        })
        .await?;
    let Some((search, revision)) = search else { return Ok(()) };
    match find_in_timeline(shared, &search).await {
        Ok(Some(tweet)) => record_found(shared, id, tweet).await,
        Ok(None) => nothing_found_before_call(shared, id, revision).await,
        Err(error) => {
            let (now, user) = (shared.now(), account.clone());
            let deferral = ReadDeferral::for_error(error, &shared.config.pace, now)?;
            deferral.report(&shared.incidents, &user);
            let why = Why::Wait {
                code: deferral.code,
                message: format!(
                    "The timeline must be read before this post goes out: {}",
                    deferral.message
                ),
                until: deferral.until,
            };
            write_until_ok(shared, "look-first-waits", move |c| {
                deferral.hold(c, &user, now)?;
                defer(c, &[Deferral { post: id, revision, why }], now)
            })
            .await?;
            Ok(())
        }
    }
}

/// The look before a call found nothing. That is enough for what this database never sent, or was
/// told by a person or its setting to send again; see [`crate::transitions::lost_ledger`] for what it is no proof of.
async fn nothing_found_before_call(
    shared: &Shared,
    id: PostId,
    revision: Revision,
) -> Result<(), TokenError> {
    let (now, pace) = (shared.now(), shared.config.pace.clone());
    write_until_ok(shared, "looked-first", move |c| {
        let Some(mut post) = post::get(c, id)? else { return Ok(()) };
        let waits = matches!(post.state, DeliveryState::Claimed | DeliveryState::Waiting);
        if post.revision != revision || !waits {
            return Ok(());
        }
        let was_overruled = intent::earliest_lost(c, id, post.live)?.is_some();
        let earliest_due_at = earliest_due_at(c, &post)?;
        if !was_overruled && may_be_sent_elsewhere(&post, earliest_due_at, pace.doubt_margin) {
            return reconcile_as_sent(c, &mut post, earliest_due_at, &pace, now);
        }
        (post.look_first, post.looked_first) = (false, true);
        post::put(c, &post)
    })
    .await?;
    tracing::debug!(post.id = %id, "not in the timeline at the look before its call");
    Ok(())
}

async fn record_found(shared: &Shared, id: PostId, tweet: TweetId) -> Result<(), TokenError> {
    let now = shared.now();
    let taken = write_until_ok(shared, "found", move |c| {
        let Some(post) = post::get(c, id)? else { return Ok(true) };
        let mut settled = post;
        let last = settled.next_is_last();
        if apply(&mut settled, Event::Found { last }).is_err() {
            return Ok(true);
        }
        record_live_part(c, &mut settled, &tweet, Outcome::Found, now)
    })
    .await?;
    if taken {
        shared.metrics.found.add(1);
        return Ok(());
    }
    // Another post took it in between; this one is still to be found.
    record_not_found(shared, id).await
}

async fn record_not_found(shared: &Shared, id: PostId) -> Result<(), TokenError> {
    let (now, config) = (shared.now(), shared.config.clone());
    let effect =
        write_until_ok(shared, "not-found", move |c| count_attempt(c, id, &config, now)).await?;
    shared.metrics.parked.add(u64::from(effect == AttemptEffect::Parked));
    shared.metrics.resent.add(u64::from(effect == AttemptEffect::Resent));
    Ok(())
}

/// What a look that found nothing leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AttemptEffect {
    /// Another one, or it did not count.
    Again,
    /// A person decides.
    Parked,
    /// The setting has it sent once more.
    Resent,
}

/// Counts a look that found nothing.
fn count_attempt(
    ledger: &mut LedgerWrite<'_>,
    id: PostId,
    config: &Config,
    now: UnixMillis,
) -> rusqlite::Result<AttemptEffect> {
    let Some(mut post) = post::get(ledger, id)? else { return Ok(AttemptEffect::Again) };
    if post.next_at.is_some_and(|at| at > now) {
        // Two looks began at one time; the other one was counted.
        return Ok(AttemptEffect::Again);
    }
    let looks = &config.pace.looks;
    let made = usize::try_from(post.looks).unwrap_or(usize::MAX).saturating_add(1);
    if apply(&mut post, Event::NotFound { looks_left: made < looks.len() }).is_err() {
        return Ok(AttemptEffect::Again);
    }
    post.looks = post.looks.saturating_add(1);
    if let Some(at) = looks.get(made) {
        post.next_at = Some(now.plus(at.saturating_sub(looks[made - 1])));
        let message = "It is not in the timeline yet; the relay looks again.";
        set_reason(&mut post, Code::OutcomeUnknown, message);
        save(ledger, &mut post, now)?;
        return Ok(AttemptEffect::Again);
    }
    if config.resend_once && resend(ledger, &mut post, now)? {
        return Ok(AttemptEffect::Resent);
    }
    let message = parked_message(ledger, &post)?;
    set_reason(&mut post, Code::OutcomeUnknown, message);
    save(ledger, &mut post, now)?;
    Ok(AttemptEffect::Parked)
}

/// What a person hears of a post that no look found.
fn parked_message(connection: &Connection, post: &Post) -> rusqlite::Result<String> {
    let detail = intent::lost_detail(connection, post.id, post.live)?;
    let begins = if is_repetition(detail.as_deref()) {
        PROBABLY_LIVE
    } else if intent::was_resent(connection, post.id)? {
        "It was sent once more by itself."
    } else if detail.as_deref() == Some(PRESUMED_SENT) {
        "It was due before the relay's database was lost, restored or copied, and may have gone out, \
         perhaps as it was before a change."
    } else {
        ""
    };
    let words = "It is not in the timeline. X may show it late: look yourself, then decide.";
    Ok(format!("{begins} {words}").trim_start().to_owned())
}

/// Whether X refused the last call as a repetition.
fn is_repetition(detail: Option<&str>) -> bool {
    detail == Some(FailureKind::Duplicate.name())
}

/// Takes the decision that the setting made beforehand: the part is sent once more. Once per post,
/// within its deadline, and after one more look right before the call.
fn resend(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let in_time = post.not_after.is_some_and(|deadline| now <= deadline);
    if !in_time || post.body_hash.is_none() || intent::was_resent(ledger, post.id)? {
        return Ok(false);
    }
    // X says that the account has it: it would be refused again, or be there twice.
    if is_repetition(intent::lost_detail(ledger, post.id, post.live)?.as_deref()) {
        return Ok(false);
    }
    if apply(post, Event::SendAgain).is_err() {
        return Ok(false);
    }
    intent::end(ledger, post.id, post.live, Outcome::Overruled, Some(intent::RESENT), now)?;
    post.look_first = true;
    post.next_at = Some(now);
    let message = "It is in no look at the timeline; the relay sends it once more, as its setting \
                   resend_once says.";
    set_reason(post, Code::OutcomeUnknown, message);
    save(ledger, post, now)?;
    Ok(true)
}

async fn park(shared: &Shared, id: PostId, message: &'static str) -> Result<(), TokenError> {
    let now = shared.now();
    write_until_ok(shared, "park", move |c| park_in(c, id, message, now)).await?;
    shared.metrics.parked.add(1);
    Ok(())
}

fn park_in(
    ledger: &mut LedgerWrite<'_>,
    id: PostId,
    message: &str,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let Some(mut post) = post::get(ledger, id)? else { return Ok(()) };
    if apply(&mut post, Event::NotFound { looks_left: false }).is_err() {
        return Ok(());
    }
    set_reason(&mut post, Code::OutcomeUnknown, message);
    save(ledger, &mut post, now)
}

/// The timeline could not be read: that is no look. Patience ends when a person should know.
async fn defer_unread(
    shared: &Shared,
    id: PostId,
    account: &XUserId,
    started_at: UnixMillis,
    error: TimelineError,
) -> Result<(), TokenError> {
    let (now, user) = (shared.now(), account.clone());
    let error = match error {
        TimelineError::TokenError(TokenError::Database(error)) => {
            TokenError::Transient(error.to_string()).into()
        }
        error => error,
    };
    let deferral = ReadDeferral::for_error(error, &shared.config.pace, now)?;
    deferral.report(&shared.incidents, &user);
    let reason = deferral.message.as_str();
    tracing::warn!(post.id = %id, reason, "the timeline could not be read");
    let is_out_of_patience = now.since(started_at) > shared.config.pace.look_patience;
    let looks = shared.config.pace.looks.len();
    let is_parked = write_until_ok(shared, "not-looked", move |c| {
        deferral.hold(c, &user, now)?;
        let Some(mut post) = post::get(c, id)? else { return Ok(false) };
        if post.state != DeliveryState::Unknown {
            return Ok(false);
        }
        let is_scheduled = usize::try_from(post.looks).is_ok_and(|made| made < looks);
        if is_scheduled && !is_out_of_patience {
            post.next_at = Some(deferral.again);
            post::put(c, &post)?;
            return Ok(false);
        }
        park_unread(c, &mut post, &deferral, now)
    })
    .await?;
    shared.metrics.parked.add(u64::from(is_parked));
    Ok(())
}

/// Leaves a post to a person that the relay could not look for, and says why it could not. Returns
/// whether it is parked now.
fn park_unread(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    deferral: &ReadDeferral,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    if apply(post, Event::NotFound { looks_left: false }).is_err() {
        return Ok(false);
    }
    let signed_out = deferral.code == Code::SignInNeeded;
    let code = if signed_out { Code::SignInNeeded } else { Code::OutcomeUnknown };
    let then = match signed_out {
        true => "Once the account is signed in again, the relay looks by itself.",
        false => "Check again later, or look yourself, then decide.",
    };
    let why = deferral.message.trim_end().trim_end_matches('.');
    let message = format!("It may be on X, and the timeline could not be read: {why}. {then}");
    set_reason(post, code, message);
    save(ledger, post, now)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::rows::test_ledger;

    #[test]
    fn two_looks_at_one_time_count_as_one() {
        let ledger = test_ledger::ledger();
        ledger.execute_batch("UPDATE post SET state = 'unknown', next_at = 150").expect("changed");
        let mut config = Config::new("unused");
        config.pace.looks = vec![Duration::from_secs(10), Duration::from_secs(60)];
        for _ in 0..2 {
            let effect = count_attempt(
                &mut LedgerWrite::new(&ledger),
                test_ledger::post(),
                &config,
                UnixMillis(150),
            );
            assert_eq!(effect, Ok(AttemptEffect::Again));
        }
        let post = post::get(&ledger, test_ledger::post()).expect("read").expect("a post");
        assert_eq!((post.looks, post.next_at), (1, Some(UnixMillis(50_150))));
    }
}
