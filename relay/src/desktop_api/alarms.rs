//! Where alarms go, and a test of it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use roost_relay_api::{AlarmTest, AlarmsStatus};

use super::auth::Device;
use crate::alarms;
use crate::shared::Shared;

pub(super) async fn status(State(shared): State<Arc<Shared>>, _: Device) -> Json<AlarmsStatus> {
    Json(alarms::status(&shared))
}

pub(super) async fn send_test(
    State(shared): State<Arc<Shared>>,
    Device(device): Device,
) -> Json<Vec<AlarmTest>> {
    tracing::info!(device, "a test of the alarms was asked for");
    Json(alarms::send_test(&shared).await)
}
