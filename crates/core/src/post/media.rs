//! The files of a part: which, of what kind, and what they show.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::MediaId;

/// A file of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MediaRef {
    /// The file in the library of this computer.
    pub media_id: MediaId,
    /// What it shows, for people who do not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<String>,
    /// What the file is; none in a post of an earlier version, which kept no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<MediaFile>,
}

/// What a file is: enough to upload it, without asking anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MediaFile {
    /// The SHA-256 of its bytes.
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub sha256: MediaDigest,
    /// What it is, as a MIME type.
    pub kind: MediaKind,
    /// Under which of X's headings it is uploaded: a GIF of one frame is an image.
    pub category: MediaCategory,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A kind of file that X takes, by its MIME type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum MediaKind {
    /// A JPEG picture.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// A PNG picture.
    #[serde(rename = "image/png")]
    Png,
    /// A WebP picture.
    #[serde(rename = "image/webp")]
    WebP,
    /// A GIF, moving or not.
    #[serde(rename = "image/gif")]
    Gif,
    /// An MPEG-4 video.
    #[serde(rename = "video/mp4")]
    Mp4,
    /// A QuickTime video.
    #[serde(rename = "video/quicktime")]
    QuickTime,
}

impl MediaKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Jpeg, Self::Png, Self::WebP, Self::Gif, Self::Mp4, Self::QuickTime];

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
        Self::ALL.into_iter().find(|kind| kind.mime() == mime)
    }
}

/// Under which of X's three headings a file is uploaded. One post takes four images, or one GIF, or
/// one video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum MediaCategory {
    /// A picture that stands still.
    Image,
    /// A moving GIF.
    Gif,
    /// A video.
    Video,
}

/// The SHA-256 of a file's bytes: 64 small hexadecimal digits in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaDigest(pub [u8; 32]);

/// A text that is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the digest of a file has 64 hexadecimal digits")]
pub struct InvalidMediaDigest;

impl fmt::Display for MediaDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl FromStr for MediaDigest {
    type Err = InvalidMediaDigest;

    fn from_str(text: &str) -> Result<Self, InvalidMediaDigest> {
        crate::hex::decode(text).map(Self).ok_or(InvalidMediaDigest)
    }
}

impl Serialize for MediaDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MediaDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    #[test]
    fn a_file_is_written_in_x_s_own_words_and_one_without_is_read() {
        let json = format!(
            r#"{{"media_id":"00000000-0000-0000-0000-000000000000","alt_text":"a cat","file":{{"sha256":"{DIGEST}","kind":"image/gif","category":"gif","bytes":7}}}}"#
        );
        let whole: MediaRef = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&whole).unwrap(), json);
        let file = whole.file.unwrap();
        assert_eq!((file.kind, file.category), (MediaKind::Gif, MediaCategory::Gif));
        let earlier = r#"{"media_id":"00000000-0000-0000-0000-000000000000"}"#;
        let earlier_ref: MediaRef = serde_json::from_str(earlier).unwrap();
        assert_eq!(earlier_ref.file, None);
        assert_eq!(serde_json::to_string(&earlier_ref).unwrap(), earlier);
    }

    #[test]
    fn a_digest_is_64_hexadecimal_digits_and_nothing_else() {
        assert_eq!(DIGEST.parse::<MediaDigest>().unwrap().to_string(), DIGEST);
        let long = format!("{DIGEST}0");
        for none in ["", "ab", &DIGEST[1..], &long, &DIGEST.replace('9', "x")] {
            assert_eq!(none.parse::<MediaDigest>(), Err(InvalidMediaDigest), "{none}");
            let json = serde_json::to_string(none).unwrap();
            assert!(serde_json::from_str::<MediaDigest>(&json).is_err());
        }
    }

    #[test]
    fn a_kind_is_found_by_the_mime_type_that_it_is_written_as() {
        for kind in MediaKind::ALL {
            assert_eq!(MediaKind::of_mime(kind.mime()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.mime());
        }
        assert_eq!(MediaKind::of_mime("image/heic"), None);
    }
}
