//! What a file is, by its first bytes: a name may lie.

/// How many bytes [`Kind::of`] wants to see.
pub(crate) const FIRST_BYTES: usize = 32;

/// A kind of file that X takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A JPEG picture.
    Jpeg,
    /// A PNG picture.
    Png,
    /// A WebP picture.
    WebP,
    /// A GIF, moving or not.
    Gif,
    /// An MPEG-4 video.
    Mp4,
    /// A QuickTime video.
    QuickTime,
}

/// Under which of X's three headings a file is uploaded. One post takes four images, or one GIF, or
/// one video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// A picture that stands still.
    Image,
    /// A moving GIF.
    Gif,
    /// A video.
    Video,
}

impl Kind {
    /// Returns the kind of a file that begins with `bytes`, if X takes one that does.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => Self::of_brand(brand),
            _ => None,
        }
    }

    /// HEIC and AVIF pictures are boxes of the same form as videos, and X takes neither.
    fn of_brand(brand: &[u8]) -> Option<Self> {
        match brand.get(..4)? {
            b"qt  " => Some(Self::QuickTime),
            b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1" | b"avif"
            | b"avis" => None,
            _ => Some(Self::Mp4),
        }
    }

    /// Returns its MIME type.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Mp4 => "video/mp4",
            Self::QuickTime => "video/quicktime",
        }
    }

    /// Returns the kind with a MIME type.
    #[must_use]
    pub fn of_mime(mime: &str) -> Option<Self> {
        const ALL: [Kind; 6] =
            [Kind::Jpeg, Kind::Png, Kind::WebP, Kind::Gif, Kind::Mp4, Kind::QuickTime];
        ALL.into_iter().find(|kind| kind.mime() == mime)
    }

    /// Returns its name in a sentence: "a JPEG".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "a JPEG",
            Self::Png => "a PNG",
            Self::WebP => "a WebP",
            Self::Gif => "a GIF",
            Self::Mp4 => "an MP4 video",
            Self::QuickTime => "a QuickTime video",
        }
    }

    /// Returns whether it is a video.
    #[must_use]
    pub const fn is_video(self) -> bool {
        matches!(self, Self::Mp4 | Self::QuickTime)
    }
}

/// Returns what the first bytes of a file that X does not take are, in words, where many people have
/// such files.
pub(crate) fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let text = bytes.trim_ascii_start();
    let is_page = |tag: &[u8]| text.get(..tag.len()).is_some_and(|at| at.eq_ignore_ascii_case(tag));
    match bytes {
        [_, _, _, _, b'f', b't', b'y', b'p', b'h', b'e', ..] => Some("a HEIC picture"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'm', b'i' | b's', ..] => Some("a HEIF picture"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', ..] => Some("an AVIF picture"),
        [b'%', b'P', b'D', b'F', ..] => Some("a PDF"),
        [b'B', b'M', ..] => Some("a BMP picture"),
        [b'I', b'I', 0x2A, 0, ..] | [b'M', b'M', 0, 0x2A, ..] => Some("a TIFF picture"),
        [0x1A, 0x45, 0xDF, 0xA3, ..] => Some("a WebM or Matroska video"),
        [b'P', b'K', 3, 4, ..] => Some("a ZIP archive or an office document"),
        _ if is_page(b"<!doctype html") || is_page(b"<html") => Some("a web page"),
        _ if is_page(b"<svg") || is_page(b"<?xml") => Some("an SVG or XML document"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, foreign};

    #[test]
    fn a_kind_is_told_by_the_first_bytes_and_found_by_its_mime_type() {
        let files: [(&[u8], Kind); 7] = [
            (b"\xFF\xD8\xFF\xE0rest", Kind::Jpeg),
            (b"\x89PNG\r\n\x1a\nrest", Kind::Png),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Kind::WebP),
            (b"GIF89arest", Kind::Gif),
            (b"\0\0\0\x18ftypisom", Kind::Mp4),
            (b"\0\0\0\x18ftypmp42", Kind::Mp4),
            (b"\0\0\0\x14ftypqt  ", Kind::QuickTime),
        ];
        for (bytes, kind) in files {
            assert_eq!(Kind::of(bytes), Some(kind), "{bytes:?}");
            assert_eq!(Kind::of_mime(kind.mime()), Some(kind));
        }
    }

    #[test]
    fn what_x_does_not_take_is_named() {
        let files: [(&[u8], &str); 5] = [
            (b"\0\0\0\x18ftypheic", "a HEIC picture"),
            (b"\0\0\0\x18ftypavif", "an AVIF picture"),
            (b"  <!DOCTYPE html><title>404", "a web page"),
            (b"%PDF-1.7", "a PDF"),
            (b"\x1A\x45\xDF\xA3", "a WebM or Matroska video"),
        ];
        for (bytes, name) in files {
            assert_eq!(Kind::of(bytes), None, "{name}");
            assert_eq!(foreign(bytes), Some(name));
        }
    }
}
