//! Is it really from our scheduler, for this address, with this body, now?

use std::sync::PoisonError;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use roost_qstash::signature::{MatchedKey, Refused};
use serde_json::json;

use crate::shared::Shared;

const SIGNATURE: &str = "upstash-signature";
/// Seconds after which the scheduler is to try again.
const AGAIN: HeaderValue = HeaderValue::from_static("30");

/// Verifies the raw body: nothing, when it is good, and otherwise the answer to give. Nothing is
/// written either way.
pub(super) fn turned_away(
    shared: &Shared,
    headers: &HeaderMap,
    body: &[u8],
    accepted_urls: &[String],
) -> Option<Response> {
    let mut given = headers.get_all(SIGNATURE).iter();
    let (Some(token), None) = (given.next(), given.next()) else {
        return Some(refuse(shared, "the signature is missing, or there are several"));
    };
    let Ok(token) = token.to_str() else {
        return Some(refuse(shared, "the signature is no text"));
    };
    let verifier = shared.verifier.read().unwrap_or_else(PoisonError::into_inner).clone();
    let Some(verifier) = verifier else {
        return Some(refuse(shared, "this relay was given no signing keys"));
    };
    let now = shared.now().0.div_euclid(1000);
    match verifier.verify_and_name_key(token, body, accepted_urls, now) {
        Ok((_, MatchedKey::Current)) => None,
        Ok((_, MatchedKey::Next)) => {
            shared.metrics.next_key_uses.add(1);
            None
        }
        Err(refused) => Some(answer(shared, &refused)),
    }
}

fn answer(shared: &Shared, refused: &Refused) -> Response {
    let Refused::ClockSkew { expired, .. } = refused else {
        return refuse(shared, &refused.to_string());
    };
    shared.metrics.clock_alarms.add(1);
    tracing::error!(%refused, "a delivery with a good signature came from another time");
    // A replayed delivery looks the same as a wrong clock; only one not expired may be good.
    if *expired { refuse(shared, &refused.to_string()) } else { later(&refused.to_string()) }
}

fn refuse(shared: &Shared, reason: &str) -> Response {
    shared.metrics.signatures_refused.add(1);
    tracing::warn!(reason, "a delivery without a good signature was refused");
    (StatusCode::UNAUTHORIZED, Json(json!({ "error": reason }))).into_response()
}

/// «Not now»: the scheduler tries again.
pub(super) fn later(reason: &str) -> Response {
    let body = Json(json!({ "error": reason }));
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, AGAIN)], body).into_response()
}

/// «Never»: the scheduler gives up.
pub(super) fn never(reason: &str) -> Response {
    // 489 is in the range of status codes.
    let status = StatusCode::from_u16(489).unwrap_or(StatusCode::BAD_REQUEST);
    let body = Json(json!({ "error": reason }));
    (status, [("Upstash-NonRetryable-Error", "true")], body).into_response()
}
