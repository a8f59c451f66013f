//! What is in the file: a `tar` archive whose first entry says what the rest is.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Component, Path};

use roost_core::clock::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::{Error, MEDIA, STORE};

/// The first entry.
pub(crate) const ABOUT: &str = "about.json";
/// The pairing with its keys.
pub(crate) const PAIRING: &str = "pairing.json";
/// The newest layout that this Roost writes and reads.
pub(crate) const LAYOUT: u32 = 1;
/// An entry that is kept in memory is no longer than this.
const SMALL_BYTES_MAX: u64 = 1 << 20;
/// Names have so many parts at the most: a file of the relay's library has four.
const DEPTH_MAX: usize = 5;

/// What the first entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    /// How the entries are laid out.
    pub(crate) layout: u32,
    /// The version of Roost that wrote it.
    pub(crate) roost: String,
    /// When it was written.
    pub(crate) made_at: UnixMillis,
}

impl About {
    pub(crate) fn now(made_at: UnixMillis) -> Self {
        Self { layout: LAYOUT, roost: env!("CARGO_PKG_VERSION").to_owned(), made_at }
    }
}

/// The archive while it is written.
pub(crate) struct Writer<W: Write>(tar::Builder<W>);

impl<W: Write> Writer<W> {
    /// Begins it.
    ///
    /// # Errors
    /// When it can't be written.
    pub(crate) fn begin(output: W, about: &About) -> io::Result<Self> {
        let mut writer = Self(tar::Builder::new(output));
        writer.add_text(ABOUT, &serde_json::to_string_pretty(about)?)?;
        Ok(writer)
    }

    /// Adds a text.
    ///
    /// # Errors
    /// When it can't be written.
    pub(crate) fn add_text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.add(Path::new(name), text.len() as u64, text.as_bytes())
    }

    /// Adds a file, as a stream. Returns its size in bytes.
    ///
    /// # Errors
    /// When it can't be read, or the archive can't be written.
    pub(crate) fn add_file(&mut self, name: &Path, file: &Path) -> io::Result<u64> {
        let file = File::open(file)?;
        let bytes = file.metadata()?.len();
        self.add(name, bytes, file.take(bytes))?;
        Ok(bytes)
    }

    fn add(&mut self, name: &Path, bytes: u64, content: impl Read) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o600);
        let mut content = Counted { content, bytes: 0 };
        self.0.append_data(&mut header, name, &mut content)?;
        // A file that shrank meanwhile would make nonsense of all that follows it.
        if content.bytes == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Ends it, and returns what it was written to.
    ///
    /// # Errors
    /// When it can't be written.
    pub(crate) fn finish(self) -> io::Result<W> {
        self.0.into_inner()
    }
}

/// Counts the bytes that are read.
struct Counted<R> {
    content: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        self.bytes += read as u64;
        Ok(read)
    }
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The first one.
    About,
    /// The pairing.
    Pairing,
    /// The store, an image or a video, or a file of relay and scheduler: it lies in the data folder under
    /// its name.
    File,
}

/// Returns what an entry of this name is. A name that leads anywhere else is no entry of ours.
///
/// # Errors
/// [`Error::Damaged`] for any other name.
pub(crate) fn entry_of(name: &Path) -> Result<Entry, Error> {
    let parts: Option<Vec<&str>> = name
        .components()
        .map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    match parts.as_deref() {
        Some([ABOUT]) => Ok(Entry::About),
        Some([PAIRING]) => Ok(Entry::Pairing),
        Some([STORE]) => Ok(Entry::File),
        Some([MEDIA | roost_local::SERVICES_FOLDER, rest @ ..])
            if (1..DEPTH_MAX).contains(&rest.len()) =>
        {
            Ok(Entry::File)
        }
        _ => Err(Error::Damaged),
    }
}

/// Reads a short entry.
///
/// # Errors
/// When it is long, or no text.
pub(crate) fn read_text(entry: &mut impl Read) -> Result<String, Error> {
    let mut text = String::new();
    entry.take(SMALL_BYTES_MAX).read_to_string(&mut text).map_err(Error::of_reading)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_out_of_the_data_folder_is_no_entry() {
        let deep = format!("media/{}", ["a"; DEPTH_MAX].join("/"));
        for name in [
            "../roost.db",
            "/roost.db",
            "media/../roost.db",
            "media",
            "backups/x",
            "local/..",
            "roost.db/x",
            ".",
            "",
            "logs/x",
            deep.as_str(),
        ] {
            assert!(entry_of(Path::new(name)).is_err(), "{name}");
        }
        for (name, entry) in [
            ("about.json", Entry::About),
            ("pairing.json", Entry::Pairing),
            ("roost.db", Entry::File),
            ("media/ab/cdef", Entry::File),
            ("local/relay.db", Entry::File),
            ("local/relay.media/ab/cdef", Entry::File),
        ] {
            assert_eq!(entry_of(Path::new(name)).unwrap(), entry, "{name}");
        }
    }
}
