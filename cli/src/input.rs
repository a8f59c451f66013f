//! Files and standard input, within limits.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use roost_import::error::ImportError;
use roost_import::source::FILE_BYTES_MAX;

use crate::failure::Failure;

/// What is longer is refused before it is read.
const MAX_BYTES: u64 = FILE_BYTES_MAX as u64;

/// The name of a source in messages.
pub(crate) fn name(file: &str) -> String {
    if file == "-" { "standard input".to_owned() } else { file.to_owned() }
}

/// Reads a file, or standard input for `-`.
pub(crate) async fn read(file: &str) -> Result<Vec<u8>, Failure> {
    let file = file.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        if file == "-" { limited(std::io::stdin().lock(), &name(&file)) } else { open(&file) }
    });
    read.await.map_err(|error| Failure::work("internal", error.to_string()))?
}

/// Reads text: the argument itself, or standard input for `-`.
pub(crate) async fn text(argument: String) -> Result<String, Failure> {
    if argument != "-" {
        return Ok(argument);
    }
    let bytes = read("-").await?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::work("file_not_text", "standard input: This is no UTF-8 text. Save it as UTF-8.")
    })?;
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

fn open(file: &str) -> Result<Vec<u8>, Failure> {
    let unreadable = |why: &str| {
        Failure::work("file_unreadable", format!("{file}: {why} Nothing was imported."))
    };
    let path = Path::new(file);
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            unreadable("There is no such file. Check its name and folder.")
        }
        _ => unreadable(&format!("It can't be read: {error}.")),
    })?;
    if metadata.is_dir() {
        return Err(unreadable("This is a folder. Name a file in it."));
    }
    if metadata.len() > MAX_BYTES {
        return Err(too_large(file, metadata.len()));
    }
    let opened =
        File::open(path).map_err(|error| unreadable(&format!("It can't be read: {error}.")))?;
    limited(opened, file)
}

/// A length that lies (a pipe, a growing file) is caught as well.
fn limited(source: impl Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| {
        Failure::work("file_unreadable", format!("{name}: It can't be read: {error}."))
    })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_large(name, bytes.len() as u64));
    }
    Ok(bytes)
}

fn too_large(name: &str, bytes: u64) -> Failure {
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    let problem = ImportError::TooLarge { bytes, limit: FILE_BYTES_MAX }.problem();
    Failure::work(problem.code.as_str(), format!("{name}: {problem} Nothing was imported."))
}
