//! Reading the sources of an import, within limits.

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::ops::ControlFlow;
use std::path::Path;

use roost_core::failure::Code;

use crate::api::{PostSource, SourceState};
use crate::open_import::{Fingerprint, Source, refused};
use crate::{Error, Result};

/// The largest file that is read. The readers of formats have limits of their own, and say more.
const FILE_BYTES_MAX: u64 = 256_000_000;
/// Sources that one import may have.
const SOURCES_MAX: usize = 100;

/// Bytes that are read between two words about how far it is.
const READ_AT_ONCE: u64 = 4 * 1024 * 1024;

/// Told how many bytes are read; answers whether to go on.
pub(super) type BytesWatch<'w> = &'w dyn Fn(u64) -> ControlFlow<()>;

/// Returns how many bytes sources have, as far as that can be known before they are read.
pub(super) fn size(sources: &[PostSource]) -> u64 {
    let size = |source: &PostSource| match source {
        PostSource::Path { path } => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
        PostSource::Text { text, .. } => text.len() as u64,
    };
    sources.iter().map(size).sum()
}

/// Reads all sources. Blocking.
pub(super) fn read_all(sources: Vec<PostSource>, watch: BytesWatch<'_>) -> Result<Vec<Source>> {
    if sources.is_empty() {
        return Err(refused(Code::BadRequest, "Name a file or a text to import."));
    }
    if sources.len() > SOURCES_MAX {
        let message =
            format!("These are {} files; at most {SOURCES_MAX} are opened at once.", sources.len());
        return Err(refused(Code::BadRequest, message));
    }
    let done = Cell::new(0);
    let watch_one = |bytes: u64| watch(done.get() + bytes);
    sources
        .into_iter()
        .map(|source| match source {
            PostSource::Path { path } => {
                let source = read(&path, OpenOptions::new().read(true), &watch_one)?;
                done.set(done.get() + source.bytes.len() as u64);
                Ok(source)
            }
            PostSource::Text { text, name } => Ok(Source {
                name: name.unwrap_or_else(|| "pasted text".to_owned()),
                path: None,
                bytes: text.into_bytes(),
            }),
        })
        .collect()
}

/// Reads a file. Blocking.
pub(super) fn read_file(path: &Path) -> Result<Source> {
    read(path, OpenOptions::new().read(true), &unwatched)
}

const fn unwatched(_bytes: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// The same of a file that no person named: a link is refused, and so is what is no regular file.
pub(super) fn read_regular(path: &Path) -> Result<Source> {
    let is_regular = std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    if !is_regular {
        let message = format!("{} is no file.", file_name(path));
        return Err(refused(Code::FileUnreadable, message));
    }
    let mut options = OpenOptions::new();
    options.read(true);
    // A link that took its place since is not followed, and a pipe not waited for.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits().cast_signed(),
    );
    read(path, &options, &unwatched)
}

fn read(path: &Path, options: &OpenOptions, watch: BytesWatch<'_>) -> Result<Source> {
    let name = file_name(path);
    let unreadable = |error: &std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => refused(
            Code::FileUnreadable,
            format!("{name}: There is no such file. Check its name and folder."),
        ),
        _ => refused(Code::FileUnreadable, format!("{name} can't be read: {error}.")),
    };
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
    if metadata.is_dir() {
        let message = format!("{name} is a folder. Name a file in it.");
        return Err(refused(Code::FileUnreadable, message));
    }
    if !metadata.is_file() {
        // A pipe that nothing is written to, or a device, would be read without an end.
        let message =
            format!("{name} is no file, but a pipe or a device. Save what it says as a file.");
        return Err(refused(Code::FileUnreadable, message));
    }
    if metadata.len() > FILE_BYTES_MAX {
        return Err(too_large(&name, metadata.len()));
    }
    let file = options.open(path).map_err(|error| unreadable(&error))?;
    let bytes = match read_bytes(file, metadata.len(), watch) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(Error::ImportGivenUp),
        Err(error) => return Err(unreadable(&error)),
    };
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(too_large(&name, bytes.len() as u64));
    }
    // The whole path, as it will be found from any working directory.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Ok(Source { name, path: Some(path), bytes })
}

/// Returns the bytes of a file of about `size`: one more than allowed at the most, whatever the file system
/// said of it. None where the person gave it up.
fn read_bytes(mut file: File, size: u64, watch: BytesWatch<'_>) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(FILE_BYTES_MAX)).unwrap_or(0));
    loop {
        let left = FILE_BYTES_MAX + 1 - bytes.len() as u64;
        let read = (&mut file).take(READ_AT_ONCE.min(left)).read_to_end(&mut bytes)?;
        if read == 0 {
            return Ok(Some(bytes));
        }
        if watch(bytes.len() as u64).is_break() {
            return Ok(None);
        }
    }
}

fn too_large(name: &str, bytes: u64) -> Error {
    let (size, most) = (bytes.div_ceil(1_000_000), FILE_BYTES_MAX / 1_000_000);
    let message =
        format!("{name} has {size} MB; at most {most} MB are read. Split it into smaller files.");
    refused(Code::FileTooLarge, message)
}

/// Returns how a file is now that was `then`. Blocking.
pub(super) fn state(then: &Fingerprint) -> SourceState {
    let Some(path) = &then.path else { return SourceState::Same };
    match std::fs::metadata(path) {
        Err(_) => SourceState::Gone,
        Ok(now) if !now.is_file() => SourceState::Gone,
        Ok(now) if now.len() != then.bytes => SourceState::Changed,
        Ok(_) => match read_file(path) {
            Err(_) => SourceState::Gone,
            Ok(now) if now.fingerprint().sha256 == then.sha256 => SourceState::Same,
            Ok(_) => SourceState::Changed,
        },
    }
}

/// Returns the last part of a path, as a person reads it.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
