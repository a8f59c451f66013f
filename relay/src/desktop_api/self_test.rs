//! A test of the whole way of a delivery, and of the accounts' sign-ins. Nothing is posted.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use roost_core::id::PostId;
use roost_relay_api::{AccountProof, RefusalCode, SelfTest};
use serde::Deserialize;

use super::auth::Device;
use super::error::ApiError;
use crate::rows::account;
use crate::self_test::ProbeState;
use crate::shared::Shared;
use crate::tokens::prove;

/// The longest that one request waits for the delivery.
const WAIT_MAX: Duration = Duration::from_secs(25);

#[derive(Debug, Deserialize)]
pub(super) struct Wait {
    #[serde(default)]
    wait_ms: u64,
}

pub(super) async fn begin(
    State(shared): State<Arc<Shared>>,
    Device(device): Device,
) -> Json<SelfTest> {
    let probe = shared.self_tests.begin(shared.now());
    tracing::info!(device, "a computer tests the way of a delivery");
    Json(told(&shared, probe, ProbeState { arrival: None, refusal: None }))
}

pub(super) async fn result(
    State(shared): State<Arc<Shared>>,
    _: Device,
    Path(probe): Path<String>,
    wait: Result<Query<Wait>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<SelfTest>, ApiError> {
    let Query(wait) = wait.map_err(|error| ApiError::invalid(error.body_text()))?;
    let probe: PostId =
        probe.parse().map_err(|_| ApiError::invalid(format!("\"{probe}\" is no test")))?;
    let patience = Duration::from_millis(wait.wait_ms).min(WAIT_MAX);
    let state = tokio::select! {
        state = shared.self_tests.wait(probe, patience) => state,
        () = shared.stopping.cancelled() => shared.self_tests.state(probe),
    };
    let state = state.ok_or_else(|| {
        ApiError::new(RefusalCode::NotFound, "this test is over: the relay was started again")
    })?;
    Ok(Json(told(&shared, probe, state)))
}

fn told(shared: &Shared, probe: PostId, state: ProbeState) -> SelfTest {
    SelfTest {
        probe,
        now: shared.now(),
        accepted_urls: shared.delivery_urls.clone(),
        arrival: state.arrival,
        refusal: state.refusal,
    }
}

/// Asks X whether it takes each account's sign-in. X may bill each as one read.
pub(super) async fn prove_accounts(
    State(shared): State<Arc<Shared>>,
    Device(device): Device,
) -> Result<Json<Vec<AccountProof>>, ApiError> {
    tracing::info!(device, "a computer has the accounts' sign-ins proven");
    let rows = shared.read("prove-accounts", account::list).await?;
    let proofs = rows.into_iter().map(|row| {
        let shared = Arc::clone(&shared);
        async move {
            let (id, username) = (row.account.x_user_id, row.account.username);
            let reason = match (row.grant_sealed, shared.config.dry_run) {
                (_, true) => Some("This relay rehearses: X is not asked.".to_owned()),
                (None, _) => Some(row.account.message.unwrap_or_else(|| "Signed out.".to_owned())),
                (Some(_), _) => prove(&shared, &id).await.err(),
            };
            AccountProof { x_user_id: id, username, reason }
        }
    });
    Ok(Json(futures::future::join_all(proofs).await))
}
