//! What a person decides about a post that could not be settled.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, TweetId, XUserId};
use roost_relay_api::{Decision, Delivery, DeliveryState, Resolve, Seen};
use rusqlite::Connection;

use super::live_part::record_live_part;
use super::{apply, save, set_reason};
use crate::config::Pace;
use crate::ledger::Event;
use crate::ledger_write::LedgerWrite;
use crate::rows::intent::{self, Outcome};
use crate::rows::post::{self, ClaimedBy, Post};

/// What became of a decision.
pub(crate) enum Resolution {
    Done(Box<Delivery>),
    NoSuchPost,
    TooLate(DeliveryState),
    MovedOn,
    NoText,
    NoTextOfTheRest,
    TweetTaken,
}

/// Carries out what a person decided about a post that could not be settled.
pub(crate) fn resolve(
    ledger: &mut LedgerWrite<'_>,
    id: PostId,
    decision: &Decision,
    pace: &Pace,
    now: UnixMillis,
) -> rusqlite::Result<Resolution> {
    let Some(mut post) = post::get(ledger, id)? else { return Ok(Resolution::NoSuchPost) };
    if has_moved_on(&post, decision.seen) {
        return Ok(Resolution::MovedOn);
    }
    match &decision.resolve {
        Resolve::Verify => verify(ledger, &mut post, pace, now),
        Resolve::WentOut { tweet_id } => went_out(ledger, &mut post, tweet_id, now),
        Resolve::SendAgain => {
            let deadline = now.plus(pace.send_again_within);
            send_again(ledger, &mut post, decision.by_itself, deadline, now)
        }
    }
}

/// What is left to say of a post that is on X in part when nobody has the words of the rest.
pub(crate) const NO_REST: &str = "the relay no longer has the post's text: what is on X stays, and the rest \
                       can't be sent from here";

/// What is left to say of a post that is not on X when nobody has its words.
const NO_TEXT: &str = "The relay no longer has the post's text, and nothing of it is on X, as you said: give it a \
                       new time, or post it now.";

/// Whether the post is another than the person saw: armed anew, or sent once more.
fn has_moved_on(post: &Post, seen: Option<Seen>) -> bool {
    seen.is_some_and(|seen| seen != Seen { revision: post.revision, attempts: post.attempts })
}

fn done(connection: &Connection, post: &Post) -> rusqlite::Result<Resolution> {
    Ok(Resolution::Done(Box::new(post.delivery(connection)?)))
}

fn verify(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    pace: &Pace,
    now: UnixMillis,
) -> rusqlite::Result<Resolution> {
    if !look_once_more(ledger, post, pace, now)? {
        return Ok(Resolution::TooLate(post.state));
    }
    done(ledger, post)
}

/// Looks for the parked posts of an account that could not be looked for because its sign-in was over.
///
/// # Errors
/// When the ledger can't be used.
pub(crate) fn look_after_sign_in(
    ledger: &mut LedgerWrite<'_>,
    account: &XUserId,
    pace: &Pace,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let parked = post::select(
        ledger,
        "state = 'parked' AND account = ?1 AND code = ?2",
        [account.0.as_str(), Code::SignInNeeded.as_str()],
    )?;
    for mut post in parked {
        look_once_more(ledger, &mut post, pace, now)?;
    }
    Ok(())
}

/// Has the relay read the timeline for a parked post. All looks of the schedule count as made, so that
/// this one ends in an answer whether X can be read or not. Returns false when the post is not parked.
fn look_once_more(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    pace: &Pace,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    if apply(post, Event::Verify).is_err() {
        return Ok(false);
    }
    post.looks = u32::try_from(pace.looks.len()).unwrap_or(u32::MAX);
    post.next_at = Some(now);
    save(ledger, post, now)?;
    Ok(true)
}

fn went_out(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    tweet: &TweetId,
    now: UnixMillis,
) -> rusqlite::Result<Resolution> {
    let last = post.next_is_last();
    if apply(post, Event::WentOut { last }).is_err() {
        return Ok(Resolution::TooLate(post.state));
    }
    if !record_live_part(ledger, post, tweet, Outcome::Found, now)? {
        return Ok(Resolution::TweetTaken);
    }
    done(ledger, post)
}

fn send_again(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    by_itself: bool,
    deadline: UnixMillis,
    now: UnixMillis,
) -> rusqlite::Result<Resolution> {
    if apply(post, Event::SendAgain).is_err() {
        return Ok(Resolution::TooLate(post.state));
    }
    if post.body_hash.is_none() && post.live > 0 {
        // What is on X can't be armed anew: nobody could take it for another post.
        post.state = DeliveryState::Partial;
        set_reason(post, Code::PartialThread, NO_REST);
        save(ledger, post, now)?;
        return Ok(Resolution::NoTextOfTheRest);
    }
    let why = match by_itself {
        true => "the desktop of a sandbox sent it again by itself",
        false => "a person decided to send it again",
    };
    intent::end(ledger, post.id, post.live, Outcome::Overruled, Some(why), now)?;
    (post.code, post.message) = (None, None);
    if post.body_hash.is_none() {
        // Nothing can be sent, and the person says that nothing is on X: it may be armed anew.
        post.state = DeliveryState::Refused;
        set_reason(post, Code::Missed, NO_TEXT);
        save(ledger, post, now)?;
        return Ok(Resolution::NoText);
    }
    post.look_first = false;
    post.claimed_by = Some(ClaimedBy::Person);
    post.claimed_at = Some(now);
    post.next_at = Some(now);
    post.not_after = post.not_after.max(Some(deadline));
    save(ledger, post, now)?;
    done(ledger, post)
}
