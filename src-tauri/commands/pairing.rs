//! Pairing with a relay, and leaving one.

use tauri::{AppHandle, Manager as _};

use super::{Answer, Here};
use crate::ipc::specta;
use crate::pairing::{self, PairRequest, PairedWith, PairingOffer, PairingState};
use crate::start::Shell;
use crate::{deep_link, instance};

/// Returns which relay this data folder is paired with.
#[tauri::command]
#[specta]
pub(crate) fn pairing_state(shell: Here<'_>) -> Answer<PairingState> {
    Ok(pairing::state(shell.data()?)?)
}

/// Returns what a pairing link names. Nothing is asked of the relay.
#[tauri::command]
#[specta]
pub(crate) async fn describe_pairing_link(shell: Here<'_>, link: String) -> Answer<PairingOffer> {
    Ok(pairing::describe(shell.engine()?, shell.data()?, &link).await?)
}

/// Pairs, as the person confirmed it.
#[tauri::command]
#[specta]
pub(crate) async fn pair(shell: Here<'_>, request: PairRequest) -> Answer<PairedWith> {
    let (engine, data) = (shell.engine()?, shell.data()?);
    shell.rest().await;
    let paired = pairing::pair(engine, data, shell.pairing(), &request).await;
    if paired.is_err() {
        shell.go_on();
    }
    Ok(paired?)
}

/// Leaves the relay for this computer.
#[tauri::command]
#[specta]
pub(crate) async fn unpair(shell: Here<'_>, old_relay_is_gone: bool) -> Answer<()> {
    let (engine, data) = (shell.engine()?, shell.data()?);
    shell.rest().await;
    let left = pairing::unpair(engine, data, old_relay_is_gone).await;
    if left.is_err() {
        shell.go_on();
    }
    Ok(left?)
}

/// Has QStash at this address call the relay, with this token. Returns what could not be done yet.
#[tauri::command]
#[specta]
pub(crate) async fn keep_scheduler_token(
    shell: Here<'_>,
    token: String,
    url: Option<String>,
) -> Answer<Option<String>> {
    Ok(pairing::keep_scheduler_token(shell.engine()?, shell.data()?, token, url).await?)
}

/// Has the scheduler inside the relay call it.
#[tauri::command]
#[specta]
pub(crate) async fn use_relays_scheduler(shell: Here<'_>) -> Answer<()> {
    Ok(pairing::use_relays_scheduler(shell.engine()?, shell.data()?).await?)
}

/// Returns the pairing link that the system opened Roost with, once.
#[tauri::command]
#[specta]
pub(crate) fn opened_link(app: AppHandle) -> Option<String> {
    deep_link::take(&app)
}

/// Stops everything, and starts the program again.
#[tauri::command]
#[specta]
pub(crate) async fn start_again(app: AppHandle) {
    app.state::<Shell>().stop().await;
    instance::start_again(&app);
}
