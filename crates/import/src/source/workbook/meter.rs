//! How much memory the parts of a workbook will take, measured while they are unpacked.

use std::io::{self, Write};

/// Bytes that a shared text takes beside its own.
const TEXT_BYTES: u64 = 40;
/// Bytes that a style takes beside the names in it, of which it has a copy each.
const STYLE_BYTES: u64 = 800;
const STYLE_NAMES: u64 = 4;

/// What an archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A workbook of Excel.
    Xlsx,
    /// A spreadsheet of LibreOffice.
    Ods,
}

/// A part of a workbook that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A sheet: it is read piece by piece.
    Sheet,
    /// The texts that cells share.
    Texts,
    /// The styles of cells.
    Styles,
    /// Something else.
    Other,
}

impl Part {
    /// Returns what a file of a workbook is; `None` where it is not read.
    pub(super) fn of(kind: Kind, name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        if kind == Kind::Ods {
            return (name == "content.xml").then_some(Self::Sheet);
        }
        if name.ends_with(".rels") {
            return Some(Self::Other);
        }
        let is_xml = name.ends_with(".xml");
        is_xml.then_some(if name.contains("sharedstrings") {
            Self::Texts
        } else if name.contains("styles") {
            Self::Styles
        } else if name.contains("sheets/") {
            Self::Sheet
        } else {
            Self::Other
        })
    }
}

/// Measures what is written to it.
#[derive(Debug)]
pub(super) struct Meter {
    part: Part,
    bytes: u64,
    /// Elements that become a text or a style.
    elements: u64,
    /// The longest stretch without a quotation mark.
    longest: u64,
    stretch: u64,
    last: [u8; 3],
}

impl Meter {
    pub(super) const fn new(part: Part) -> Self {
        Self { part, bytes: 0, elements: 0, longest: 0, stretch: 0, last: [0; 3] }
    }

    /// Returns how many bytes the part will take in memory; of a sheet, how many it unpacks to.
    pub(super) const fn bytes_in_memory(&self) -> u64 {
        match self.part {
            Part::Sheet | Part::Other => self.bytes,
            Part::Texts => self.bytes + self.elements * TEXT_BYTES,
            Part::Styles => self.bytes + self.elements * (STYLE_BYTES + STYLE_NAMES * self.longest),
        }
    }
}

impl Write for Meter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len() as u64;
        if matches!(self.part, Part::Texts | Part::Styles) {
            for byte in bytes {
                self.last = [self.last[1], self.last[2], *byte];
                // With any prefix of a name space: `<x:si>`.
                let begins =
                    matches!(&self.last, [b'<' | b':', b's', b'i'] | [b'<' | b':', b'x', b'f']);
                self.elements += u64::from(begins);
                self.stretch = if *byte == b'"' { 0 } else { self.stretch + 1 };
                self.longest = self.longest.max(self.stretch);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
