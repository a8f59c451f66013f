//! How the relay is, and the few switches it has.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::StoreId;
use roost_core::post::Part;
use roost_relay_api::{ClockDifferences, Coverage, RelayStatus, Takeover};
use rusqlite::Connection;
use serde::Deserialize;

use super::auth::Device;
use super::error::{ApiError, JsonBody};
use crate::ledger_write::LedgerWrite;
use crate::rows::admin_action::{self, What};
use crate::rows::post::{self, Wake};
use crate::rows::{account, app, event, manifest_epoch, media_upload, pause, relay, store_binding};
use crate::shared::Shared;
use crate::transitions::emit_account;

/// What a person settles with X, and then resumes.
const SETTLED_BY_RESUMING: &[Code] = &[
    Code::CreditsDepleted,
    Code::SpendCapReached,
    Code::AppNotEnrolled,
    Code::AppSuspended,
    Code::AccountSuspended,
];

/// What passes by itself, and may have passed already.
const PASSING: &[Code] = &[
    Code::XUnreachable,
    Code::XUnavailable,
    Code::UsageCapped,
    Code::MediaUnavailable,
    Code::MediaMissing,
];

/// What posts of an account that X held wait for.
const HELD_BY_X: &[Code] =
    &[Code::RateLimited, Code::AccountLimited, Code::XUnreachable, Code::XUnavailable];

/// For whom the status is told.
#[derive(Default, Deserialize)]
pub(super) struct StatusQuery {
    /// The store that asks whether its manifest is due; without it, whether one of the device's is.
    store: Option<StoreId>,
}

pub(super) async fn status(
    State(shared): State<Arc<Shared>>,
    device: Device,
    query: Result<Query<StatusQuery>, QueryRejection>,
) -> Result<Json<RelayStatus>, ApiError> {
    let Query(query) = query.map_err(|error| ApiError::invalid(error.body_text()))?;
    respond_with_status(&shared, device, query).await
}

pub(super) async fn respond_with_status(
    shared: &Shared,
    device: Device,
    query: StatusQuery,
) -> Result<Json<RelayStatus>, ApiError> {
    let (now, dry_run) = (shared.now(), shared.config.dry_run);
    let overdue = now.minus(shared.config.pace.backstop_after);
    let mut status = shared
        .read("status", move |c| build_status(c, &device, &query, now, overdue, dry_run))
        .await?;
    status.media = Some(shared.media.space());
    status.clock_ahead_ms = shared.clock_skew.excessive_ms();
    status.clocks = Some(ClockDifferences {
        ahead_of_x_ms: shared.clock_skew.x_time().ahead_ms,
        ahead_of_scheduler_ms: shared.clock_skew.ahead_of_scheduler(),
    });
    Ok(Json(status))
}

/// Tries at once whatever waits for X, an app or an account; a pause stays a pause.
pub(super) async fn try_now(
    State(shared): State<Arc<Shared>>,
    device: Device,
) -> Result<Json<RelayStatus>, ApiError> {
    let now = shared.now();
    let woken = shared.write("try-now", move |c| retry_waiting(c, now)).await?;
    tracing::info!(posts = woken, device = device.0, "what waits is tried now");
    shared.work.notify_one();
    respond_with_status(&shared, device, StatusQuery::default()).await
}

/// Ends the holds of apps and accounts and wakes what waits for them. Returns how many posts that
/// are. A hold that is not over is told again by X's next answer.
pub(super) fn retry_waiting(
    ledger: &mut LedgerWrite<'_>,
    now: UnixMillis,
) -> rusqlite::Result<usize> {
    app::release(ledger)?;
    media_upload::retry(ledger)?;
    let mut woken = 0;
    for user in account::release(ledger)? {
        woken += post::wake(ledger, Wake::For(HELD_BY_X), Some(&user), now)?;
    }
    for user in account::revive(ledger, now)? {
        emit_account(ledger, &user, now)?;
    }
    for codes in [SETTLED_BY_RESUMING, PASSING] {
        woken += post::wake(ledger, Wake::For(codes), None, now)?;
    }
    Ok(woken)
}

pub(super) async fn coverage(
    State(shared): State<Arc<Shared>>,
    device: Device,
    JsonBody(coverage): JsonBody<Coverage>,
) -> Result<Json<RelayStatus>, ApiError> {
    let now = shared.now();
    shared.write("coverage", move |c| relay::cover(c, coverage, now)).await?;
    respond_with_status(&shared, device, StatusQuery::default()).await
}

pub(super) async fn take_over(
    State(shared): State<Arc<Shared>>,
    device: Device,
    JsonBody(takeover): JsonBody<Takeover>,
) -> Result<Json<RelayStatus>, ApiError> {
    let (now, name) = (shared.now(), device.0.clone());
    shared
        .write("takeover", move |c| {
            let store = takeover.store_id.to_string();
            admin_action::note(c, &name, What::TakenOver, &store, now)?;
            store_binding::take_over(c, takeover.store_id, &name, now)
        })
        .await?;
    tracing::info!(store.id = %takeover.store_id, device = device.0, "a device took a store over");
    respond_with_status(&shared, device, StatusQuery::default()).await
}

fn build_status(
    connection: &Connection,
    device: &Device,
    query: &StatusQuery,
    now: UnixMillis,
    overdue: UnixMillis,
    dry_run: bool,
) -> rusqlite::Result<RelayStatus> {
    let relay = relay::row(connection)?;
    let (open, overdue) = counts(connection, overdue)?;
    Ok(RelayStatus {
        needs_manifest: match query.store {
            Some(store) => !manifest_epoch::is_complete(connection, store)?,
            None => manifest_epoch::is_due_from(connection, &device.0, &relay.epoch)?,
        },
        epoch: relay.epoch,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        now,
        paused: relay.paused,
        paused_accounts: pause::accounts(connection)?,
        dry_run,
        head: event::head(connection)?,
        open,
        overdue,
        covered_until: relay.covered_until,
        posts_beyond: relay.posts_beyond,
        clock_ahead_ms: None,
        clocks: None,
        part_fields: Part::field_names(),
        sent_fields: Part::sent_field_names(),
        follow_ups: true,
        media: None,
    })
}

/// Posts not decided, and those of them that are late without a reason to wait.
pub(crate) fn counts(connection: &Connection, overdue: UnixMillis) -> rusqlite::Result<(u64, u64)> {
    connection
        .prepare_cached(
            "SELECT (SELECT count(*) FROM post WHERE state IN ('staged', 'claimed', 'waiting'))
                  + (SELECT count(*) FROM post WHERE state = 'sending')
                  + (SELECT count(*) FROM post
                      WHERE state IN ('claimed', 'waiting', 'unknown') AND state = 'unknown'),
                    (SELECT count(*) FROM post
                      WHERE state IN ('staged', 'claimed', 'waiting') AND state <> 'waiting'
                        AND due_at < ?1)",
        )?
        .query_row([overdue.0], |row| {
            Ok((row.get::<_, u32>(0)?.into(), row.get::<_, u32>(1)?.into()))
        })
}
