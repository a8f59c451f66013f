//! Updates of this program.

use roost_engine::api::Failure;
use tauri::{AppHandle, Manager as _};

use super::{Answer, Here};
use crate::instance;
use crate::ipc::{Event as _, specta};
use crate::start::Shell;
use crate::updates::{self, Installation, Place, UpdateOffer, UpdateState};

/// Returns how this program can be updated, and from where.
#[tauri::command]
#[specta]
pub(crate) fn update_state(app: AppHandle, shell: Here<'_>) -> Answer<UpdateState> {
    let state = shell.updates().state(&app, shell.data()?, &Installation::find());
    Ok(state.map_err(Failure::from)?)
}

/// Keeps where updates come from; two empty texts forget it. Nothing is asked of the address.
#[tauri::command]
#[specta]
pub(crate) fn keep_update_source(shell: Here<'_>, address: String, key: String) -> Answer<()> {
    Ok(updates::keep_source(shell.data()?, &address, &key).map_err(Failure::from)?)
}

/// Asks whether there is a newer version; none where this one is the newest.
#[tauri::command]
#[specta]
pub(crate) async fn check_for_update(
    app: AppHandle,
    shell: Here<'_>,
) -> Answer<Option<UpdateOffer>> {
    let offer = updates::check(&app, shell.data()?, &Installation::find()).await;
    Ok(offer.map_err(Failure::from)?)
}

/// Puts the newer version in the place of this program, once nothing is on its way. Returns the version,
/// which the next start uses.
#[tauri::command]
#[specta]
pub(crate) async fn install_update(app: AppHandle, shell: Here<'_>) -> Answer<String> {
    let shell = shell.inner();
    let installation = Installation::find();
    let at = Place {
        updates: shell.updates(),
        engine: shell.engine()?,
        data: shell.data()?,
        installation: &installation,
    };
    let tell = |stage: updates::UpdateStage| {
        if let Err(error) = stage.emit(&app) {
            tracing::warn!(%error, "the window could not be told of an update");
        }
    };
    let installed = updates::install(&app, at, tell, || shell.rest(), || shell.go_on()).await;
    Ok(installed.map_err(Failure::from)?)
}

/// Gives up the update that is under way.
#[tauri::command]
#[specta]
pub(crate) fn cancel_update(shell: Here<'_>) {
    shell.updates().cancel();
}

/// Starts the newer version that is in place, unless something is on its way.
#[tauri::command]
#[specta]
pub(crate) async fn start_updated(app: AppHandle, shell: Here<'_>) -> Answer<()> {
    updates::may_start_again(shell.engine()?).await.map_err(Failure::from)?;
    app.state::<Shell>().stop().await;
    instance::start_again(&app);
    Ok(())
}
