//! What a ZIP archive is, and that it unpacks to no more than a workbook needs.

use std::io::{self, Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::damaged;
use super::meter::{Kind, Meter, Part};
use crate::error::ImportError;
use crate::source::recognise;

/// Files that an archive may have.
const FILES_MAX: usize = 10_000;
/// Bytes that the parts of a workbook which are held in memory may take there, and how many times the
/// archive's size more.
const HELD_BYTES_MAX: u64 = 48_000_000;
const HELD_TIMES_MAX: u64 = 8;
/// Bytes to which a sheet may unpack, which is read piece by piece, and how many times the archive's size more.
const SHEETS_BYTES_MAX: u64 = 48_000_000;
const SHEETS_TIMES_MAX: u64 = 100;
/// Bytes to which no workbook may unpack, however large it is.
const UNPACKED_BYTES_MAX: u64 = 2_000_000_000;

/// An archive in memory.
pub(super) type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// Opens an archive.
pub(super) fn open(bytes: &[u8]) -> Result<Archive<'_>, ImportError> {
    let files = memchr::memmem::find_iter(bytes, b"PK\x01\x02").take(FILES_MAX + 1).count();
    if files > FILES_MAX {
        return Err(damaged(format!("it holds more than {FILES_MAX} files")));
    }
    ZipArchive::new(Cursor::new(bytes)).map_err(damaged)
}

/// Finds out what an archive is, and makes sure that it unpacks to a bearable size.
///
/// # Errors
/// [`ImportError`] where it is no workbook, is protected, damaged or too large.
pub(super) fn check(bytes: &[u8]) -> Result<Kind, ImportError> {
    let mut archive = open(bytes)?;
    let kind = kind(&mut archive)?;
    let size = bytes.len() as u64;
    let held_max = HELD_BYTES_MAX + HELD_TIMES_MAX * size;
    let sheets_max = UNPACKED_BYTES_MAX.min(SHEETS_BYTES_MAX + SHEETS_TIMES_MAX * size);
    let (mut held, mut sheets) = (0, 0);
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(refused)?;
        let Some(part) = Part::of(kind, &file.name().unwrap_or_default()) else {
            continue;
        };
        let (total, max) =
            if part == Part::Sheet { (&mut sheets, sheets_max) } else { (&mut held, held_max) };
        // What the archive says of its sizes may be wrong: it is unpacked once and measured.
        let mut meter = Meter::new(part);
        let rest = max.saturating_sub(*total);
        io::copy(&mut file.take(rest + 1), &mut meter).map_err(damaged)?;
        *total += meter.bytes_in_memory();
        if *total > max {
            let limit = usize::try_from(max).unwrap_or(usize::MAX);
            return Err(ImportError::TooMuchUnpacked { limit });
        }
    }
    Ok(kind)
}

fn refused(error: ZipError) -> ImportError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => ImportError::Encrypted,
        other => damaged(other),
    }
}

fn kind(archive: &mut Archive<'_>) -> Result<Kind, ImportError> {
    let names = archive.file_names().filter_map(Result::ok);
    let names: Vec<String> = names.map(|name| name.to_ascii_lowercase()).collect();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let ends = |wanted: &str| names.iter().any(|name| name.ends_with(wanted));
    if has("content.xml") {
        return open_document(archive);
    }
    if ends("/workbook.bin") {
        return Err(recognise::unsupported("a binary workbook of Excel (.xlsb)"));
    }
    if ends("workbook.xml") || names.iter().any(|name| name.starts_with("xl/")) {
        return Ok(Kind::Xlsx);
    }
    if ends("data/tweets.js") || ends("data/tweet.js") {
        return Err(ImportError::Unsupported {
            reason: "The file is X's archive as a whole.".to_owned(),
            remedy: "Unpack it and import data/tweets.js.".to_owned(),
        });
    }
    if ends("word/document.xml") {
        return Err(recognise::unsupported("a Word document"));
    }
    if ends(".iwa") || has("index.zip") {
        return Err(recognise::unsupported("a document of Apple's Numbers or Pages"));
    }
    let first = names.iter().find(|name| !name.ends_with('/'));
    let first = first.map_or("nothing", String::as_str);
    Err(ImportError::Unsupported {
        reason: format!(
            "The file is a ZIP archive, not a file of posts; it holds {}.",
            roost_core::failure::clip(first, 60)
        ),
        remedy: "Unpack it and import the file inside.".to_owned(),
    })
}

/// Tells a spreadsheet from other documents, and one under a password.
fn open_document(archive: &mut Archive<'_>) -> Result<Kind, ImportError> {
    let mut read = |name: &str| {
        let mut text = Vec::new();
        let file = archive.by_name(name).ok()?;
        file.take(1_000_000).read_to_end(&mut text).ok()?;
        Some(text)
    };
    let manifest = read("META-INF/manifest.xml").unwrap_or_default();
    if memchr::memmem::find(&manifest, b"encryption-data").is_some() {
        return Err(ImportError::Encrypted);
    }
    let kind = read("mimetype").unwrap_or(manifest);
    if memchr::memmem::find(&kind, b"opendocument.spreadsheet").is_some() {
        return Ok(Kind::Ods);
    }
    Err(recognise::unsupported("a document of LibreOffice that is no spreadsheet"))
}
