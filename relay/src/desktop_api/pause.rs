//! Pausing and resuming: everything, or one account.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_relay_api::{OrderedPause, RelayStatus};
use rusqlite::Connection;

use super::accounts::is_user_id;
use super::auth::Device;
use super::error::{ApiError, JsonBody};
use super::status::{StatusQuery, respond_with_status, retry_waiting};
use crate::rows::admin_action::{self, What};
use crate::rows::post::{self, Wake};
use crate::rows::{pause as rows, relay};
use crate::shared::Shared;

pub(super) async fn pause(
    State(shared): State<Arc<Shared>>,
    device: Device,
    JsonBody(OrderedPause { pause, order }): JsonBody<OrderedPause>,
) -> Result<Json<RelayStatus>, ApiError> {
    let (now, orders) = (shared.now(), Arc::clone(&shared.pauses));
    let by = device.0.clone();
    let changed = shared
        .write("pause", move |c| {
            // Asked here, where one change runs after the other.
            if !orders.is_newest(order, None, now) {
                return Ok(false);
            }
            if !pause.paused {
                post::wake(c, Wake::For(&[Code::Paused]), None, now)?;
                // Whoever resumes wants it tried.
                retry_waiting(c, now)?;
            }
            let changed = relay::set_paused(c, pause.paused)?;
            note(c, changed, pause.paused, &by, "", now)?;
            Ok(changed)
        })
        .await?;
    if changed {
        tracing::info!(paused = pause.paused, device = device.0, "the pause changed");
    }
    shared.work.notify_one();
    respond_with_status(&shared, device, StatusQuery::default()).await
}

/// Notes a pause or its end in the audit log.
fn note(
    connection: &Connection,
    changed: bool,
    paused: bool,
    by: &str,
    about: &str,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let what = if paused { What::Paused } else { What::Resumed };
    if changed { admin_action::note(connection, by, what, about, now) } else { Ok(()) }
}

/// Pauses or resumes one account, whether or not everything is paused and whether or not it is
/// signed in.
pub(super) async fn pause_account(
    State(shared): State<Arc<Shared>>,
    device: Device,
    Path(id): Path<String>,
    JsonBody(OrderedPause { pause, order }): JsonBody<OrderedPause>,
) -> Result<Json<RelayStatus>, ApiError> {
    if !is_user_id(&id) {
        return Err(ApiError::invalid("an X user id is a number of up to 19 digits"));
    }
    let (now, orders, user) = (shared.now(), Arc::clone(&shared.pauses), XUserId(id.clone()));
    let by = device.0.clone();
    let changed = shared
        .write("pause-account", move |c| {
            if !orders.is_newest(order, Some(&user), now) {
                return Ok(false);
            }
            if !pause.paused {
                post::wake(c, Wake::For(&[Code::AccountPaused]), Some(&user), now)?;
            }
            let changed = rows::set_account(c, &user, pause.paused, now)?;
            note(c, changed, pause.paused, &by, &user.0, now)?;
            Ok(changed)
        })
        .await?;
    if changed {
        tracing::info!(
            paused = pause.paused,
            account.id = id,
            device = device.0,
            "an account's pause changed"
        );
    }
    shared.work.notify_one();
    respond_with_status(&shared, device, StatusQuery::default()).await
}
