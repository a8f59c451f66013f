//! What X takes, and what a file has that X does not take.
//!
//! Source: X's documentation of `/2/media/upload` and its media best practices. Sizes in MB are
//! millions of bytes there; the smaller reading is taken.

use crate::facts::{Facts, VideoFacts};
use crate::kind::{Category, Kind};

/// Bytes of the largest file that X takes, a video.
pub(crate) const BYTES_MAX: u64 = 512_000_000;
/// Bytes of the largest image.
const IMAGE_BYTES_MAX: u64 = 5_000_000;
/// Bytes of the largest GIF.
const GIF_BYTES_MAX: u64 = 15_000_000;
/// Pixels.
const GIF_WIDTH_MAX: u32 = 1_280;
/// Pixels.
const GIF_HEIGHT_MAX: u32 = 1_080;
const GIF_FRAMES_MAX: u32 = 350;
/// Pixels of all frames together.
const GIF_PIXELS_MAX: u64 = 300_000_000;
/// Where the counting of a GIF's frames ends.
pub(crate) const GIF_FRAMES_READ_MAX: u32 = GIF_FRAMES_MAX + 1;
/// Pixels.
const VIDEO_SIDE_MIN: u32 = 32;
/// Pixels of a lying video; an upright one has them exchanged.
const VIDEO_LONG_SIDE_MAX: u32 = 1_280;
/// Pixels of a lying video's height.
const VIDEO_SHORT_SIDE_MAX: u32 = 1_024;
const VIDEO_MS_MIN: u64 = 500;
const VIDEO_MS_MAX: u64 = 140_000;
const VIDEO_FRAMES_PER_SECOND_MAX: f64 = 60.0;
/// The longer side may be so many times the shorter one.
const VIDEO_ASPECT_MAX: u32 = 3;
/// Pixels of the largest picture that is opened; X scales a picture down long before.
pub(crate) const PIXELS_OPENED_MAX: u64 = 100_000_000;

/// What X would refuse of a file, or would not show as it is.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unfit {
    /// Too many bytes.
    #[error("It has {} MB; X takes {} MB of {of}.", megabytes(*bytes), most / 1_000_000)]
    Bytes {
        /// Its size in bytes.
        bytes: u64,
        /// The most bytes that X takes.
        most: u64,
        /// Of what: "an image".
        of: &'static str,
    },
    /// A moving PNG or WebP: X shows the first frame only.
    #[error("It is {kind} that moves. X would show its first picture only; save it as a GIF.")]
    Moves {
        /// What it is: "a PNG".
        kind: &'static str,
    },
    /// A GIF with too many frames.
    #[error("The GIF has more than {GIF_FRAMES_MAX} frames; X takes {GIF_FRAMES_MAX}.")]
    Frames,
    /// A GIF that is too large, frame by frame or altogether.
    #[error(
        "The GIF is {width} x {height} pixels in {frames} frames; X takes {GIF_WIDTH_MAX} x \
         {GIF_HEIGHT_MAX}, and 300 million pixels in all frames together."
    )]
    GifSize {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// How many frames.
        frames: u32,
    },
    /// A video that is too small, too large or too narrow.
    #[error(
        "The video is {width} x {height} pixels; X takes 32 x 32 to 1280 x 1024, and at most three \
         times as wide as high or as high as wide."
    )]
    VideoSize {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// A video that is too short or too long.
    #[error("The video lasts {} s; X takes 0.5 s to 140 s.", seconds(*ms))]
    Duration {
        /// Milliseconds.
        ms: u64,
    },
    /// Too many frames a second.
    #[error("The video has {rate:.0} frames a second; X takes 60.")]
    FrameRate {
        /// Frames a second.
        rate: f64,
    },
    /// Pictures in another codec than H.264.
    #[error("The video is not in H.264, the one codec that X takes. Export it as MP4 (H.264).")]
    VideoCodec,
    /// Sound in another codec than AAC.
    #[error("The video's sound is not in AAC, the one codec that X takes. Export it as MP4 (AAC).")]
    SoundCodec,
}

/// Returns everything for which X would refuse a file or not show it as it is; nothing when it is
/// fine. `long_videos` says that the account may post videos beyond 140 s, as Premium ones may.
#[must_use]
pub fn unfit_for_x(facts: &Facts, long_videos: bool) -> Vec<Unfit> {
    let (most, of) = match facts.category() {
        Category::Image => (IMAGE_BYTES_MAX, "an image"),
        Category::Gif => (GIF_BYTES_MAX, "a GIF"),
        Category::Video => (BYTES_MAX, "a video"),
    };
    let too_large = facts.bytes > most;
    let bytes = too_large.then_some(Unfit::Bytes { bytes: facts.bytes, most, of });
    let moves = matches!(facts.kind, Kind::Png | Kind::WebP) && facts.frames > 1;
    let moves = moves.then_some(Unfit::Moves { kind: facts.kind.name() });
    let gif = (facts.category() == Category::Gif).then(|| gif_faults(facts));
    let video = facts.video.as_ref().map(|video| video_faults(facts, video, long_videos));
    let rest = gif.into_iter().chain(video).flatten();
    bytes.into_iter().chain(moves).chain(rest).collect()
}

fn gif_faults(facts: &Facts) -> Vec<Unfit> {
    let Facts { width, height, frames, .. } = *facts;
    let pixels = u64::from(width) * u64::from(height) * u64::from(frames);
    let too_large = width > GIF_WIDTH_MAX || height > GIF_HEIGHT_MAX || pixels > GIF_PIXELS_MAX;
    let size = too_large.then_some(Unfit::GifSize { width, height, frames });
    let frames = (frames > GIF_FRAMES_MAX).then_some(Unfit::Frames);
    frames.into_iter().chain(size).collect()
}

fn video_faults(facts: &Facts, video: &VideoFacts, long_videos: bool) -> Vec<Unfit> {
    let Facts { width, height, .. } = *facts;
    let (short, long) = (width.min(height), width.max(height));
    let fits = short >= VIDEO_SIDE_MIN
        && long <= VIDEO_LONG_SIDE_MAX
        && short <= VIDEO_SHORT_SIDE_MAX
        && long <= short.saturating_mul(VIDEO_ASPECT_MAX);
    let ms = video.duration_ms;
    let lasts = ms >= VIDEO_MS_MIN && (long_videos || ms <= VIDEO_MS_MAX);
    let rate = video.frames_per_second;
    [
        (!fits).then_some(Unfit::VideoSize { width, height }),
        (!lasts).then_some(Unfit::Duration { ms }),
        // A rate of 60.02 is 60: clocks of cameras are not exact.
        (rate > VIDEO_FRAMES_PER_SECOND_MAX + 0.5).then_some(Unfit::FrameRate { rate }),
        (!video.is_h264).then_some(Unfit::VideoCodec),
        (video.sound_is_aac == Some(false)).then_some(Unfit::SoundCodec),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Returns megabytes with one decimal, rounded up, so that what is too large never reads as if it
/// fitted.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn seconds(ms: u64) -> String {
    format!("{}.{}", ms / 1_000, ms % 1_000 / 100)
}
