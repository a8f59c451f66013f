//! `/healthz` and `/readyz` for all, the latter with detail, and `/metrics`, with a device key, or asked from this machine itself.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Version, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use roost_core::clock::UnixMillis;
use roost_listener::CertificateStatus;
use serde_json::json;

use crate::desktop_api::{Device, counts};
use crate::metrics::{gauge, gauges};
use crate::readiness::Readiness;
use crate::rows::{event, manifest_epoch, post, relay};
use crate::shared::Shared;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
}

/// The process lives and can write its ledger: what a supervisor restarts it for. Whether posts
/// would go out is another question.
async fn healthz(State(shared): State<Arc<Shared>>) -> Response {
    let ill = |status: &str| {
        (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": status }))).into_response()
    };
    if let Err(reason) = shared.write_check.run(&shared.database).await {
        return ill(&format!("the database can't be written: {reason}"));
    }
    match shared.read("healthz", relay::row).await {
        // The publisher beats; without it deliveries are taken and nothing goes out.
        Ok(row) if shared.now().since(row.heartbeat_at) > shared.config.pace.gap => {
            ill("the publisher does not run")
        }
        Ok(_) => {
            Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })).into_response()
        }
        Err(_) => ill("no database"),
    }
}

/// A post that is due would be delivered now. Strangers hear yes or no; why not, and of whom, is
/// for a device key and for this machine itself.
async fn readyz(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let readiness = Readiness::of(&shared).await;
    let ready = readiness.is_ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let knows = is_known(&shared, &request.into_parts().0).await;
    let body = if knows {
        json!({
            "ready": ready,
            "paused": readiness.paused,
            "findings": readiness.findings,
            "accounts": readiness.accounts,
        })
    } else {
        json!({ "ready": ready })
    };
    (status, Json(body)).into_response()
}

async fn metrics(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    if !may_look(&shared, &request.into_parts().0).await {
        return (StatusCode::UNAUTHORIZED, "a device key is needed\n").into_response();
    }
    let now = shared.now();
    let overdue = now.minus(shared.config.pace.backstop_after);
    let in_hand = shared.rate_limiter.in_flight();
    let ahead_ms = shared.clock_skew.x_time().ahead_ms.unwrap_or(0);
    let gauges = shared
        .read("metrics", move |c| {
            let (open, late) = counts(c, overdue)?;
            let relay = relay::row(c)?;
            let age = |since: UnixMillis| now.since(since).as_secs();
            let oldest = post::oldest_overdue(c, overdue)?.map_or(0, age);
            let waiting = post::waiting(c)?;
            Ok([
                gauge("open", "Posts not decided.", open),
                gauge("overdue", "Posts late without a reason to wait. An alarm.", late),
                gauge("oldest_overdue_seconds", "How late the oldest of them is.", oldest),
                gauges("waiting_posts", "Posts that wait, by reason.", "reason", &waiting),
                gauge("parked_posts", "Posts that a person has to decide.", post::parked(c)?),
                gauge(
                    "stores_awaited",
                    "Stores whose desktop has to tell first what it knows; their posts rest.",
                    manifest_epoch::count_missing(c)?,
                ),
                gauge("resting_posts", "Due posts of those stores.", post::resting(c)?),
                gauge(
                    "clock_ahead_seconds",
                    "This clock minus X's, when last compared. Beyond 60 either way an alarm.",
                    ahead_ms / 1000,
                ),
                gauge("in_hand", "Posts that are being sent or looked for.", in_hand),
                gauge("paused", "Whether everything is paused.", u8::from(relay.paused)),
                gauge("feed_head", "The newest event.", event::head(c)?),
                gauge("heartbeat_seconds", "The last heartbeat.", relay.heartbeat_at.0 / 1000),
                gauge(
                    "heartbeat_age_seconds",
                    "Since the last heartbeat. Minutes are an alarm.",
                    age(relay.heartbeat_at),
                ),
            ]
            .concat())
        })
        .await;
    match gauges {
        Ok(gauges) => {
            let certificate =
                shared.certificate().map(|status| certificate(&status, now)).unwrap_or_default();
            let text = shared.metrics.text() + &gauges + &certificate;
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
        }
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

/// The certificate of a relay that speaks TLS by itself.
fn certificate(status: &CertificateStatus, now: UnixMillis) -> String {
    let left = status.until_ms.map_or(0, |until| until.saturating_sub(now.0).max(0) / 1000);
    [
        gauge(
            "certificate_seconds_left",
            "How long the TLS certificate still holds; 0 without one.",
            left,
        ),
        gauge(
            "certificate_alarm",
            "1 when there is no TLS certificate, or it ends soon and was not renewed. An alarm.",
            u8::from(status.alarm(now.0).is_some()),
        ),
        gauge("certificates_deployed", "TLS certificates in use since the start.", status.renewals),
        gauge("certificate_failures", "Attempts to get one that failed.", status.failures),
    ]
    .concat()
}

/// Whether the request may see how the relay works inside: it carries a device key, or comes from
/// this machine itself.
pub(crate) async fn may_look(shared: &Shared, request: &Parts) -> bool {
    let known = is_known(shared, request).await;
    if !known {
        shared.metrics.unauthorized.add(1);
    }
    known
}

async fn is_known(shared: &Shared, request: &Parts) -> bool {
    is_local(request) || matches!(Device::find(&request.headers, shared).await, Ok(Some(_)))
}

/// Whether the request comes from this machine, and not through a proxy on it. A proxy betrays
/// itself by what it adds, by the name it was asked under, or by speaking HTTP/1.0, as nginx does
/// unless told otherwise.
fn is_local(request: &Parts) -> bool {
    let proxied = |headers: &HeaderMap| {
        ["forwarded", "x-forwarded-for", "x-real-ip", "via"]
            .iter()
            .any(|name| headers.contains_key(*name))
    };
    request
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .is_some_and(|ConnectInfo(address)| address.ip().is_loopback())
        && request.version > Version::HTTP_10
        && names_this_machine(request)
        && !proxied(&request.headers)
}

/// Whether the request was made to an address that exists on this machine only.
fn names_this_machine(request: &Parts) -> bool {
    let host = request.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let named = host.and_then(|host| host.parse::<Authority>().ok());
    let Some(named) = named.as_ref().or(request.uri.authority()) else { return false };
    let name = named.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
