//! Reads a file to its end and says what it is.

use std::io::{BufReader, Read, Seek, SeekFrom};

use crate::facts::Facts;
use crate::kind::{FIRST_BYTES, Kind, foreign};
use crate::limits::BYTES_MAX;
use crate::unreadable::Unreadable;
use crate::{animation, picture, video};

/// Returns what a file is, after it was read to its end.
///
/// # Errors
/// When X takes no such file, it is damaged, it is too large to be opened, or it can't be read.
pub fn inspect<R: Read + Seek>(mut file: R) -> Result<Facts, Unreadable> {
    let bytes = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut first = Vec::with_capacity(FIRST_BYTES);
    (&mut file).take(FIRST_BYTES as u64).read_to_end(&mut first)?;
    if first.is_empty() {
        return Err(Unreadable::Empty);
    }
    let Some(kind) = Kind::of(&first) else {
        return Err(foreign(&first).map_or(Unreadable::Unknown, |is| Unreadable::Foreign { is }));
    };
    if bytes > BYTES_MAX {
        return Err(Unreadable::TooLarge { bytes });
    }
    file.rewind()?;
    let file = BufReader::with_capacity(64 * 1024, file);
    match kind {
        Kind::Mp4 | Kind::QuickTime => video::read(file, kind, bytes),
        Kind::Gif => animation::read(file, bytes),
        Kind::Jpeg | Kind::Png | Kind::WebP => picture::read(file, kind, bytes),
    }
}
