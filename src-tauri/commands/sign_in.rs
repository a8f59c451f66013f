//! Signing in with X.

use super::{Answer, Here};
use crate::ipc::specta;
use crate::sign_in::{ConnectedAccount, SignInPage, SignInRequest};

/// Begins a sign-in with X, and says which page the person opens.
#[tauri::command]
#[specta]
pub(crate) async fn begin_sign_in(shell: Here<'_>, request: SignInRequest) -> Answer<SignInPage> {
    Ok(shell.signing_in().begin(shell.engine()?, request).await?)
}

/// Waits until the person has allowed it on X's page, and connects the account.
#[tauri::command]
#[specta]
pub(crate) async fn finish_sign_in(shell: Here<'_>) -> Answer<ConnectedAccount> {
    Ok(shell.signing_in().finish(shell.engine()?).await?)
}

/// Takes the address that the browser ended on, where it can't come back by itself.
#[tauri::command]
#[specta]
pub(crate) fn paste_sign_in(shell: Here<'_>, address: String) -> Answer<()> {
    Ok(shell.signing_in().paste(address)?)
}

/// Ends the sign-in that is under way.
#[tauri::command]
#[specta]
pub(crate) fn cancel_sign_in(shell: Here<'_>) {
    shell.signing_in().cancel();
}
