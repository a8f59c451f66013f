//! Files that tests make: pictures by an encoder, and what is wrong with them by hand.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use roost_media::{Facts, Unreadable, inspect};

/// Returns the bytes of a picture in which no two neighbours are alike.
pub(crate) fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let pixel = |x: u32, y: u32| {
        let [red, green, ..] = (x.wrapping_mul(31) ^ y.wrapping_mul(17)).to_le_bytes();
        Rgba([red, green, 128, 255])
    };
    let picture = DynamicImage::ImageRgba8(RgbaImage::from_fn(width, height, pixel));
    let picture = match format {
        ImageFormat::Jpeg => DynamicImage::ImageRgb8(picture.into_rgb8()),
        _ => picture,
    };
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("encoded");
    bytes.into_inner()
}

/// Returns the bytes of a GIF with `frames` frames of one colour each.
pub(crate) fn gif(width: u16, height: u16, frames: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder =
        gif::Encoder::new(&mut bytes, width, height, &[0, 0, 0, 255, 255, 255]).expect("begun");
    for number in 0..frames {
        let pixels = vec![u8::from(number % 2 == 0); usize::from(width) * usize::from(height)];
        let frame = gif::Frame::from_indexed_pixels(width, height, pixels, None);
        encoder.write_frame(&frame).expect("written");
    }
    drop(encoder);
    bytes
}

/// Returns a JPEG whose metadata say that it is to be turned by a quarter.
pub(crate) fn lying_jpeg(width: u32, height: u32) -> Vec<u8> {
    let plain = picture(width, height, ImageFormat::Jpeg);
    let exif: &[u8] = &[
        0xFF, 0xE1, 0, 34, b'E', b'x', b'i', b'f', 0, 0, // the segment
        b'M', b'M', 0, 42, 0, 0, 0, 8, 0, 1, // one entry
        0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, // orientation 6
    ];
    let mut bytes = plain[..2].to_vec();
    bytes.write_all(exif).expect("written");
    bytes.extend_from_slice(&plain[2..]);
    bytes
}

/// Returns where a file of the tests is.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)
}

/// Returns the bytes of a file of the tests.
pub(crate) fn file(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).expect(name)
}

/// Returns what some bytes turn out to be.
pub(crate) fn seen(bytes: &[u8]) -> Result<Facts, Unreadable> {
    inspect(Cursor::new(bytes))
}
