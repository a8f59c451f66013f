//! The check of the whole file, once a day. A start after a clean end reads little of it, and what a
//! disk changes by itself leaves no trace; so whatever works for long reads all of it now and then,
//! beside its work, and says what it finds.

use std::sync::Arc;
use std::time::Duration;

use roost_core::failure::Code;
use roost_core::notice::Headline;
use roost_store::{Error as StoreError, NewNotification};

use crate::state::EngineState;
use crate::view::Trouble;
use crate::{Change, Result};

/// Between two checks of a file.
const EVERY: Duration = Duration::from_hours(24);
/// After a check that could not be made.
const AGAIN: Duration = Duration::from_hours(1);

/// Checks the file in the background when its last check is a day old. Returns at once.
pub(crate) fn begin_if_due(engine: &Arc<EngineState>) {
    if take_turn(engine) {
        let engine = engine.clone();
        tokio::spawn(async move {
            if let Err(error) = check(&engine).await {
                tracing::warn!(%error, "the whole store could not be checked");
            }
        });
    }
}

/// The same for a command that ends: waits for the check.
pub(crate) async fn check_if_due(engine: &Arc<EngineState>) -> Result<()> {
    if take_turn(engine) {
        return check(engine).await;
    }
    Ok(())
}

/// Whether a check is due, and this caller is the one to make it.
fn take_turn(engine: &EngineState) -> bool {
    let now = engine.now();
    let mut health = engine.file_health();
    if health.is_being_read || health.next_at.is_some_and(|at| now < at) {
        return false;
    }
    let checked_at = engine.store.checked_at();
    // A clock that was set back makes no check of the future count.
    let is_due = now.since(checked_at) >= EVERY || checked_at > now.plus(EVERY);
    health.is_being_read = is_due;
    is_due
}

/// Reads the whole file, and says what it finds: in the status, and once as a notice.
///
/// # Errors
/// When it is damaged, or can't be read.
pub(crate) async fn check(engine: &EngineState) -> Result<()> {
    let store = engine.store.clone();
    let checked = engine.blocking(move || Ok(store.check()?)).await;
    let damage = match &checked {
        Ok(()) => None,
        Err(crate::Error::Store(error @ StoreError::Damaged { .. })) => {
            Some(Trouble::new(Code::DatabaseDamaged, error.to_string()))
        }
        // Not looked at is not sound: what was known stays.
        Err(_) => engine.file_health().damage.clone(),
    };
    let wait = if matches!(checked, Err(crate::Error::Store(StoreError::Damaged { .. }))) {
        EVERY
    } else {
        AGAIN
    };
    let is_news = {
        let mut health = engine.file_health();
        health.is_being_read = false;
        health.next_at = Some(engine.now().plus(wait));
        std::mem::replace(&mut health.damage, damage.clone()) != damage
    };
    if is_news {
        engine.publish(Change::Sync);
        if let Some(damage) = damage {
            notify(engine, damage).await;
        }
    }
    checked
}

/// A damaged file may take no notice; the status says it all the same.
async fn notify(engine: &EngineState, damage: Trouble) {
    tracing::error!("{}", damage.message);
    let noted = engine
        .write("file_check.damaged", move |store| {
            Ok(store.notify(&NewNotification {
                key: format!("{}:{}", damage.code, store.now().0),
                kind: "store".to_owned(),
                post_id: None,
                account: None,
                cause: None,
                title: Headline::FileDamaged.to_string(),
                body: damage.message,
            })?)
        })
        .await;
    match noted {
        Ok(_) => engine.publish(Change::Notices),
        Err(error) => tracing::error!(%error, "a notice could not be written"),
    }
}
