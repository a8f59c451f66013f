//! GIFs: every frame is read, none is kept.

use std::io::BufRead;
use std::io::Seek;

use gif::{DecodeOptions, MemoryLimit};

use crate::facts::Facts;
use crate::kind::Kind;
use crate::limits::{GIF_FRAMES_READ_MAX, PIXELS_OPENED_MAX};
use crate::unreadable::Unreadable;

pub(crate) fn read<R: BufRead + Seek>(file: R, bytes: u64) -> Result<Facts, Unreadable> {
    let damaged = |_| Unreadable::Damaged { kind: Kind::Gif.name() };
    let mut options = DecodeOptions::new();
    if let Some(most) = std::num::NonZeroU64::new(PIXELS_OPENED_MAX) {
        options.set_memory_limit(MemoryLimit::Bytes(most));
    }
    let mut decoder = options.read_info(file).map_err(damaged)?;
    let (width, height) = (u32::from(decoder.width()), u32::from(decoder.height()));
    let mut frames = 0;
    while decoder.read_next_frame().map_err(damaged)?.is_some() {
        frames += 1;
        // Beyond it only the count matters, and it is too high already.
        if frames == GIF_FRAMES_READ_MAX {
            break;
        }
    }
    if frames == 0 {
        return Err(Unreadable::Damaged { kind: Kind::Gif.name() });
    }
    Ok(Facts { kind: Kind::Gif, bytes, width, height, frames, video: None })
}
