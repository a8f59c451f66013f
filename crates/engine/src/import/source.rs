//! Reading the sources of an import, within limits.

use std::fs::OpenOptions;
use std::io::Read as _;
use std::path::Path;

use roost_core::failure::Code;

use crate::Result;
use crate::api::{PostSource, SourceState};
use crate::open_import::{Fingerprint, Source, refused};

/// The largest file that is read. The readers of formats have limits of their own, and say more.
const FILE_BYTES_MAX: u64 = 256_000_000;
/// Sources that one import may have.
const SOURCES_MAX: usize = 100;

/// Reads all sources. Blocking.
pub(super) fn read_all(sources: Vec<PostSource>) -> Result<Vec<Source>> {
    if sources.is_empty() {
        return Err(refused(Code::BadRequest, "Name a file or a text to import."));
    }
    if sources.len() > SOURCES_MAX {
        let message =
            format!("These are {} files; at most {SOURCES_MAX} are opened at once.", sources.len());
        return Err(refused(Code::BadRequest, message));
    }
    sources
        .into_iter()
        .map(|source| match source {
            PostSource::Path { path } => read_file(&path),
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
    read(path, OpenOptions::new().read(true))
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
    read(path, &options)
}

fn read(path: &Path, options: &OpenOptions) -> Result<Source> {
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
    let file = options.open(path).map_err(|error| unreadable(&error))?;
    let mut bytes =
        Vec::with_capacity(usize::try_from(metadata.len().min(FILE_BYTES_MAX)).unwrap_or(0));
    // One byte more than allowed: a file that has it is too large, whatever the file system said.
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let message = format!("{name} is larger than 256 MB, which is the most. Split it.");
        return Err(refused(Code::FileTooLarge, message));
    }
    // The whole path, as it will be found from any working directory.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Ok(Source { name, path: Some(path), bytes })
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
