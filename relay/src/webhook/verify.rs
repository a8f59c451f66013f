//! Is it really from our scheduler, for this address, with this body, now?

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use bytes::Bytes;
use futures::StreamExt;
use roost_core::clock::UnixMillis;
use roost_qstash::signature::{MatchedKey, Refused, Verifier};
use roost_relay_api::RefusedFor;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::clock_check::Confidence;
use crate::shared::Shared;
use crate::x_time_request;

const SIGNATURE: &str = "upstash-signature";
/// A callback carries a whole answer of ours and its headers, and the message in base64.
const BODY_MAX_BYTES: usize = 2 * 1024 * 1024;
/// Bodies that are being read, in the whole program.
static BODIES: Semaphore = Semaphore::const_new(64);
/// How long a body may take, and how long it may wait for its turn before.
const BODY_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a client whose signature is not ours may go on sending.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(1);
/// Seconds after which the scheduler is to try again.
const AGAIN: HeaderValue = HeaderValue::from_static("30");

/// A request that is really from our scheduler.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// When the scheduler signed it, by its clock.
    pub(super) signed_at: UnixMillis,
    /// Whether the next key did.
    pub(super) by_next_key: bool,
}

/// The headers and the raw body of a request that is really from our scheduler; otherwise the
/// answer to give. Nothing is written either way. Of a stranger's request no byte of the body is
/// kept: who made the signature is asked before.
pub(super) async fn signed(
    shared: &Arc<Shared>,
    request: Request,
    accepted_urls: &[String],
) -> Result<Signed, Response> {
    let (parts, body) = request.into_parts();
    let (verifier, token) = match maker(shared, &parts.headers) {
        Ok(found) => found,
        Err((kind, reason)) => {
            drain(body).await;
            return Err(refuse(shared, kind, &reason));
        }
    };
    let body = read(body).await?;
    let now = shared.now().0.div_euclid(1000);
    match verifier.verify_and_name_key(token, &body, accepted_urls, now) {
        Ok((claims, key)) => {
            shared.clock_skew.observe_scheduler(now, claims.iat);
            let by_next_key = key == MatchedKey::Next;
            if by_next_key {
                shared.metrics.next_key_uses.add(1);
            }
            let signed_at = UnixMillis(claims.iat.saturating_mul(1000));
            Ok(Signed { headers: parts.headers, body, signed_at, by_next_key })
        }
        Err(refused) => Err(answer(shared, &refused).await),
    }
}

/// The signature, and who can judge it; one of its keys made it.
fn maker<'h>(
    shared: &Shared,
    headers: &'h HeaderMap,
) -> Result<(Verifier, &'h str), (RefusedFor, String)> {
    let token = token(headers).map_err(|reason| (RefusedFor::Other, reason.to_owned()))?;
    let verifier = shared.signing_keys.verifier(shared.now());
    let no_keys = || (RefusedFor::NoKeys, "this relay was given no signing keys".to_owned());
    let verifier = verifier.ok_or_else(no_keys)?;
    verifier.is_made_by_us(token).map_err(|refused| (kind_of(&refused), refused.to_string()))?;
    Ok((verifier, token))
}

/// The one signature.
fn token(headers: &HeaderMap) -> Result<&str, &'static str> {
    let mut given = headers.get_all(SIGNATURE).iter();
    let (Some(token), None) = (given.next(), given.next()) else {
        return Err("the signature is missing, or there are several");
    };
    token.to_str().map_err(|_| "the signature is no text")
}

/// Reads and drops the body of a refused request for a moment: a client that is still sending does not read
/// the answer.
async fn drain(body: Body) {
    let mut pieces = body.into_data_stream();
    let mut taken = 0;
    let dropping = async {
        while let Some(Ok(piece)) = pieces.next().await {
            taken += piece.len();
            if taken > BODY_MAX_BYTES {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIME_MAX, dropping).await;
}

/// Reads a body: a few at a time, and none for long.
async fn read(body: Body) -> Result<Bytes, Response> {
    let Ok(_turn) = tokio::time::timeout(BODY_TIME_MAX, BODIES.acquire()).await else {
        return Err(later("too many deliveries at once"));
    };
    match tokio::time::timeout(BODY_TIME_MAX, axum::body::to_bytes(body, BODY_MAX_BYTES)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) => {
            let error = Json(json!({ "error": error.to_string() }));
            Err((StatusCode::PAYLOAD_TOO_LARGE, error).into_response())
        }
        Err(_) => Err(later("the body did not come in time")),
    }
}

async fn answer(shared: &Arc<Shared>, refused: &Refused) -> Response {
    let Refused::ClockSkew { expired, issued_at, now } = refused else {
        return refuse(shared, kind_of(refused), &refused.to_string());
    };
    if issued_at > now {
        shared.clock_skew.observe_scheduler(*now, *issued_at);
    }
    shared.metrics.clock_alarms.add(1);
    shared.self_tests.refused(RefusedFor::Clock, &refused.to_string(), shared.now());
    shared.clock_skew.suspect(shared.now());
    tracing::error!(%refused, "a delivery with a good signature came from another time");
    if !expired {
        return later(&refused.to_string());
    }
    // An old delivery that somebody sends again looks the same as a clock that is ahead. X knows:
    // when it agrees with this clock the token is over for good; when it does not, or can't be asked,
    // the scheduler is to come again. Neither writes anything.
    x_time_request::check_now(shared).await;
    match shared.clock_skew.confidence(shared.now()) {
        Confidence::Confirmed => refuse(shared, RefusedFor::Clock, &refused.to_string()),
        Confidence::Unchecked | Confidence::Unanswered { .. } | Confidence::Contradicted { .. } => {
            later(&refused.to_string())
        }
    }
}

/// For what a delivery is refused.
const fn kind_of(refused: &Refused) -> RefusedFor {
    match refused {
        Refused::Key => RefusedFor::Key,
        Refused::Url { .. } => RefusedFor::Url,
        Refused::ClockSkew { .. } | Refused::Expired { .. } | Refused::NotYetValid { .. } => {
            RefusedFor::Clock
        }
        _ => RefusedFor::Other,
    }
}

fn refuse(shared: &Shared, kind: RefusedFor, reason: &str) -> Response {
    shared.metrics.signatures_refused.add(1);
    shared.self_tests.refused(kind, reason, shared.now());
    tracing::warn!(reason, "a delivery without a good signature was refused");
    (StatusCode::UNAUTHORIZED, Json(json!({ "error": reason }))).into_response()
}

/// "Not now": the scheduler tries again.
pub(super) fn later(reason: &str) -> Response {
    let body = Json(json!({ "error": reason }));
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, AGAIN)], body).into_response()
}

/// "Never": the scheduler gives up.
pub(super) fn never(reason: &str) -> Response {
    // 489 is in the range of status codes.
    let status = StatusCode::from_u16(489).unwrap_or(StatusCode::BAD_REQUEST);
    let body = Json(json!({ "error": reason }));
    (status, [("Upstash-NonRetryable-Error", "true")], body).into_response()
}
