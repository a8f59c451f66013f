//! JPEG, PNG and WebP: their size from the header, then the whole picture, so that a file that ends
//! too early is found before X finds it.

use std::io::{self, BufRead, Read as _, Seek};

use image::metadata::Orientation;
use image::{AnimationDecoder, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::facts::Facts;
use crate::kind::Kind;
use crate::limits::PIXELS_OPENED_MAX;
use crate::unreadable::Unreadable;

/// More memory than the largest picture that is opened takes, at 8 bytes a pixel.
const MEMORY_BYTES_MAX: u64 = PIXELS_OPENED_MAX * 8;

pub(crate) fn read<R: BufRead + Seek>(
    mut file: R,
    kind: Kind,
    bytes: u64,
) -> Result<Facts, Unreadable> {
    let damaged = || Unreadable::Damaged { kind: kind.name() };
    let size = imagesize::reader_size(&mut file).map_err(|_| damaged())?;
    let (width, height) = (size.width as u64, size.height as u64);
    if width.saturating_mul(height) > PIXELS_OPENED_MAX {
        return Err(Unreadable::TooManyPixels { width, height });
    }
    file.rewind()?;
    if kind == Kind::Jpeg && !has_its_end(&mut file).unwrap_or(false) {
        return Err(damaged());
    }
    file.rewind()?;
    let frames = frames(&mut file, kind).ok_or_else(damaged)?;
    file.rewind()?;
    let picture = open(file, kind).ok_or_else(damaged)?;
    let (width, height) = (picture.width(), picture.height());
    Ok(Facts { kind, bytes, width, height, frames, video: None })
}

/// Returns whether a JPEG has its end mark behind its picture. Decoders paint grey what is missing,
/// and a mark of a thumbnail in the metadata is none of the picture's.
fn has_its_end<R: BufRead>(file: &mut R) -> io::Result<bool> {
    const START_OF_SCAN: u8 = 0xDA;
    const END: u8 = 0xD9;
    let mut two = [0; 2];
    file.read_exact(&mut two)?;
    loop {
        file.read_exact(&mut two)?;
        if two[0] != 0xFF || two[1] == START_OF_SCAN {
            break;
        }
        let mut length = [0; 2];
        file.read_exact(&mut length)?;
        let length = u64::from(u16::from_be_bytes(length)).saturating_sub(2);
        io::copy(&mut file.take(length), &mut io::sink())?;
    }
    let mut last = 0;
    for byte in file.bytes() {
        let byte = byte?;
        if (last, byte) == (0xFF, END) {
            return Ok(true);
        }
        last = byte;
    }
    Ok(false)
}

/// Returns the picture as it is shown, turned as its metadata say; for a moving one its first frame.
pub(crate) fn open<R: BufRead + Seek>(file: R, kind: Kind) -> Option<DynamicImage> {
    let mut decoder = reader(file, kind).into_decoder().ok()?;
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(turned);
    Some(picture)
}

fn reader<R: BufRead + Seek>(file: R, kind: Kind) -> ImageReader<R> {
    let format = match kind {
        Kind::Png => ImageFormat::Png,
        Kind::WebP => ImageFormat::WebP,
        Kind::Gif => ImageFormat::Gif,
        Kind::Jpeg | Kind::Mp4 | Kind::QuickTime => ImageFormat::Jpeg,
    };
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY_BYTES_MAX);
    let mut reader = ImageReader::with_format(file, format);
    reader.limits(limits);
    reader
}

/// Returns 2 for a moving picture, which is all that matters of one that X shows standing still.
fn frames<R: BufRead + Seek>(file: R, kind: Kind) -> Option<u32> {
    let moves = match kind {
        Kind::Png => image::codecs::png::PngDecoder::new(file).ok()?.is_apng().ok()?,
        Kind::WebP => {
            let decoder = image::codecs::webp::WebPDecoder::new(file).ok()?;
            decoder.has_animation()
                && decoder.into_frames().nth(1).is_some_and(|frame| frame.is_ok())
        }
        _ => false,
    };
    Some(if moves { 2 } else { 1 })
}
