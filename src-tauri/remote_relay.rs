//! A relay elsewhere, and its keys: the window opens without them, and says what is in the way.

use std::path::{Path, PathBuf};
use std::time::Duration;

use roost_core::failure::Code;
use roost_engine::Engine;
use roost_engine::api::Failure;
use roost_engine::view::Trouble;
use roost_pairing::{Credentials, PairingWatch, PendingUnlock, Refusal, RemoteRelay};

use crate::failure::of_the_shell;

/// The window opens after so long without the keyring's answer, which is followed meanwhile: a
/// keyring that asks for its password takes as long as a person takes.
const PATIENCE: Duration = Duration::from_secs(2);

/// Between two looks whether this computer was paired anew.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The relay elsewhere, when there is one; or why it can't be told which.
pub(crate) async fn find(
    data: &Path,
) -> Result<Result<Option<RemoteRelay>, roost_pairing::Error>, Failure> {
    let data = data.to_owned();
    let finding = tokio::task::spawn_blocking(move || roost_pairing::find(&data, PATIENCE));
    finding.await.map_err(|error| of_the_shell(error.to_string()))
}

/// Says that there is a relay elsewhere, and that it can't be told which or how to enter it: nobody's
/// own posts wait for that.
pub(crate) fn report_unknown(engine: &Engine, error: &roost_pairing::Error) {
    let message = error.to_string();
    tracing::warn!("{message}");
    let trouble = Trouble::new(Code::RelayUnknown, message);
    engine.suspend_services(trouble.with_steps(error.next_steps()));
}

/// Goes on with another pairing as soon as `roost pair` has made one. After `roost unpair` nothing more
/// is handed to the relay that was left.
pub(crate) async fn watch_pairing(data: PathBuf, engine: Engine) {
    let mut watch = PairingWatch::new(&data);
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if !watch.changed() {
            continue;
        }
        match find(&data).await {
            Ok(Ok(Some(RemoteRelay { credentials: Credentials::Ready(endpoints), .. }))) => {
                tracing::info!("paired anew");
                if let Err(error) = engine.use_endpoints(Some(endpoints)) {
                    tracing::error!(%error, "the paired relay can't be used");
                }
            }
            Ok(Ok(Some(RemoteRelay {
                credentials: Credentials::Locked { refusal, pending },
                ..
            }))) => {
                report_locked(&engine, &refusal, pending);
            }
            Ok(Ok(None)) => {
                let message = "This computer is not paired any more, so nothing is handed over. \
                               Close Roost and open it again: then posts go out from this computer.";
                tracing::warn!("{message}");
                engine.suspend_services(Trouble::new(Code::RelayUnknown, message).with_steps([]));
            }
            Ok(Err(error)) => report_unknown(&engine, &error),
            Err(failure) => tracing::error!(code = %failure.code, "{}", failure.message),
        }
    }
}

/// Says that the keyring gave no keys, and goes on when it gives them after all.
pub(crate) fn report_locked(engine: &Engine, refusal: &Refusal, pending: Option<PendingUnlock>) {
    let remedy = match pending {
        Some(_) => "Unlock it: Roost goes on by itself.".to_owned(),
        None => refusal.remedy("start Roost again"),
    };
    let message = format!("{refusal} {remedy}");
    tracing::warn!("{message}");
    let trouble = Trouble::new(Code::KeyringUnavailable, message);
    engine.suspend_services(if pending.is_some() { trouble.with_steps([]) } else { trouble });
    if let Some(pending) = pending {
        let engine = engine.clone();
        std::thread::spawn(move || match pending.wait() {
            Ok(endpoints) => {
                if let Err(error) = engine.use_endpoints(Some(endpoints)) {
                    tracing::error!(%error, "the paired relay can't be used");
                }
            }
            Err(refusal) => report_locked(&engine, &refusal, None),
        });
    }
}
