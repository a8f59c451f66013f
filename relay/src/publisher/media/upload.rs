//! One file goes to X: begun, filled piece by piece, finished, processed, described. Each step that X
//! would have to be asked again for is a row first; a restart in between uploads again at the most.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::post::MediaCategory;
use roost_media::Digest;
use roost_x_api::{Chunk, Failure, MEDIA_CHUNK_BYTES, Media, NewMedia, ProcessingState};
use sha2::{Digest as _, Sha256};

use super::needed::{EXPIRY_MARGIN, Needed};
use super::outcome::{Outcome, note_failure};
use crate::publisher::write_until_ok::write_until_ok;
use crate::rows::media_upload::{self, MediaUpload};
use crate::shared::Shared;
use crate::tokens::{self, Access, TokenError};

/// How long X keeps what it does not say that of.
const LIFE_UNTOLD: Duration = Duration::from_secs(24 * 60 * 60);
/// The soonest and the latest look at how far X's processing is.
const CHECK_AFTER_SECONDS: std::ops::RangeInclusive<u64> = 1..=60;
/// How often a piece is sent before its upload counts as failed.
const TRIES_OF_A_PIECE: u32 = 3;
/// When it is looked again for a file that is not here, should nothing wake its post before.
const MISSING_RECHECK: Duration = Duration::from_secs(60);

/// Why one attempt at a file came to nothing.
pub(super) enum Broken {
    X(Box<Failure>),
    /// The relay ends.
    Stopping,
    /// The file is not here, or is not what it was.
    FileLost,
    /// X processed the file and does not take it.
    Unfit(String),
    Token(TokenError),
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self::X(Box::new(failure))
    }
}

impl From<TokenError> for Broken {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

/// How far a file came.
enum Step {
    Ready,
    Processing { until: UnixMillis },
}

/// Brings all files of a post to X, one after the other. Returns what came of the first that X does not
/// have then.
pub(in crate::publisher) async fn make_all_ready(
    shared: &Shared,
    needed: &[Needed],
) -> Result<Outcome, TokenError> {
    let _slot = shared.media_uploads.slot_for_due().await;
    for one in needed {
        let outcome = make_ready(shared, one, false).await?;
        if !matches!(outcome, Outcome::Ready) {
            return Ok(outcome);
        }
    }
    Ok(Outcome::Ready)
}

/// Brings one file to X, unless it is there; nobody else does at the same time.
pub(super) async fn make_ready(
    shared: &Shared,
    needed: &Needed,
    is_ahead: bool,
) -> Result<Outcome, TokenError> {
    let single = shared.media_uploads.lock_of(&needed.key);
    let _single = single.lock().await;
    let (key, now) = (needed.key.clone(), shared.now());
    let known = shared.read("media-known", move |c| media_upload::get(c, &key)).await?;
    if known.ready_at(now.plus(EXPIRY_MARGIN)).is_some() {
        return Ok(Outcome::Ready);
    }
    if let Some(waits) = still_waits(&known, is_ahead, now) {
        return Ok(waits);
    }
    let account = &needed.key.account;
    let mut access = match tokens::access(shared, account).await {
        Ok(access) => access,
        Err(trouble) => return no_token(trouble),
    };
    let mut renewed = false;
    loop {
        let broken = match attempt(shared, &access, needed, known.clone()).await {
            Ok(Step::Ready) => return Ok(Outcome::Ready),
            Ok(Step::Processing { until }) => return Ok(Outcome::processing(until)),
            Err(broken) => broken,
        };
        match broken {
            Broken::Stopping => return Ok(Outcome::Stopping),
            Broken::Token(trouble) => return no_token(trouble),
            Broken::FileLost => {
                let until = shared.now().plus(MISSING_RECHECK);
                return Ok(Outcome::waits(Code::MediaMissing, Code::MediaMissing.text(), until));
            }
            Broken::Unfit(message) => {
                let code = Code::InvalidMedia;
                return note_failure(shared, needed, Outcome::Refused { code, message }).await;
            }
            Broken::X(failure) => {
                let outcome = Outcome::of_failure(shared, &failure, &access, &known, renewed);
                let Some(outcome) = outcome else {
                    renewed = true;
                    access = match tokens::renew(shared, account, access.version).await {
                        Ok(access) => access,
                        Err(trouble) => return no_token(trouble),
                    };
                    continue;
                };
                return note_failure(shared, needed, outcome).await;
            }
        }
    }
}

fn no_token(trouble: TokenError) -> Result<Outcome, TokenError> {
    match trouble {
        TokenError::Database(_) => Err(trouble),
        trouble => Ok(Outcome::NoToken(trouble)),
    }
}

/// What an earlier failure is still waited for; X is not asked before.
fn still_waits(known: &MediaUpload, is_ahead: bool, now: UnixMillis) -> Option<Outcome> {
    let until = known.retry_at.filter(|at| *at > now)?;
    let code = known.code.unwrap_or(Code::MediaUnavailable);
    // For a post that is due, all else is asked anew: X may be there again, or mean it.
    if !is_ahead && !matches!(code, Code::MediaUnavailable | Code::NotPermitted) {
        return None;
    }
    let message = known.message.as_deref().unwrap_or_else(|| code.text());
    Some(Outcome::waits(code, message, until))
}

async fn attempt(
    shared: &Shared,
    access: &Access,
    needed: &Needed,
    known: MediaUpload,
) -> Result<Step, Broken> {
    let mut upload = match known.id_at(shared.now().plus(EXPIRY_MARGIN)) {
        Some(_) => known,
        None => send(shared, access, needed, known.failures).await?,
    };
    let id = upload.x_media_id.clone().unwrap_or_default();
    let token = access.token.expose();
    if !upload.is_processed {
        let media = shared.x.media_status(token, &id).await?;
        if let Some(until) = still_processed(shared, &media)? {
            return Ok(Step::Processing { until });
        }
        upload.is_processed = true;
        keep(shared, "media-processed", needed, &upload).await?;
    }
    if !upload.is_described {
        if shared.stopping.is_cancelled() {
            return Err(Broken::Stopping);
        }
        shared.x.describe_media(token, &id, &needed.key.alt_text).await?;
        upload.is_described = true;
        keep(shared, "media-described", needed, &upload).await?;
    }
    Ok(Step::Ready)
}

/// When to look again at X's processing; nothing: it is done.
fn still_processed(shared: &Shared, media: &Media) -> Result<Option<UnixMillis>, Broken> {
    let Some(processing) = &media.processing_info else { return Ok(None) };
    match processing.state {
        ProcessingState::Succeeded => Ok(None),
        ProcessingState::Failed => {
            let why = processing.reason().unwrap_or("it says no more");
            Err(Broken::Unfit(format!("X could not process the file: {why}.")))
        }
        ProcessingState::Pending | ProcessingState::InProgress => {
            let seconds = processing.check_after_secs.unwrap_or(5);
            let seconds = seconds.clamp(*CHECK_AFTER_SECONDS.start(), *CHECK_AFTER_SECONDS.end());
            Ok(Some(shared.now().plus(Duration::from_secs(seconds))))
        }
    }
}

/// Sends all bytes of a file, and notes the id under which X has them.
async fn send(
    shared: &Shared,
    access: &Access,
    needed: &Needed,
    failures: u32,
) -> Result<MediaUpload, Broken> {
    let file = needed.file;
    let digest = Digest(file.sha256.0);
    if !shared.media.has(digest, file.bytes) {
        return Err(Broken::FileLost);
    }
    let new = NewMedia {
        bytes: file.bytes,
        media_type: file.kind.mime(),
        category: category(file.category),
    };
    let begun = shared.x.initialize_media(access.token.expose(), &new).await?;
    let mut hash = Sha256::new();
    let mut offset = 0;
    for index in 0_u16.. {
        if shared.stopping.is_cancelled() {
            return Err(Broken::Stopping);
        }
        let piece = shared.media.read(digest, offset, MEDIA_CHUNK_BYTES).await;
        let Ok(Some(piece)) = piece else { return Err(Broken::FileLost) };
        if piece.is_empty() {
            break;
        }
        hash.update(&piece);
        offset += piece.len() as u64;
        append(shared, access, &begun.id, Chunk { index, bytes: &piece }).await?;
    }
    if hash.finalize()[..] != file.sha256.0 {
        tracing::error!(sha256 = %file.sha256, "the disk changed a file of media; it is thrown away");
        // What can't be removed is found again, and not sent.
        let _ = shared.media.remove(digest);
        return Err(Broken::FileLost);
    }
    let media = shared.x.finalize_media(access.token.expose(), &begun.id).await?;
    let life = media.expires_after_secs.and_then(|seconds| u64::try_from(seconds).ok());
    let upload = MediaUpload {
        x_media_id: Some(media.id.clone()),
        expires_at: Some(shared.now().plus(life.map_or(LIFE_UNTOLD, Duration::from_secs))),
        is_processed: media.processing_info.is_none(),
        is_described: needed.key.alt_text.is_empty(),
        failures,
        ..MediaUpload::default()
    };
    shared.metrics.media_uploaded.add(1);
    keep(shared, "media-sent", needed, &upload).await?;
    Ok(upload)
}

/// Sends one piece; the same piece again harms nothing.
async fn append(
    shared: &Shared,
    access: &Access,
    id: &str,
    chunk: Chunk<'_>,
) -> Result<(), Broken> {
    let mut tries = 1;
    loop {
        let appended = shared.x.append_media(access.token.expose(), id, chunk).await;
        match appended {
            Err(failure) if !failure.is_definite() && tries < TRIES_OF_A_PIECE => tries += 1,
            appended => return Ok(appended?),
        }
        if shared.stopping.is_cancelled() {
            return Err(Broken::Stopping);
        }
    }
}

async fn keep(
    shared: &Shared,
    point: &'static str,
    needed: &Needed,
    upload: &MediaUpload,
) -> Result<(), TokenError> {
    let (key, upload) = (needed.key.clone(), upload.clone());
    write_until_ok(shared, point, move |c| media_upload::put(c, &key, &upload)).await?;
    Ok(())
}

const fn category(category: MediaCategory) -> roost_x_api::MediaCategory {
    match category {
        MediaCategory::Image => roost_x_api::MediaCategory::TweetImage,
        MediaCategory::Gif => roost_x_api::MediaCategory::TweetGif,
        MediaCategory::Video => roost_x_api::MediaCategory::TweetVideo,
    }
}
