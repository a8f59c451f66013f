//! Workbooks of Excel and LibreOffice: archives of XML. What they unpack to is measured before it is read.

mod archive;
mod meter;
mod ods;
mod serial;
mod sheet;
mod xlsx;

use std::panic::catch_unwind;

use self::meter::Kind;
use super::{ReadOptions, recognise};
use crate::error::ImportError;
use crate::format::Format;
use crate::table::RawTable;

/// How a ZIP archive begins, with and without files.
const ZIP_STARTS: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// How the older files of Office begin, and newer ones under a password.
const COMPOUND_START: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Returns the table of a file that is a workbook, or why it can't be read; `None` where it is none.
pub(super) fn read(bytes: &[u8], options: &ReadOptions) -> Option<Result<RawTable, ImportError>> {
    if bytes.starts_with(COMPOUND_START) {
        return Some(Err(compound(bytes)));
    }
    ZIP_STARTS.iter().any(|start| bytes.starts_with(start)).then(|| read_archive(bytes, options))
}

fn read_archive(bytes: &[u8], options: &ReadOptions) -> Result<RawTable, ImportError> {
    match archive::check(bytes)? {
        Kind::Xlsx => {
            // calamine ends with a panic at some references to cells that no program writes.
            let read = || {
                let mut table = RawTable::new(Format::Xlsx);
                xlsx::read(bytes, options, &mut table).map(|()| table)
            };
            catch_unwind(read).unwrap_or_else(|_| Err(damaged("it holds what no workbook has")))
        }
        Kind::Ods => {
            let mut table = RawTable::new(Format::Ods);
            ods::read(bytes, options, &mut table)?;
            Ok(table)
        }
    }
}

/// Tells the files that begin as old Office's do apart.
fn compound(bytes: &[u8]) -> ImportError {
    // Names in them are UTF-16.
    let holds = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memchr::memmem::find(bytes, &name).is_some()
    };
    if holds("EncryptedPackage") {
        ImportError::Encrypted
    } else if holds("Workbook") || holds("Book") {
        recognise::unsupported("a workbook of an old Excel (.xls)")
    } else {
        recognise::unsupported("a document of an old Office")
    }
}

/// Chooses among the sheets that have rows.
///
/// # Errors
/// [`ImportError::SheetNeeded`] where there are several and none was chosen.
fn choose_sheet(
    with_rows: Vec<String>,
    all: &[String],
    chosen: Option<&str>,
    table: &mut RawTable,
) -> Result<String, ImportError> {
    table.reading.sheets.clone_from(&with_rows);
    let name = match chosen {
        Some(name) if all.iter().any(|sheet| sheet == name) => name.to_owned(),
        Some(name) => {
            return Err(ImportError::NoSuchSheet { name: name.to_owned(), names: all.to_vec() });
        }
        None if with_rows.len() > 1 => return Err(ImportError::SheetNeeded { names: with_rows }),
        None => with_rows.into_iter().next().ok_or(ImportError::Empty)?,
    };
    table.reading.sheet = Some(name.clone());
    Ok(name)
}

fn damaged(reason: impl std::fmt::Display) -> ImportError {
    let reason = reason.to_string();
    ImportError::Damaged { reason: roost_core::failure::clip(reason.trim_end_matches('.'), 120) }
}
