//! How the relay is, and the few switches it has.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::StoreId;
use roost_relay_api::{ClockDifferences, Coverage, OrderedPause, RelayStatus, Takeover};
use rusqlite::Connection;
use serde::Deserialize;

use super::auth::Device;
use super::error::{Body, No};
use crate::rows::post::{self, Wake};
use crate::rows::{account, app, event, relay, store_binding};
use crate::shared::Shared;
use crate::transitions::tell_account;

/// What a person settles with X, and then resumes.
const SETTLED_BY_RESUMING: &[Code] = &[
    Code::CreditsDepleted,
    Code::SpendCapReached,
    Code::AppNotEnrolled,
    Code::AppSuspended,
    Code::AccountSuspended,
];

/// What passes by itself, and may have passed already.
const PASSING: &[Code] = &[Code::XUnreachable, Code::XUnavailable, Code::UsageCapped];

/// What posts of an account that X held wait for.
const HELD: &[Code] =
    &[Code::RateLimited, Code::AccountLimited, Code::XUnreachable, Code::XUnavailable];

/// For whom the status is told.
#[derive(Default, Deserialize)]
pub(super) struct Ask {
    /// The store that asks whether its manifest is due; without it, whether one of the device's is.
    store: Option<StoreId>,
}

pub(super) async fn status(
    State(shared): State<Arc<Shared>>,
    device: Device,
    ask: Result<Query<Ask>, QueryRejection>,
) -> Result<Json<RelayStatus>, No> {
    let Query(ask) = ask.map_err(|error| No::invalid(error.body_text()))?;
    tell_status(&shared, device, ask).await
}

async fn tell_status(shared: &Shared, device: Device, ask: Ask) -> Result<Json<RelayStatus>, No> {
    let (now, dry_run) = (shared.now(), shared.config.dry_run);
    let overdue = now.minus(shared.config.pace.backstop_after);
    let mut status =
        shared.read("status", move |c| tell(c, &device, &ask, now, overdue, dry_run)).await?;
    status.clock_ahead_ms = shared.clock_skew.excessive_ms();
    status.clocks = Some(ClockDifferences {
        ahead_of_x_ms: shared.clock_skew.x_time().ahead_ms,
        ahead_of_scheduler_ms: shared.clock_skew.ahead_of_scheduler(),
    });
    Ok(Json(status))
}

pub(super) async fn pause(
    State(shared): State<Arc<Shared>>,
    device: Device,
    Body(OrderedPause { pause, order }): Body<OrderedPause>,
) -> Result<Json<RelayStatus>, No> {
    let (now, orders) = (shared.now(), Arc::clone(&shared.pauses));
    let changed = shared
        .write("pause", move |c| {
            // Asked here, where one change runs after the other.
            if !orders.is_newest(order, now) {
                return Ok(false);
            }
            if !pause.paused {
                post::wake(c, Wake::For(&[Code::Paused]), None, now)?;
                // Whoever resumes wants it tried.
                try_again(c, now)?;
            }
            relay::set_paused(c, pause.paused)
        })
        .await?;
    if changed {
        tracing::info!(paused = pause.paused, device = device.0, "the pause changed");
    }
    shared.work.notify_one();
    tell_status(&shared, device, Ask::default()).await
}

/// Tries at once whatever waits for X, an app or an account; a pause stays a pause.
pub(super) async fn try_now(
    State(shared): State<Arc<Shared>>,
    device: Device,
) -> Result<Json<RelayStatus>, No> {
    let now = shared.now();
    let woken = shared.write("try-now", move |c| try_again(c, now)).await?;
    tracing::info!(posts = woken, device = device.0, "what waits is tried now");
    shared.work.notify_one();
    tell_status(&shared, device, Ask::default()).await
}

/// Ends the holds of apps and accounts and wakes what waits for them. Returns how many posts that
/// are. A hold that is not over is told again by X's next answer.
fn try_again(connection: &Connection, now: UnixMillis) -> rusqlite::Result<usize> {
    app::release(connection)?;
    let mut woken = 0;
    for user in account::release(connection)? {
        woken += post::wake(connection, Wake::For(HELD), Some(&user), now)?;
    }
    for user in account::revive(connection, now)? {
        tell_account(connection, &user, now)?;
    }
    for codes in [SETTLED_BY_RESUMING, PASSING] {
        woken += post::wake(connection, Wake::For(codes), None, now)?;
    }
    Ok(woken)
}

pub(super) async fn coverage(
    State(shared): State<Arc<Shared>>,
    device: Device,
    Body(coverage): Body<Coverage>,
) -> Result<Json<RelayStatus>, No> {
    shared.write("coverage", move |c| relay::cover(c, coverage)).await?;
    tell_status(&shared, device, Ask::default()).await
}

pub(super) async fn take_over(
    State(shared): State<Arc<Shared>>,
    device: Device,
    Body(takeover): Body<Takeover>,
) -> Result<Json<RelayStatus>, No> {
    let (now, name) = (shared.now(), device.0.clone());
    shared
        .write("takeover", move |c| store_binding::take_over(c, takeover.store_id, &name, now))
        .await?;
    tracing::info!(store.id = %takeover.store_id, device = device.0, "a device took a store over");
    tell_status(&shared, device, Ask::default()).await
}

fn tell(
    connection: &Connection,
    device: &Device,
    ask: &Ask,
    now: UnixMillis,
    overdue: UnixMillis,
    dry_run: bool,
) -> rusqlite::Result<RelayStatus> {
    let relay = relay::row(connection)?;
    let (open, overdue) = counts(connection, overdue)?;
    Ok(RelayStatus {
        needs_manifest: match ask.store {
            Some(store) => !store_binding::is_introduced(connection, store)?,
            None => store_binding::needs_manifest(connection, &device.0, &relay.epoch)?,
        },
        epoch: relay.epoch,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        now,
        paused: relay.paused,
        dry_run,
        head: event::head(connection)?,
        open,
        overdue,
        covered_until: relay.covered_until,
        posts_beyond: relay.posts_beyond,
        clock_ahead_ms: None,
        clocks: None,
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
