//! Computers that may speak to the relay: let in by a one-time code, listed, sent away.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::{HeaderMap, StatusCode};
use roost_relay_api::{PairAnswer, PairRequest, PairedDevice, RefusalCode};

use super::auth::{Device, bearer};
use super::error::{ApiError, JsonBody};
use crate::client_address::{client_address, peer};
use crate::rows::admin_action::{self, What};
use crate::rows::device;
use crate::rows::pairing_code::{self, Redeemed};
use crate::shared::Shared;

/// Characters of a key that a computer chose for itself: 256 bits are 43 of them.
const KEY_MIN_CHARS: usize = 43;
const KEY_MAX_CHARS: usize = 200;

/// How a request to be let in came: the key that it wants to be known by, and from where.
pub(super) struct Stranger {
    key: [u8; 32],
    client: Option<std::net::IpAddr>,
}

impl FromRequestParts<Arc<Shared>> for Stranger {
    type Rejection = ApiError;

    /// Before the body is read: a stranger without a key, or over an open network, is heard no further.
    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        shared: &Arc<Shared>,
    ) -> Result<Self, ApiError> {
        let key = bearer(&parts.headers).filter(|key| {
            (KEY_MIN_CHARS..=KEY_MAX_CHARS).contains(&key.len())
                && key.bytes().all(|byte| byte.is_ascii_graphic())
        });
        let Some(key) = key.map(device::hash) else {
            shared.metrics.unauthorized.add(1);
            return Err(refused("a computer that wants in shows the key it is to be known by"));
        };
        if !is_private(parts, shared) {
            shared.metrics.unauthorized.add(1);
            return Err(refused(
                "pairing crosses no open network: reach the relay through TLS, or name the proxy \
                 that speaks it in trusted_proxies",
            ));
        }
        let client = client_address(parts, &shared.config.trusted_proxies);
        if shared.pairing_attempts.are_too_many(client, shared.now()) {
            return Err(ApiError::new(
                RefusalCode::TooManyAttempts,
                "too many codes were wrong; come again in a minute",
            ));
        }
        Ok(Self { key, client })
    }
}

/// Whether nobody on the way can read the request: the relay itself speaks TLS, or a proxy that it
/// knows did, or it never left this machine.
fn is_private(parts: &axum::http::request::Parts, shared: &Shared) -> bool {
    if shared.certificate().is_some() {
        return true;
    }
    let Some(peer) = peer(parts) else { return false };
    let trusted = &shared.config.trusted_proxies;
    let is_near = peer.is_loopback() || trusted.iter().any(|network| network.contains(peer));
    is_near && !was_open(&parts.headers)
}

/// A proxy that says that it was spoken to without TLS.
fn was_open(headers: &HeaderMap) -> bool {
    let told = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    told.is_some_and(|told| told.split(',').any(|one| one.trim().eq_ignore_ascii_case("http")))
}

fn refused(message: &str) -> ApiError {
    ApiError::new(RefusalCode::Unauthorized, message)
}

pub(super) async fn pair(
    State(shared): State<Arc<Shared>>,
    stranger: Stranger,
    JsonBody(request): JsonBody<PairRequest>,
) -> Result<Json<PairAnswer>, ApiError> {
    let Stranger { key, client } = stranger;
    let name = request.device.trim().to_owned();
    if !device::is_name(&name) {
        return Err(ApiError::invalid(device::NAME_RULE));
    }
    let (now, code, called) = (shared.now(), device::hash(&request.code), name.clone());
    let redeemed = shared
        .write("pair", move |write| {
            let redeemed = pairing_code::redeem(write, &code, &called, &key, now)?;
            if redeemed == Redeemed::LetIn {
                admin_action::note(write, &called, What::Paired, "", now)?;
            }
            Ok(redeemed)
        })
        .await?;
    match redeemed {
        Redeemed::LetIn => tracing::info!(device = name, "a computer was let in"),
        Redeemed::Again => tracing::info!(device = name, "a computer asked again to be let in"),
        Redeemed::NameTaken => {
            return Err(ApiError::invalid(format!(
                "a device named \"{name}\" exists already: choose another name; the link still holds"
            )));
        }
        Redeemed::NoSuchCode => {
            shared.pairing_attempts.failed(client, now);
            shared.metrics.unauthorized.add(1);
            tracing::warn!(?client, "a pairing code was wrong, over or used");
            return Err(refused(
                "the link is over, was used, or never was one: ask for another with `roost-relay pair`",
            ));
        }
    }
    let scheduler_token = shared.scheduler_token.get().map(|token| token.expose().to_owned());
    Ok(Json(PairAnswer { device: name, scheduler_token }))
}

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Device(asking): Device,
) -> Result<Json<Vec<PairedDevice>>, ApiError> {
    let known = shared.read("devices", device::list).await?;
    let of = |(name, added_at): (String, _)| {
        let this_one = name == asking;
        PairedDevice { name, added_at, this_one }
    };
    Ok(Json(known.into_iter().map(of).collect()))
}

pub(super) async fn revoke(
    State(shared): State<Arc<Shared>>,
    Device(asking): Device,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    let (gone, by, now) = (name.clone(), asking.clone(), shared.now());
    let removed = shared.write("revoke", move |write| {
        let removed = device::remove(write, &gone)?;
        if removed {
            admin_action::note(write, &by, What::DeviceRemoved, &gone, now)?;
        }
        Ok(removed)
    });
    if !removed.await? {
        let message = format!("there is no device named \"{name}\"");
        return Err(ApiError::new(RefusalCode::NotFound, message));
    }
    tracing::info!(device = name, by = asking, "a computer may not speak to the relay any more");
    Ok(StatusCode::NO_CONTENT)
}
