//! A delivery: a post is due. The answer waits for the disk and for nothing else.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use bytes::Bytes;
use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_crash_points as crash;
use roost_relay_api::{DeliveryState, Trigger};
use serde_json::json;

use super::verify::{later, never, signed};
use crate::audit_log;
use crate::clock_check::Confidence;
use crate::ledger::{Event, Timing, Why};
use crate::ledger_write::LedgerWrite;
use crate::rows::post::{self, ClaimedBy, Post};
use crate::rows::quarantine;
use crate::shared::Shared;
use crate::transitions::{apply, save, set_reason};

/// What a delivery did.
pub(crate) enum Taken {
    /// The publisher has it now.
    Claimed(Post),
    /// It was done before, or is not to be done.
    Stands(Post, Why),
    /// The relay does not know the post or the revision.
    Unknown,
}

pub(super) async fn deliver(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (headers, body) = match signed(&shared, request, &shared.delivery_urls).await {
        Ok(signed) => signed,
        Err(answer) => return answer,
    };
    shared.metrics.deliveries.add(1);
    let now = shared.now();
    if body.len() > super::TRIGGER_MAX {
        let reason = format!("a delivery has at most {} bytes", super::TRIGGER_MAX);
        return poison(&shared, body, &reason, now).await;
    }
    let trigger: Trigger = match serde_json::from_slice(&body) {
        Ok(trigger) => trigger,
        Err(error) => return poison(&shared, body, &error.to_string(), now).await,
    };
    let confidence = shared.clock_skew.confidence(now);
    let cause = audit_log::message_id(&headers);
    let taken = shared
        .write("deliver", move |c| {
            c.set_cause(cause);
            take_up(c, trigger, ClaimedBy::Delivery, confidence, now)
        })
        .await;
    match taken {
        Ok(Taken::Claimed(post)) => {
            shared.work.notify_one();
            tell(&post, StatusCode::ACCEPTED, None)
        }
        Ok(Taken::Stands(post, why)) => {
            shared.metrics.deliveries_repeated.add(1);
            let in_hand = why == Why::InHand;
            let status = if in_hand { StatusCode::ACCEPTED } else { StatusCode::OK };
            tell(&post, status, (why == Why::Superseded).then_some("superseded"))
        }
        Ok(Taken::Unknown) => {
            shared.metrics.deliveries_unknown.add(1);
            tracing::error!(
                post.id = %trigger.post_id,
                post.revision = trigger.revision.0,
                "a delivery came for a post that was never staged here"
            );
            later("this post was never staged here")
        }
        Err(error) => later(&error.to_string()),
    }
}

/// Applies a delivery, or the backstop's own, to the ledger.
pub(crate) fn take_up(
    ledger: &mut LedgerWrite<'_>,
    trigger: Trigger,
    by: ClaimedBy,
    confidence: Confidence,
    now: UnixMillis,
) -> rusqlite::Result<Taken> {
    let Some(mut post) = post::get(ledger, trigger.post_id)? else { return Ok(Taken::Unknown) };
    let timing = match (post.due_at, post.not_after) {
        (Some(due), _) if now < due => Timing::Early,
        // What may have gone out already is looked for before it is called missed; and nothing is
        // by a clock that nobody confirms: the publisher asks X first.
        (_, Some(deadline)) if now > deadline && !post.look_first && confidence.may_end_posts() => {
            Timing::Late
        }
        _ => Timing::Due,
    };
    match apply(&mut post, Event::Deliver { revision: trigger.revision, timing }) {
        Ok(()) => {}
        Err(Why::NeverStaged) => return Ok(Taken::Unknown),
        Err(_) if crash::sabotaged("dedup") => {
            (post.state, post.live) = (DeliveryState::Claimed, 0);
        }
        Err(why) => return Ok(Taken::Stands(post, why)),
    }
    post.claimed_by = Some(by);
    post.claimed_at = Some(now);
    match post.state {
        DeliveryState::Waiting => {
            post.next_at = post.due_at;
            set_reason(&mut post, Code::Early, Code::Early.text());
        }
        DeliveryState::Expired => set_reason(&mut post, Code::Missed, Code::Missed.text()),
        _ => {
            post.next_at = Some(now);
            if by == ClaimedBy::Backstop {
                post.message = Some(
                    "No delivery came from the scheduler; the relay's own clock took it up."
                        .to_owned(),
                );
            }
        }
    }
    save(ledger, &mut post, now)?;
    Ok(Taken::Claimed(post))
}

fn tell(post: &Post, status: StatusCode, note: Option<&str>) -> Response {
    let body = json!({
        "postId": post.id,
        "revision": post.revision,
        "state": note.unwrap_or(post.state.as_str()),
        "tweetId": post.tweet_id,
        "until": post.until(),
    });
    (status, Json(body)).into_response()
}

async fn poison(shared: &Shared, body: Bytes, reason: &str, now: UnixMillis) -> Response {
    shared.metrics.poison.add(1);
    tracing::error!(reason, "a signed delivery can never parse; the scheduler is told to give up");
    let why = reason.to_owned();
    match shared.write("quarantine", move |c| quarantine::keep(c, &body, &why, now)).await {
        Ok(()) => never(reason),
        Err(error) => later(&error.to_string()),
    }
}
