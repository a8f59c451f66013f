//! A backup of the store once a day, beside the work. A damaged disk, a slip of the hand that was
//! noticed late and a failed update then cost a day at most.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::notice::Headline;
use roost_store::{Backup, NewNotification, backups};

use crate::diagnosis::disk;
use crate::state::EngineState;
use crate::{Change, Result};

/// Between two backups.
const EVERY: Duration = Duration::from_hours(24);
/// Between two looks whether one is due.
const AGAIN: Duration = Duration::from_hours(1);

/// Makes a backup in the background when the newest one is a day old. Returns at once.
pub(crate) fn begin_if_due(engine: &Arc<EngineState>) {
    if take_turn(engine) {
        let engine = engine.clone();
        tokio::spawn(async move { make_if_due(&engine).await });
    }
}

/// The same for a command that ends: waits for the backup.
pub(crate) async fn wait_if_due(engine: &EngineState) {
    if take_turn(engine) {
        make_if_due(engine).await;
    }
}

/// Returns whether the folder of backups is to be looked at now; then nobody else does for an hour.
fn take_turn(engine: &EngineState) -> bool {
    let now = engine.now();
    let mut health = engine.file_health();
    if health.damage.is_some() {
        // Copies of a damaged file would take the place of good ones.
        return false;
    }
    // A clock that was set back does not put it off for longer than that.
    let is_waiting = health.next_backup_look.is_some_and(|at| now < at && at <= now.plus(AGAIN));
    if !is_waiting {
        health.next_backup_look = Some(now.plus(AGAIN));
    }
    !is_waiting
}

async fn make_if_due(engine: &EngineState) {
    match try_make(engine).await {
        Ok(None) => {}
        Ok(Some(made)) => tracing::info!(bytes = made.bytes, "a backup of the store was made"),
        Err(error) => {
            tracing::warn!(%error, "the daily backup could not be made");
            notify(engine, &error.to_string()).await;
        }
    }
}

/// Makes a backup if one is due, and returns it. An empty store needs none.
async fn try_make(engine: &EngineState) -> Result<Option<Backup>> {
    let Some(path) = engine.store.path().map(std::path::Path::to_owned) else { return Ok(None) };
    let newest = engine.blocking(move || Ok(backups(path)?.into_iter().next())).await?;
    if newest.as_ref().is_some_and(|newest| !is_old(newest.made_at, engine.now())) {
        return Ok(None);
    }
    if engine.read(|store| Ok(store.status_counts(None)?.total())).await? == 0 {
        return Ok(None);
    }
    disk::require_room_for_backup(engine).await?;
    let store = engine.store.clone();
    Ok(Some(engine.blocking(move || Ok(store.backup()?)).await?))
}

/// Returns whether a backup is a day old. One of the future, made before a clock was set back, is.
fn is_old(made_at: UnixMillis, now: UnixMillis) -> bool {
    now.since(made_at) >= EVERY || made_at > now.plus(EVERY)
}

/// Says so to the person, once a day at most.
async fn notify(engine: &EngineState, reason: &str) {
    let body = format!(
        "{reason} Roost tries again within the hour. Your posts and their schedule are not touched by \
         this."
    );
    let day = engine.now().0.div_euclid(i64::try_from(EVERY.as_millis()).unwrap_or(i64::MAX));
    let noted = engine
        .write("daily_backup.failed", move |store| {
            Ok(store.notify(&NewNotification {
                key: format!("daily_backup:{day}"),
                kind: "store".to_owned(),
                post_id: None,
                account: None,
                cause: None,
                title: Headline::NoBackup.to_string(),
                body,
            })?)
        })
        .await;
    match noted {
        Ok(_) => engine.publish(Change::Notices),
        Err(error) => tracing::error!(%error, "a notice could not be written"),
    }
}
