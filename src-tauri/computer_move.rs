//! Moving to a new computer: what the window says of the sealed file.

use std::path::{Path, PathBuf};

use roost_computer_move::{Error, Passphrase};
use roost_core::clock::SystemClock;
use roost_engine::Engine;
use roost_engine::api::Failure;
use serde::Serialize;

use crate::failure::of_the_shell;
use crate::ipc::Type;
use crate::pairing::KEYRING_PATIENCE;

/// What was put into the sealed file.
#[derive(Debug, Serialize, Type)]
pub(crate) struct MovedOut {
    file: String,
    bytes: u64,
    has_pairing: bool,
}

/// Puts everything into the sealed file `to`. No loop, relay or scheduler may run.
pub(crate) async fn move_out(
    engine: &Engine,
    data: &Path,
    to: &Path,
    passphrase: String,
) -> Result<MovedOut, Failure> {
    let passphrase = Passphrase::new(passphrase);
    // The system's own dialog has asked before it gave the name of a file that is there.
    let made =
        roost_computer_move::export(engine, data, to, passphrase, true, KEYRING_PATIENCE).await;
    let made = made.map_err(failure)?;
    let file = made.file.display().to_string();
    Ok(MovedOut { file, bytes: made.bytes, has_pairing: made.has_pairing })
}

/// Reads the sealed file `from`. What came is in use once the program starts again.
pub(crate) async fn move_in(
    data: &Path,
    from: PathBuf,
    passphrase: String,
    key_in_file: bool,
) -> Result<(), Failure> {
    let (data, passphrase) = (data.to_owned(), Passphrase::new(passphrase));
    let read = move || {
        roost_computer_move::import(&data, &from, &passphrase, key_in_file, KEYRING_PATIENCE)
    };
    let read = tokio::task::spawn_blocking(read).await;
    read.map_err(|error| of_the_shell(error.to_string()))?.map(drop).map_err(failure)
}

/// Whether there is room for what comes from another computer: nothing was begun here.
pub(crate) async fn can_move_in(engine: &Engine, data: &Path) -> Result<bool, Failure> {
    let is_paired = roost_pairing::paired(data).map_or(true, |paired| paired.is_some());
    Ok(!is_paired && engine.moved_away().is_none() && engine.is_unused().await?)
}

/// Puts in use what came from another computer before this start.
pub(crate) async fn put_in_use(data: &Path) -> Result<(), Failure> {
    let data = data.to_owned();
    let put = tokio::task::spawn_blocking(move || {
        roost_computer_move::put_in_use(&data, &SystemClock).map(drop)
    });
    put.await.map_err(|error| of_the_shell(error.to_string()))?.map_err(failure)
}

fn failure(error: Error) -> Failure {
    match error {
        Error::Engine(error) => error.into(),
        error => Failure::new(error.code(), error.to_string()),
    }
}
