//! What an address offers: judged, downloaded and verified by Tauri's updater, within limits.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tauri::{AppHandle, Runtime};
use tauri_plugin_updater::{Update, UpdaterExt as _};
use tokio_util::sync::CancellationToken;

use super::client::configured;
use super::source::safe_address;
use super::{Error, UpdateSource, UpdateStage, announcement};

/// The largest file that is taken. An AppImage of Roost is a tenth of it.
const DOWNLOAD_MB_MAX: u64 = 1024;
/// How many bytes come between two words of them.
const TELL_EVERY_BYTES: u64 = 256 * 1024;

/// Returns the newer version that an address offers for `program`; none where this one is the newest.
pub(super) async fn check<R: Runtime>(
    app: &AppHandle<R>,
    source: &UpdateSource,
    program: &Path,
) -> Result<Option<Update>, Error> {
    let older = Arc::new(Mutex::new(None));
    let seen = older.clone();
    let updater = app
        .updater_builder()
        .pubkey(source.key_for_tauri())
        .endpoints(vec![source.url()?])
        .map_err(Error::of_check)?
        .executable_path(program)
        .version_comparator(move |current, release| {
            let is_older = release.version < current;
            *seen.lock().unwrap_or_else(PoisonError::into_inner) =
                is_older.then(|| release.version.to_string());
            release.version > current
        })
        .configure_client(configured)
        .build()
        .map_err(Error::of_check)?;
    let version = app.package_info().version.to_string();
    let Some(announcement) = announcement::fetch(source, &version).await? else { return Ok(None) };
    // The updater's own question has no bound of size; what it makes of the answer is the same.
    let update = updater.restore_update(announcement).map_err(Error::of_check)?;
    if let Some(offered) = older.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(Error::Older { offered, current: version });
    }
    if let Some(update) = &update {
        let refused = |_| Error::UnsafeDownload(update.download_url.to_string());
        safe_address(update.download_url.as_str()).map_err(refused)?;
    }
    Ok(update)
}

/// Returns the bytes of an update that carry the signature of its key, for its version.
pub(super) async fn download(
    update: &Update,
    stop: &CancellationToken,
    tell: &(impl Fn(UpdateStage) + Sync),
) -> Result<Vec<u8>, Error> {
    let too_large = CancellationToken::new();
    let (mut received, mut told) = (0_u64, 0_u64);
    let give_up = too_large.clone();
    let count = move |bytes: usize, total: Option<u64>| {
        received = received.saturating_add(bytes as u64);
        if received.max(total.unwrap_or_default()) > DOWNLOAD_MB_MAX * 1_000_000 {
            give_up.cancel();
        }
        if received >= told + TELL_EVERY_BYTES || Some(received) == total {
            told = received;
            tell(UpdateStage::Downloading { received, total });
        }
    };
    tell(UpdateStage::Downloading { received: 0, total: None });
    tokio::select! {
        biased;
        () = stop.cancelled() => Err(Error::Cancelled),
        () = too_large.cancelled() => Err(Error::TooLarge(DOWNLOAD_MB_MAX)),
        bytes = update.download(count, || ()) => bytes.map_err(Error::of_download),
    }
}
