//! A picture made small for the window. What goes to X stays as it is.

use std::io::{BufReader, Cursor, Read, Seek};

use fast_image_resize::images::Image;
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use image::{ExtendedColorType, ImageEncoder as _};

use crate::kind::Kind;
use crate::limits::PIXELS_OPENED_MAX;
use crate::picture;

/// The longer side of what a placeholder is made from; its format takes no more than 100.
const PLACEHOLDER_SIDE: u32 = 100;

/// A picture made small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// A PNG.
    pub png: Vec<u8>,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// About 28 bytes (ThumbHash) from which a blurred placeholder is drawn at once.
    pub placeholder: Vec<u8>,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum NoThumbnail {
    /// Videos are not opened.
    #[error("a video has no thumbnail")]
    Video,
    /// The picture can't be opened.
    #[error("the picture can't be opened")]
    Unreadable,
}

/// Returns a picture of which neither side has more than `side_max` pixels, turned as it is shown; a
/// moving one by its first frame. A smaller picture keeps its size.
///
/// # Errors
/// For a video, and for a picture that can't be opened.
pub fn thumbnail<R: Read + Seek>(
    file: R,
    kind: Kind,
    side_max: u32,
) -> Result<Thumbnail, NoThumbnail> {
    if kind.is_video() {
        return Err(NoThumbnail::Video);
    }
    let mut file = BufReader::new(file);
    let size = imagesize::reader_size(&mut file).map_err(|_| NoThumbnail::Unreadable)?;
    if (size.width as u64).saturating_mul(size.height as u64) > PIXELS_OPENED_MAX {
        return Err(NoThumbnail::Unreadable);
    }
    file.rewind().map_err(|_| NoThumbnail::Unreadable)?;
    let picture = picture::open(file, kind).ok_or(NoThumbnail::Unreadable)?.into_rgba8();
    let (width, height) = picture.dimensions();
    let picture = Image::from_vec_u8(width, height, picture.into_raw(), PixelType::U8x4)
        .map_err(|_| NoThumbnail::Unreadable)?;
    let small = resized(&picture, side_max)?;
    let tiny = resized(&small, PLACEHOLDER_SIDE)?;
    let placeholder =
        thumbhash::rgba_to_thumb_hash(tiny.width() as usize, tiny.height() as usize, tiny.buffer());
    let mut png = Cursor::new(Vec::new());
    image::codecs::png::PngEncoder::new(&mut png)
        .write_image(small.buffer(), small.width(), small.height(), ExtendedColorType::Rgba8)
        .map_err(|_| NoThumbnail::Unreadable)?;
    let (width, height) = (small.width(), small.height());
    Ok(Thumbnail { png: png.into_inner(), width, height, placeholder })
}

fn resized(picture: &Image<'_>, side_max: u32) -> Result<Image<'static>, NoThumbnail> {
    let longest = picture.width().max(picture.height()).max(1);
    let side = |side: u32| {
        let scaled = u64::from(side) * u64::from(side_max.min(longest)) / u64::from(longest);
        u32::try_from(scaled).unwrap_or(side_max).max(1)
    };
    let mut small = Image::new(side(picture.width()), side(picture.height()), picture.pixel_type());
    Resizer::new()
        .resize(picture, &mut small, &ResizeOptions::new())
        .map_err(|_| NoThumbnail::Unreadable)?;
    Ok(small)
}
