//! Uploads files to the relay, beside the passes: the one that is needed soonest first, in chunks, from
//! where the relay has got to. No more than one chunk is in memory.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::time::Duration;

use roost_core::failure::Code;
use roost_core::post::MediaFile;
use roost_relay_api::{CHUNK_BYTES_MAX, ClientError, MediaUpload, RefusalCode};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::media::library_digest;
use crate::relay::session;
use crate::state::{EngineState, Services, Wanted};
use crate::{Change, Error, Result};

/// Between two looks at what waits on the relay for a file, and at what failed.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// A relay that takes chunks and never gets further is not asked for ever.
const STANDSTILLS_MAX: u32 = 3;

/// Uploads for as long as the loop runs.
pub(super) async fn run(engine: Arc<EngineState>, stop: CancellationToken) {
    let _looked_after = LookedAfter::begin(&engine);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            () = engine.upload_wake.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let uploaded = tokio::select! {
            biased;
            // What was begun may be dropped anywhere: the relay says how far it got.
            () = stop.cancelled() => break,
            uploaded = upload_wanted(&engine) => uploaded,
        };
        if let Err(error) = uploaded {
            tracing::debug!(%error, "files could not be uploaded yet");
        }
    }
}

/// Tells that uploads are looked after, for as long as it lives: the loop may be dropped anywhere.
struct LookedAfter<'e>(&'e EngineState);

impl<'e> LookedAfter<'e> {
    fn begin(engine: &'e EngineState) -> Self {
        engine.uploads().is_looked_after = true;
        Self(engine)
    }
}

impl Drop for LookedAfter<'_> {
    fn drop(&mut self) {
        self.0.uploads().is_looked_after = false;
    }
}

/// Uploads whatever is wanted and due. Returns for how many files it is settled that the relay has them, or
/// never gets them: their posts can be looked at again.
///
/// # Errors
/// When the relay can't be reached or the store can't be read. What is wrong with one file is noted
/// beside it and keeps no other one waiting.
pub(crate) async fn upload_wanted(engine: &Arc<EngineState>) -> Result<u64> {
    let _one = engine.upload_lock.lock().await;
    let services = engine.services()?;
    want_what_waits(engine, &services).await?;
    let mut settled = 0;
    let mut is_registered = false;
    loop {
        let now = engine.now();
        let next = engine.uploads().of_relay(&services.relay_public_url).next(now);
        let Some(Wanted { file, .. }) = next else { return Ok(settled) };
        if !is_registered {
            // A relay that lost its database knows no device of this store before that.
            session::ensure_registered(engine, &services).await?;
            is_registered = true;
        }
        match upload(engine, &services, &file).await {
            Ok(()) => {
                engine.uploads().of_relay(&services.relay_public_url).note_whole(file.sha256);
                settled += 1;
                // The posts that waited for it can be staged.
                engine.wake.notify_one();
            }
            Err(failure) => {
                let Failure { code, message, is_final, error } = failure;
                tracing::warn!(file.sha256 = %file.sha256, message, "a file was not uploaded");
                let mut uploads = engine.uploads();
                let uploads = uploads.of_relay(&services.relay_public_url);
                uploads.note_failure(file.sha256, (code, message, is_final), engine.now());
                if is_final {
                    settled += 1;
                    engine.wake.notify_one();
                }
                if let Some(error) = error.filter(ClientError::is_unreachable) {
                    return Err(Error::Relay(error));
                }
            }
        }
        engine.publish(Change::Sync);
    }
}

/// A post that waits on the relay for a file of its own, after a restore say, has it uploaded again.
async fn want_what_waits(engine: &EngineState, services: &Services) -> Result<()> {
    let waiting = engine.read(|store| store.files_of_waiting(Code::MediaMissing.as_str())).await?;
    let mut uploads = engine.uploads();
    let uploads = uploads.of_relay(&services.relay_public_url);
    for waits in waiting {
        if let Some(file) = waits.file {
            uploads.lacks(file.sha256);
            uploads.want(Wanted { file, due_at: waits.due_at });
        }
    }
    Ok(())
}

/// Why a file is not on the relay.
struct Failure {
    code: Code,
    message: String,
    is_final: bool,
    error: Option<ClientError>,
}

impl Failure {
    fn of_file(message: impl Into<String>) -> Self {
        let (code, message) = (Code::MediaFileMissing, message.into());
        Self { code, message, is_final: true, error: None }
    }

    fn unreadable(error: &io::Error) -> Self {
        let message = format!("An image or a video of the post can't be read: {error}.");
        Self { code: Code::FileUnreadable, message, is_final: false, error: None }
    }

    fn of_relay(error: ClientError) -> Self {
        let refused = error.refusal().map(|refusal| refusal.code);
        let (code, is_final) = match refused {
            Some(RefusalCode::TooLarge) => (Code::InvalidMedia, true),
            Some(RefusalCode::StorageFull) => (Code::RelayUnavailable, false),
            _ => (crate::error::relay_code(&error), false),
        };
        let message = Error::Relay(error.clone()).to_string();
        Self { code, message, is_final, error: Some(error) }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Relay(error) => Self::of_relay(error),
            other => {
                let (code, message) = (other.code(), other.to_string());
                Self { code, message, is_final: false, error: None }
            }
        }
    }
}

/// Brings one file to the relay.
async fn upload(
    engine: &EngineState,
    services: &Services,
    file: &MediaFile,
) -> std::result::Result<(), Failure> {
    let sha256 = file.sha256.to_string();
    let asked = Instant::now();
    let told = services.relay.media_upload(&sha256).await;
    let mut told = engine.relay_answered(asked, told)?;
    let mut standstills = 0;
    while !told.is_complete {
        let before = told.received_bytes;
        let chunk = chunk(engine, file, before).await?;
        engine.uploads().note_sent(file.sha256, before);
        engine.publish(Change::Sync);
        // How long a chunk takes says more of the uplink than of the relay.
        let answer = services.relay.put_media(&sha256, before, file.bytes, chunk).await;
        told = match engine.relay_polled(answer) {
            Err(Error::Relay(error)) if is_wrong_digest(&error) => {
                check_digest(engine, file).await?;
                return Err(Failure::of_relay(error));
            }
            answer => answer?,
        };
        standstills =
            if told.is_complete || told.received_bytes > before { 0 } else { standstills + 1 };
        if standstills > STANDSTILLS_MAX {
            return Err(standstill(&told));
        }
    }
    Ok(())
}

fn is_wrong_digest(error: &ClientError) -> bool {
    error.refusal().is_some_and(|refusal| refusal.code == RefusalCode::WrongDigest)
}

fn standstill(told: &MediaUpload) -> Failure {
    let message = format!(
        "The relay takes no more of an image or a video than {} of its bytes. Update the relay, or look \
         at its disk.",
        told.received_bytes
    );
    Failure { code: Code::RelayUnavailable, message, is_final: false, error: None }
}

/// Reads the chunk that stands at `offset`.
async fn chunk(
    engine: &EngineState,
    file: &MediaFile,
    offset: u64,
) -> std::result::Result<Vec<u8>, Failure> {
    let library = engine.media_library().await?;
    let (digest, bytes) = (library_digest(file.sha256), file.bytes);
    let read = engine
        .blocking(move || {
            let read = || -> io::Result<Option<Vec<u8>>> {
                let Some(mut file) = library.file(digest)? else { return Ok(None) };
                if file.metadata()?.len() != bytes {
                    return Ok(None);
                }
                read_at(&mut file, offset).map(Some)
            };
            Ok(read())
        })
        .await?;
    match read {
        Ok(Some(chunk)) if !chunk.is_empty() => Ok(chunk),
        Ok(_) => Err(Failure::of_file(Code::MediaFileMissing.text())),
        Err(error) => Err(Failure::unreadable(&error)),
    }
}

fn read_at(file: &mut File, offset: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut chunk = Vec::new();
    file.take(CHUNK_BYTES_MAX as u64).read_to_end(&mut chunk)?;
    Ok(chunk)
}

/// The relay got other bytes than the file should have: says whether this computer's disk changed them.
async fn check_digest(engine: &EngineState, file: &MediaFile) -> std::result::Result<(), Failure> {
    let library = engine.media_library().await?;
    let digest = library_digest(file.sha256);
    let is_whole = engine.blocking(move || Ok(library.is_whole(digest))).await?;
    match is_whole {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::of_file(
            "An image or a video of the post was damaged on this computer's disk. Attach it again.",
        )),
        Err(error) => Err(Failure::unreadable(&error)),
    }
}
