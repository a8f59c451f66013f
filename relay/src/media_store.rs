//! The files of media on this relay's disk: they arrive in chunks, and are kept whole under their
//! digests. Nothing of a file but one chunk is ever in memory.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use roost_media::{Arrival, Digest, Library, NotAppended};
use roost_relay_api::MediaSpace;
use roost_sqlite::Executor;
use tokio::sync::Semaphore;

use crate::config::Config;

/// Chunks in memory at a time.
const CHUNKS_AT_ONCE: usize = 2;
/// What nobody goes on with for so long is thrown away.
const PARTIAL_AGE_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// The relay's files. Cheap to clone.
#[derive(Clone)]
pub(crate) struct MediaStore(Arc<Inner>);

struct Inner {
    library: Library,
    folder: PathBuf,
    executor: Executor,
    bytes_max: u64,
    free_bytes_min: u64,
    /// Held while files change, so that pieces of one file come one at a time. Waited for on threads
    /// that may block.
    space: Mutex<Space>,
    chunks: Semaphore,
}

#[derive(Debug, Clone, Copy, Default)]
struct Space {
    bytes: u64,
    files: u64,
}

/// Why a chunk was not taken.
#[derive(Debug)]
pub(crate) enum NotTaken {
    /// See [`NotAppended`].
    Not(NotAppended),
    /// The relay keeps as many bytes as it may, or the disk is nearly full.
    Full(String),
    /// The work was given up: the relay ends.
    Stopped,
}

impl std::fmt::Debug for MediaStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MediaStore").field("folder", &self.0.folder).finish_non_exhaustive()
    }
}

impl MediaStore {
    /// Opens the files of a relay.
    ///
    /// # Errors
    /// When the folder can't be made or read.
    pub(crate) fn open(config: &Config) -> io::Result<Self> {
        let library = Library::open(&config.media_folder)?;
        let space = Mutex::new(count(&library)?);
        Ok(Self(Arc::new(Inner {
            library,
            folder: config.media_folder.clone(),
            executor: config.executor.clone(),
            bytes_max: config.media_bytes_max,
            free_bytes_min: config.media_free_bytes_min,
            space,
            chunks: Semaphore::new(CHUNKS_AT_ONCE),
        })))
    }

    /// Waits until one more chunk may be in memory.
    pub(crate) async fn room_for_chunk(&self) -> tokio::sync::SemaphorePermit<'_> {
        self.0.chunks.acquire().await.expect("it is never closed")
    }

    /// Whether a file of this size is here as a whole.
    pub(crate) fn has(&self, digest: Digest, bytes: u64) -> bool {
        std::fs::metadata(self.0.library.path(digest)).is_ok_and(|file| file.len() == bytes)
    }

    /// Returns how far a file has arrived.
    pub(crate) async fn arrival(&self, digest: Digest) -> Result<Arrival, NotTaken> {
        self.run("media.look", move |inner| {
            if let Some(file) = inner.library.file(digest).map_err(io)? {
                let bytes = file.metadata().map_err(io)?.len();
                return Ok(Arrival::Whole(roost_media::Kept { digest, bytes, is_new: false }));
            }
            let received_bytes = inner.library.received_bytes(digest).map_err(io)?;
            Ok(Arrival::Partial { received_bytes })
        })
        .await
    }

    /// Adds the chunk that stands at `offset` of a file of `bytes`. Returns how far it has arrived.
    pub(crate) async fn append(
        &self,
        digest: Digest,
        offset: u64,
        bytes: u64,
        chunk: Bytes,
    ) -> Result<Arrival, NotTaken> {
        self.run("media.append", move |inner| {
            let mut space = inner.lock();
            let before = inner.library.received_bytes(digest).map_err(io)?;
            if inner.library.file(digest).map_err(io)?.is_none() {
                inner.check_room(*space, bytes.saturating_sub(before))?;
            }
            let appended = inner.library.append(digest, offset, &chunk, bytes);
            inner.count_change(&mut space, digest, before, appended.as_ref().ok());
            appended.map_err(|error| match error {
                NotAppended::Io(error) if error.kind() == io::ErrorKind::StorageFull => {
                    NotTaken::Full("the relay's disk is full".to_owned())
                }
                error => NotTaken::Not(error),
            })
        })
        .await
    }

    /// Returns up to `length` bytes of a whole file from `offset` on; `None` when it is not here.
    pub(crate) async fn read(
        &self,
        digest: Digest,
        offset: u64,
        length: usize,
    ) -> Result<Option<Vec<u8>>, NotTaken> {
        self.run("media.read", move |inner| {
            let Some(mut file) = inner.library.file(digest).map_err(io)? else { return Ok(None) };
            file.seek(SeekFrom::Start(offset)).map_err(io)?;
            let mut piece = Vec::with_capacity(length);
            file.take(length as u64).read_to_end(&mut piece).map_err(io)?;
            Ok(Some(piece))
        })
        .await
    }

    /// Returns the whole files that are here.
    pub(crate) fn files(&self) -> io::Result<Vec<Digest>> {
        Ok(self.0.library.files()?.into_iter().map(|(digest, _)| digest).collect())
    }

    /// Removes a whole file. The room is counted anew by [`MediaStore::tidy`].
    pub(crate) fn remove(&self, digest: Digest) -> io::Result<()> {
        self.0.library.remove(digest)
    }

    /// Throws away what nobody went on with for a day, and counts the room that files take.
    pub(crate) async fn tidy(&self) -> Result<(), NotTaken> {
        self.run("media.tidy", |inner| {
            let mut space = inner.lock();
            for partial in inner.library.partials().map_err(io)? {
                if partial.age > PARTIAL_AGE_MAX {
                    inner.library.remove_partial(partial.digest).map_err(io)?;
                }
            }
            *space = count(&inner.library).map_err(io)?;
            Ok(())
        })
        .await
    }

    /// Returns the room that the files take.
    pub(crate) fn space(&self) -> MediaSpace {
        let Space { bytes, files } = *self.0.lock();
        MediaSpace { bytes, files, bytes_max: self.0.bytes_max }
    }

    async fn run<T: Send + 'static>(
        &self,
        point: &'static str,
        work: impl FnOnce(&Inner) -> Result<T, NotTaken> + Send + 'static,
    ) -> Result<T, NotTaken> {
        let inner = Arc::clone(&self.0);
        let done = self.0.executor.run(point, move || work(&inner)).await;
        done.unwrap_or(Err(NotTaken::Stopped))
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Space> {
        self.space.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether so many bytes more fit.
    fn check_room(&self, space: Space, more_bytes: u64) -> Result<(), NotTaken> {
        if space.bytes.saturating_add(more_bytes) > self.bytes_max {
            let most = self.bytes_max / 1_000_000;
            let message = format!("the relay keeps {most} MB of media at the most, and has them");
            return Err(NotTaken::Full(message));
        }
        let free_bytes = free_bytes(&self.folder).map_err(io)?;
        if free_bytes.is_some_and(|free| free < self.free_bytes_min.saturating_add(more_bytes)) {
            return Err(NotTaken::Full("the relay's disk is nearly full".to_owned()));
        }
        Ok(())
    }

    /// Counts what a chunk changed.
    fn count_change(
        &self,
        space: &mut Space,
        digest: Digest,
        before_bytes: u64,
        arrival: Option<&Arrival>,
    ) {
        let now_bytes = match arrival {
            Some(Arrival::Whole(kept)) if !kept.is_new => return,
            Some(Arrival::Whole(kept)) => kept.bytes,
            Some(Arrival::Partial { received_bytes }) => *received_bytes,
            None => self.library.received_bytes(digest).unwrap_or(before_bytes),
        };
        space.bytes = space.bytes.saturating_sub(before_bytes).saturating_add(now_bytes);
        let (before, now) = (u64::from(before_bytes > 0), u64::from(now_bytes > 0));
        space.files = space.files.saturating_sub(before).saturating_add(now);
    }
}

fn io(error: io::Error) -> NotTaken {
    NotTaken::Not(NotAppended::Io(error))
}

fn count(library: &Library) -> io::Result<Space> {
    let whole = library.files()?.into_iter().map(|(_, bytes)| bytes);
    let partial = library.partials()?.into_iter().map(|partial| partial.received_bytes);
    let mut space = Space::default();
    for bytes in whole.chain(partial.filter(|bytes| *bytes > 0)) {
        space.bytes = space.bytes.saturating_add(bytes);
        space.files += 1;
    }
    Ok(space)
}

/// Returns how many bytes the disk has left for this program; `None` where the system does not tell.
#[cfg(unix)]
fn free_bytes(folder: &Path) -> io::Result<Option<u64>> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize)))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it is asked elsewhere")]
fn free_bytes(_folder: &Path) -> io::Result<Option<u64>> {
    Ok(None)
}
