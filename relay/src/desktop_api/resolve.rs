//! What a person decides about a post that could not be settled.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, TweetId};
use roost_relay_api::{Decision, Delivery, DeliveryState, RefusalCode, Resolve, Seen};
use rusqlite::Connection;

use super::auth::Device;
use super::error::{ApiError, JsonBody};
use crate::ledger::Event;
use crate::ledger_write::LedgerWrite;
use crate::publisher::record_live_part;
use crate::rows::intent::{self, Outcome};
use crate::rows::post::{self, ClaimedBy, Post};
use crate::shared::Shared;
use crate::transitions::{apply, save, set_reason};

/// What the transaction found.
enum Resolution {
    Done(Box<Delivery>),
    NoSuchPost,
    TooLate(DeliveryState),
    MovedOn,
    NoText,
    NoTextOfTheRest,
    TweetTaken,
}

pub(super) async fn resolve(
    State(shared): State<Arc<Shared>>,
    _device: Device,
    Path(id): Path<String>,
    JsonBody(Decision { resolve: action, seen, by_itself }): JsonBody<Decision>,
) -> Result<Json<Delivery>, ApiError> {
    let id: PostId = id.parse().map_err(|_| ApiError::invalid("the post's id is no UUID"))?;
    if let Resolve::WentOut { tweet_id } = &action
        && !is_tweet_id(tweet_id)
    {
        return Err(ApiError::invalid("a post's id on X is a number of up to 19 digits"));
    }
    let (now, pace) = (shared.now(), shared.config.pace.clone());
    let resolution = shared
        .write("resolve", move |c| {
            let Some(mut post) = post::get(c, id)? else { return Ok(Resolution::NoSuchPost) };
            if has_moved_on(&post, seen) {
                return Ok(Resolution::MovedOn);
            }
            match action {
                Resolve::Verify => {
                    let last_look = u32::try_from(pace.looks.len().saturating_sub(1)).unwrap_or(0);
                    verify(c, &mut post, last_look, now)
                }
                Resolve::WentOut { tweet_id } => went_out(c, &mut post, &tweet_id, now),
                Resolve::SendAgain => {
                    let deadline = now.plus(pace.send_again_within);
                    send_again(c, &mut post, by_itself, deadline, now)
                }
            }
        })
        .await?;
    shared.work.notify_one();
    match resolution {
        Resolution::Done(delivery) => Ok(Json(*delivery)),
        Resolution::NoSuchPost => {
            Err(ApiError::new(RefusalCode::NotFound, "the relay never heard of this post"))
        }
        Resolution::TooLate(state) => Err(ApiError::new(
            RefusalCode::TooLate,
            format!("the post needs no decision any more: it is {}", state.as_str()),
        )),
        Resolution::MovedOn => Err(ApiError::new(
            RefusalCode::TooLate,
            "the post has moved on since this was decided: look at it again",
        )),
        Resolution::NoText => Err(ApiError::new(
            RefusalCode::TooLate,
            "the relay no longer has the post's text; it is closed here, so arm it anew",
        )),
        Resolution::NoTextOfTheRest => Err(ApiError::new(RefusalCode::TooLate, NO_REST)),
        Resolution::TweetTaken => {
            Err(ApiError::invalid("that id on X belongs to another post already"))
        }
    }
}

/// What is left to say of a post that is on X in part when nobody has the words of the rest.
const NO_REST: &str = "the relay no longer has the post's text: what is on X stays, and the rest \
                       can't be sent from here";

/// Whether the post is another than the person saw: armed anew, or sent once more.
fn has_moved_on(post: &Post, seen: Option<Seen>) -> bool {
    seen.is_some_and(|seen| seen != Seen { revision: post.revision, attempts: post.attempts })
}

fn is_tweet_id(id: &TweetId) -> bool {
    (1..=19).contains(&id.0.len()) && id.0.bytes().all(|byte| byte.is_ascii_digit())
}

fn done(connection: &Connection, post: &Post) -> rusqlite::Result<Resolution> {
    Ok(Resolution::Done(Box::new(post.delivery(connection)?)))
}

fn verify(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    last_look: u32,
    now: UnixMillis,
) -> rusqlite::Result<Resolution> {
    if apply(post, Event::Verify).is_err() {
        return Ok(Resolution::TooLate(post.state));
    }
    post.looks = last_look;
    post.next_at = Some(now);
    save(ledger, post, now)?;
    done(ledger, post)
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
