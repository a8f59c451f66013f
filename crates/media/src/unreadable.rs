//! Why a file is refused before it is asked whether X takes it.

use std::io;

use crate::limits::BYTES_MAX;

/// Why a file can't be used at all.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It holds nothing.
    #[error("The file is empty.")]
    Empty,
    /// It is none of the kinds that X takes, but one that many people have.
    #[error("The file is {is}, which X does not take. Save it as a JPEG, PNG, GIF, WebP or MP4.")]
    Foreign {
        /// What it is: "a web page".
        is: &'static str,
    },
    /// It is none of the kinds that X takes.
    #[error("The file is no JPEG, PNG, GIF, WebP or MP4.")]
    Unknown,
    /// It is larger than anything that X takes.
    #[error("The file has {} MB; X takes at most {} MB of a video.", bytes / 1_000_000, BYTES_MAX / 1_000_000)]
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
    },
    /// It ends too early, or what it holds contradicts itself.
    #[error("The file is damaged: {kind} whose content can't be read to its end. Save it anew.")]
    Damaged {
        /// What it says that it is: "a JPEG".
        kind: &'static str,
    },
    /// It would unfold to more than can be held.
    #[error("The picture is {width} x {height} pixels, more than Roost opens. Make it smaller.")]
    TooManyPixels {
        /// Pixels.
        width: u64,
        /// Pixels.
        height: u64,
    },
    /// A video in pieces, as streaming programs write it; nothing says how long it is.
    #[error("The video is a fragmented MP4, made for streaming. Export it as a plain MP4.")]
    Fragmented,
    /// A video without a picture.
    #[error("The file has no video track.")]
    NoVideoTrack,
    /// The system could not read it.
    #[error("The file can't be read: {0}")]
    Io(#[from] io::Error),
}
