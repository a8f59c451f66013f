//! What a file turned out to be.

use crate::kind::{Category, Kind};

/// A file that was read to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// What it is.
    pub kind: Kind,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its width in pixels as it is shown, turned as its metadata say.
    pub width: u32,
    /// Its height in pixels as it is shown.
    pub height: u32,
    /// How many frames a GIF or an animated PNG or WebP has; 1 for a picture that stands still, and
    /// for a video.
    pub frames: u32,
    /// What only a video has.
    pub video: Option<VideoFacts>,
}

/// A video's own facts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VideoFacts {
    /// How long it plays, in milliseconds.
    pub duration_ms: u64,
    /// Frames each second, on average.
    pub frames_per_second: f64,
    /// Whether its pictures are H.264.
    pub is_h264: bool,
    /// Whether its sound is AAC; `None` when it has no sound.
    pub sound_is_aac: Option<bool>,
}

impl Facts {
    /// Returns under which heading X takes it: a GIF of one frame is an image.
    #[must_use]
    pub const fn category(&self) -> Category {
        match self.kind {
            Kind::Mp4 | Kind::QuickTime => Category::Video,
            Kind::Gif if self.frames > 1 => Category::Gif,
            Kind::Jpeg | Kind::Png | Kind::WebP | Kind::Gif => Category::Image,
        }
    }

    /// Returns how long it plays, in milliseconds; `None` for pictures.
    #[must_use]
    pub fn duration_ms(&self) -> Option<u64> {
        self.video.map(|video| video.duration_ms)
    }
}
