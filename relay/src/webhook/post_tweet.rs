//! A delivery: a post is due. The answer waits for the disk and for nothing else.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use bytes::Bytes;
use roost_core::clock::UnixMillis;
use roost_relay_api::{ProbeArrival, Trigger};
use serde_json::json;

use super::verify::{Signed, later, never, signed};
use crate::audit_log;
use crate::ledger::Why;
use crate::rows::post::{ClaimedBy, Post};
use crate::rows::quarantine;
use crate::shared::Shared;
use crate::transitions::{Claim, claim};

pub(super) async fn deliver(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let signed = match signed(&shared, request, &shared.delivery_urls).await {
        Ok(signed) => signed,
        Err(answer) => return answer,
    };
    let Signed { headers, body, signed_at, by_next_key } = signed;
    shared.metrics.deliveries.add(1);
    let now = shared.now();
    if body.len() > super::TRIGGER_MAX_BYTES {
        let reason = format!("a delivery has at most {} bytes", super::TRIGGER_MAX_BYTES);
        return poison(&shared, body, &reason, now).await;
    }
    let trigger: Trigger = match serde_json::from_slice(&body) {
        Ok(trigger) => trigger,
        Err(error) => return poison(&shared, body, &error.to_string(), now).await,
    };
    let arrival = ProbeArrival { at: now, signed_at, by_next_key };
    if shared.self_tests.arrive(trigger.post_id, arrival) {
        return Json(json!({
            "postId": trigger.post_id,
            "revision": trigger.revision,
            "state": "self_test",
            "tweetId": null,
            "until": null,
        }))
        .into_response();
    }
    let confidence = shared.clock_skew.confidence(now);
    let cause = audit_log::message_id(&headers);
    let claimed = shared
        .write("deliver", move |c| {
            c.set_cause(cause);
            claim(c, trigger, ClaimedBy::Delivery, confidence, now)
        })
        .await;
    match claimed {
        Ok(Claim::Claimed(post)) => {
            shared.work.notify_one();
            tell(&post, StatusCode::ACCEPTED, None)
        }
        Ok(Claim::Unchanged(post, why)) => {
            shared.metrics.deliveries_repeated.add(1);
            let in_hand = why == Why::InHand;
            let status = if in_hand { StatusCode::ACCEPTED } else { StatusCode::OK };
            tell(&post, status, (why == Why::Superseded).then_some("superseded"))
        }
        Ok(Claim::Unknown) => {
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
