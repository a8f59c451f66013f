//! Whose deliveries the relay takes: asked for, told, and the token of the scheduler inside it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use roost_relay_api::{RefusalCode, SchedulerKeys, SchedulerState, SchedulerToken};

use super::auth::Device;
use super::error::{ApiError, JsonBody};
use crate::config::{QstashKeys, Secret};
use crate::rows::admin_action::{self, What};
use crate::rows::scheduler_keys;
use crate::shared::Shared;
use crate::tokens::seal_scheduler_keys;

/// Characters of a signing key, at the most; QStash's have 32.
const KEY_MAX_CHARS: usize = 200;

pub(super) async fn state(State(shared): State<Arc<Shared>>, _: Device) -> Json<SchedulerState> {
    Json(state_of(&shared))
}

fn state_of(shared: &Shared) -> SchedulerState {
    SchedulerState {
        own: shared.scheduler_token.get().is_some(),
        keys: shared.signing_keys.digests(),
    }
}

/// Takes the keys that a computer asked QStash for. They are on disk before they count, so that a
/// restart forgets none that the answer called known.
pub(super) async fn take_keys(
    State(shared): State<Arc<Shared>>,
    Device(device): Device,
    JsonBody(keys): JsonBody<SchedulerKeys>,
) -> Result<Json<SchedulerState>, ApiError> {
    let is_key = |key: &str| {
        (1..=KEY_MAX_CHARS).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if !is_key(&keys.current) || !is_key(&keys.next) {
        return Err(ApiError::invalid("a signing key has letters, digits and signs, and no space"));
    }
    let sealed = seal_scheduler_keys(&shared.vault, &keys)
        .map_err(|error| ApiError::new(RefusalCode::Unavailable, error.to_string()))?;
    let (by, now) = (device.clone(), shared.now());
    shared
        .write("scheduler_keys", move |write| {
            scheduler_keys::set(write, &sealed, &by, now)?;
            admin_action::note(write, &by, What::SchedulerKeysSent, "", now)
        })
        .await?;
    let keys = QstashKeys { current: Secret::new(keys.current), next: Secret::new(keys.next) };
    shared.signing_keys.set_sent(keys, now);
    tracing::info!(device, "a computer sent the signing keys of its scheduler");
    Ok(Json(state_of(&shared)))
}

pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    _: Device,
) -> Result<Json<SchedulerToken>, ApiError> {
    let token = shared.scheduler_token.get().ok_or_else(|| {
        ApiError::new(
            RefusalCode::NotFound,
            "no scheduler runs inside this relay: embedded_scheduler is off in its configuration",
        )
    })?;
    Ok(Json(SchedulerToken { token: token.expose().to_owned() }))
}
