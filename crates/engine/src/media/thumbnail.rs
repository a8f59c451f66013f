//! A picture made small for a window, once: it is kept beside the library.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roost_core::id::MediaId;
use roost_core::post::MediaDigest;
use roost_media::{Kind, Library};
use roost_private_files::{beside, make_folder, options};

use super::library_digest;
use crate::api::{GetThumbnail, MediaThumbnail};
use crate::state::EngineState;
use crate::{Error, Result};

/// The folder, beside the store; it may be removed at any time.
const FOLDER: &str = "thumbnails";
/// Pixels of the longer side, where the request does not say.
const SIDE: u32 = 320;
/// The sides that are made: what is asked for is rounded up, so that few sizes are kept.
const SIDES: [u32; 3] = [160, 320, 960];

/// Returns a picture made small; none for a video, and for a file that is not here.
///
/// # Errors
/// When the store can't be read, or there is no such file.
pub(crate) async fn thumbnail(
    engine: &EngineState,
    wanted: GetThumbnail,
) -> Result<MediaThumbnail> {
    let id = wanted.media_id;
    let media = engine.read(move |store| store.media(id)).await?;
    let media = media.ok_or_else(|| no_such_file(id))?;
    let library = engine.media_library().await?;
    let folder = engine.config.database.with_file_name(FOLDER);
    let asked = if wanted.side_max == 0 { SIDE } else { wanted.side_max };
    let side = SIDES.into_iter().find(|side| *side >= asked).unwrap_or(SIDES[SIDES.len() - 1]);
    let kind = Kind::of_mime(&media.mime);
    let png = engine
        .blocking(move || {
            let digest = MediaDigest(media.sha256);
            Ok(kind.and_then(|kind| kept_or_made(&folder, &library, digest, kind, side)))
        })
        .await?;
    Ok(MediaThumbnail { png_base64: png.map(|png| STANDARD.encode(png)) })
}

fn no_such_file(id: MediaId) -> Error {
    Error::Store(roost_store::Error::NotFound { what: "file", id: id.to_string() })
}

/// Returns the thumbnail as it was kept, or makes and keeps it. That it can't be kept is no failure.
fn kept_or_made(
    folder: &Path,
    library: &Library,
    digest: MediaDigest,
    kind: Kind,
    side: u32,
) -> Option<Vec<u8>> {
    if kind.is_video() {
        return None;
    }
    let path = folder.join(format!("{digest}-{side}.png"));
    if let Ok(png) = fs::read(&path) {
        return Some(png);
    }
    let file = library.file(library_digest(digest)).ok()??;
    let made = roost_media::thumbnail(file, kind, side).ok()?;
    if let Err(error) = keep(&path, &made.png) {
        tracing::debug!(%error, "a thumbnail could not be kept");
    }
    Some(made.png)
}

/// Under its name there is the whole thumbnail or none.
fn keep(path: &Path, png: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let incoming: PathBuf = beside(path, &format!(".{}", std::process::id()));
    options().write(true).create(true).truncate(true).open(&incoming)?.write_all(png)?;
    fs::rename(&incoming, path)
}
