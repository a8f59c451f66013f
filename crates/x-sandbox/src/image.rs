//! What kind of picture some bytes are, and how large, by their first bytes.

/// A picture's type and size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) media_type: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Recognises PNG, GIF, JPEG and WebP.
pub(crate) fn recognise(bytes: &[u8]) -> Option<Picture> {
    png(bytes).or_else(|| gif(bytes)).or_else(|| jpeg(bytes)).or_else(|| webp(bytes))
}

/// Whether these are the first bytes of an MP4 or QuickTime file.
pub(crate) fn is_video(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(b"ftyp")
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + length)?;
    Some(bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

fn number_le(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + length)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

fn png(bytes: &[u8]) -> Option<Picture> {
    let is = bytes.starts_with(b"\x89PNG\r\n\x1a\n");
    let (width, height) = (number(bytes, 16, 4)?, number(bytes, 20, 4)?);
    is.then_some(Picture { media_type: "image/png", width, height })
}

fn gif(bytes: &[u8]) -> Option<Picture> {
    let is = bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a");
    let (width, height) = (number_le(bytes, 6, 2)?, number_le(bytes, 8, 2)?);
    is.then_some(Picture { media_type: "image/gif", width, height })
}

/// The size stands in the frame header, after segments of any kind.
fn jpeg(bytes: &[u8]) -> Option<Picture> {
    if !bytes.starts_with(&[0xFF, 0xD8]) {
        return None;
    }
    let mut at = 2;
    loop {
        let marker = number(bytes, at, 2)?;
        if marker >> 8 != 0xFF {
            return None;
        }
        // Frame headers, but for the three among them that are none.
        if (0xFFC0..=0xFFCF).contains(&marker) && ![0xFFC4, 0xFFC8, 0xFFCC].contains(&marker) {
            let (height, width) = (number(bytes, at + 5, 2)?, number(bytes, at + 7, 2)?);
            return Some(Picture { media_type: "image/jpeg", width, height });
        }
        at += 2 + usize::try_from(number(bytes, at + 2, 2)?.max(2)).ok()?;
    }
}

fn webp(bytes: &[u8]) -> Option<Picture> {
    if bytes.get(..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WEBP") {
        return None;
    }
    let (width, height) = match bytes.get(12..16)? {
        b"VP8X" => (number_le(bytes, 24, 3)? + 1, number_le(bytes, 27, 3)? + 1),
        b"VP8 " => (number_le(bytes, 26, 2)? & 0x3FFF, number_le(bytes, 28, 2)? & 0x3FFF),
        b"VP8L" => {
            let bits = number_le(bytes, 21, 4)?;
            ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        }
        _ => return None,
    };
    Some(Picture { media_type: "image/webp", width, height })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_known_by_their_first_bytes() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03";
        let gif = b"GIF89a\x02\0\x03\0";
        let jpeg = b"\xFF\xD8\xFF\xE0\0\x04ab\xFF\xC0\0\x0b\x08\0\x03\0\x02";
        let webp = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x01\0\0\x02\0\0";
        for bytes in [&png[..], gif, jpeg, webp] {
            let picture = recognise(bytes).unwrap();
            assert_eq!((picture.width, picture.height), (2, 3), "{picture:?}");
            for end in 0..bytes.len() {
                assert_eq!(recognise(&bytes[..end]).filter(|p| p.width == 0), None);
            }
        }
        assert_eq!(recognise(b"not a picture at all"), None);
        assert!(is_video(b"\0\0\0\x18ftypmp42"));
    }
}
