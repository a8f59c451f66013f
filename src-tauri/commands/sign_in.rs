//! Signing in with X.

use super::{Answer, Here};
use crate::failure::of_the_shell;
use crate::ipc::specta;
use crate::sandbox::Sandbox;
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

/// Connects an account of the X sandbox, where one stands in for X: it makes the account by itself.
#[tauri::command]
#[specta]
pub(crate) async fn add_sandbox_account(
    shell: Here<'_>,
    username: String,
) -> Answer<ConnectedAccount> {
    let sandbox = Sandbox::from_environment()?
        .ok_or_else(|| of_the_shell("Posts go to X here: connect an account of X.".to_owned()))?;
    Ok(sandbox.add_account(shell.engine()?, &username, None).await?)
}
