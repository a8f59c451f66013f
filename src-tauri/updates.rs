//! Signed updates of this program: asked for only when the person does, from the address and with the key
//! that the person gave or that came with the program, and put in place only while nothing is on its way
//! (`Engine::update_hold`). Tauri's updater judges what is offered, downloads and verifies. It would read an answer
//! of any size, so that `announcement` asks; and its own way to put a file in place leaves a moment without a
//! program, so that `replace` does it.

mod announcement;
mod client;
mod error;
mod installation;
mod offer;
mod replace;
mod source;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_engine::Engine;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Context, Runtime};
use tokio_util::sync::CancellationToken;

pub(crate) use self::error::Error;
pub(crate) use self::installation::{Installation, program_to_start};
pub(crate) use self::source::UpdateSource;
use crate::ipc::Type;

/// Between two looks at whether a program may be replaced.
const AGAIN: Duration = Duration::from_secs(5);

/// What becomes of an update that the person wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, crate::ipc::Event)]
#[serde(rename_all = "snake_case", tag = "stage")]
pub(crate) enum UpdateStage {
    /// It is being downloaded.
    Downloading {
        /// Bytes that are here.
        received: u64,
        /// Bytes of the whole file, where the server tells.
        total: Option<u64>,
    },
    /// It is here and verified, and waits.
    Waiting {
        /// For what, in whole sentences.
        message: String,
        /// Until when, where that can be told.
        until: Option<UnixMillis>,
    },
    /// It is in place; the next start uses it.
    Installed {
        /// Its version.
        version: String,
    },
}

/// A newer version that the address offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub(crate) struct UpdateOffer {
    version: String,
    notes: Option<String>,
}

/// How this program can be updated.
#[derive(Debug, Serialize, Type)]
pub(crate) struct UpdateState {
    /// The version that runs.
    version: String,
    /// Whether Roost can replace its own program.
    can_replace: bool,
    /// How this program was installed, and how it is updated then.
    installation: String,
    /// Where updates come from; none where nobody named a place.
    source: Option<UpdateSource>,
    /// The version that is in place for the next start.
    installed: Option<String>,
}

/// The update that may be under way.
#[derive(Debug, Default)]
pub(crate) struct Updates {
    under_way: Mutex<Option<CancellationToken>>,
    installed: Mutex<Option<String>>,
}

impl Updates {
    /// Returns how this program can be updated.
    pub(crate) fn state<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        data: &Path,
        installation: &Installation,
    ) -> Result<UpdateState, Error> {
        Ok(UpdateState {
            version: app.package_info().version.to_string(),
            can_replace: installation.program().is_some(),
            installation: installation.to_string(),
            source: source::find(data)?,
            installed: lock(&self.installed).clone(),
        })
    }

    /// Gives up what is under way, as long as the program was not replaced.
    pub(crate) fn cancel(&self) {
        if let Some(stop) = lock(&self.under_way).as_ref() {
            stop.cancel();
        }
    }

    fn begin(&self) -> Result<UnderWay<'_>, Error> {
        let mut under_way = lock(&self.under_way);
        if under_way.is_some() {
            return Err(Error::UnderWay);
        }
        let stop = CancellationToken::new();
        *under_way = Some(stop.clone());
        Ok(UnderWay { updates: self, stop })
    }
}

/// An update that is under way, until this is dropped.
struct UnderWay<'u> {
    updates: &'u Updates,
    stop: CancellationToken,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        *lock(&self.updates.under_way) = None;
    }
}

/// Returns the plugin, which the window can't call: no permission of it is given.
pub(crate) fn plugin<R: Runtime>() -> TauriPlugin<R, tauri_plugin_updater::Config> {
    tauri_plugin_updater::Builder::new().build()
}

/// Configures the plugin: no address and no key are compiled in, and a signature has to name the version
/// that it is for, so that no old release can be passed off as a new one.
pub(crate) fn configure<R: Runtime>(context: &mut Context<R>) {
    let config = json!({
        "endpoints": [],
        "pubkey": "",
        "requireSignedVersion": true,
        // The plugin would refuse a server on this computer; `source` refuses all else that is not HTTPS.
        "dangerousInsecureTransportProtocol": true,
    });
    context.config_mut().plugins.0.insert("updater".to_owned(), config);
}

/// Keeps where updates come from; two empty texts forget it. Nothing is asked of the address.
pub(crate) fn keep_source(data: &Path, address: &str, key: &str) -> Result<(), Error> {
    source::keep(data, address, key)
}

/// Asks the address whether there is a newer version.
pub(crate) async fn check<R: Runtime>(
    app: &AppHandle<R>,
    data: &Path,
    installation: &Installation,
) -> Result<Option<UpdateOffer>, Error> {
    let program = installation.program().ok_or_else(|| Error::other(installation))?;
    let source = source::find(data)?.ok_or(Error::NoSource)?;
    let update = offer::check(app, &source, program).await?;
    Ok(update.map(|update| UpdateOffer { version: update.version, notes: update.body }))
}

/// Downloads what the address offers, verifies it, waits until the program may be replaced, and replaces
/// it. Returns the version, which the next start uses. `rest` ends the engine's loop for that moment, and
/// `go_on` starts it again.
pub(crate) async fn install<R: Runtime, Rested: Future<Output = ()> + Send>(
    app: &AppHandle<R>,
    at: Place<'_>,
    tell: impl Fn(UpdateStage) + Sync,
    rest: impl Fn() -> Rested,
    go_on: impl Fn(),
) -> Result<String, Error> {
    let under_way = at.updates.begin()?;
    let program = at.installation.program().ok_or_else(|| Error::other(at.installation))?;
    let source = source::find(at.data)?.ok_or(Error::NoSource)?;
    let update = offer::check(app, &source, program).await?.ok_or(Error::NothingNewer)?;
    let bytes = offer::download(&update, &under_way.stop, &tell).await?;
    loop {
        wait(at.engine, &under_way.stop, &tell).await?;
        rest().await;
        // Something may have begun before the loop came to rest.
        let is_free = at.engine.update_hold().await.is_ok_and(|readiness| readiness.hold.is_none());
        if is_free {
            break;
        }
        go_on();
    }
    let program = program.to_owned();
    let replaced = tokio::task::spawn_blocking(move || replace::replace(&program, &bytes)).await;
    go_on();
    replaced.map_err(|error| Error::Broken(error.to_string()))??;
    tracing::info!(version = update.version, "the program was replaced by a newer one");
    *lock(&at.updates.installed) = Some(update.version.clone());
    tell(UpdateStage::Installed { version: update.version.clone() });
    Ok(update.version)
}

/// What an update is about.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(crate) updates: &'p Updates,
    pub(crate) engine: &'p Engine,
    pub(crate) data: &'p Path,
    pub(crate) installation: &'p Installation,
}

/// Waits until the program may be replaced.
async fn wait(
    engine: &Engine,
    stop: &CancellationToken,
    tell: &(impl Fn(UpdateStage) + Sync),
) -> Result<(), Error> {
    loop {
        let prepared = engine.prepare_update().await;
        let readiness = prepared.map_err(|error| Error::Broken(error.to_string()))?;
        let Some(hold) = readiness.hold else { return Ok(()) };
        if hold.has_no_end() {
            return Err(Error::Held(hold.message));
        }
        tell(UpdateStage::Waiting { message: hold.message, until: hold.until });
        tokio::select! {
            () = stop.cancelled() => return Err(Error::Cancelled),
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
}

/// Refuses while the program may not be ended: what was replaced is used by the next start.
pub(crate) async fn may_start_again(engine: &Engine) -> Result<(), Error> {
    let prepared = engine.prepare_update().await;
    match prepared.map_err(|error| Error::Broken(error.to_string()))?.hold {
        Some(hold) => Err(Error::Held(hold.message)),
        None => Ok(()),
    }
}

fn lock<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}
