//! Pictures and videos of posts: taking one in, the library, and how one looks.

use std::path::PathBuf;

use roost_core::clock::UnixMillis;
use roost_core::failure::Problem;
use roost_core::id::MediaId;
use roost_core::post::{MediaFile, MediaRef};
use serde::{Deserialize, Serialize};

use crate::view::PostRow;

/// Takes a picture or a video into the library: from a path, or by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct AddMedia {
    /// A file on this computer.
    pub path: Option<PathBuf>,
    /// The bytes of the file in Base64, where there is no path: what was pasted.
    pub bytes_base64: Option<String>,
    /// What those bytes are called.
    pub file_name: Option<String>,
    /// What it shows, for people who do not see it.
    pub alt_text: Option<String>,
}

/// A file that was taken in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MediaAdded {
    /// What a part says of it.
    pub media: MediaRef,
    /// What it is.
    pub item: MediaItem,
    /// Whether it was not in the library before.
    pub is_new: bool,
    /// What not every account may post of it.
    pub warnings: Vec<Problem>,
}

/// A file of the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MediaItem {
    /// Its id.
    pub id: MediaId,
    /// What a part says of it; none for a kind that this version does not know.
    pub file: Option<MediaFile>,
    /// The name that it came with.
    pub file_name: String,
    /// Its width in pixels, as it is shown.
    pub width: Option<u32>,
    /// Its height in pixels, as it is shown.
    pub height: Option<u32>,
    /// How long it plays, in milliseconds; none for a picture.
    pub duration_ms: Option<u64>,
    /// About 28 bytes (ThumbHash), in Base64, from which a blurred picture is drawn at once.
    pub placeholder_base64: Option<String>,
    /// When it was last taken in.
    pub added_at: UnixMillis,
    /// How many posts have it, those in the trash among them.
    pub posts: u64,
    /// How many parts that are still to go out have it without a description; X takes none of a video.
    pub undescribed: u64,
    /// Whether its bytes are here.
    pub is_here: bool,
}

/// Asks for a page of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct ListMedia {
    /// How many files; 0 takes 60.
    pub limit: u32,
    /// How many of the newest to pass over.
    pub offset: u32,
}

/// Asks which parts have a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct ListMediaUses {
    /// The file.
    pub media_id: MediaId,
}

/// The parts that have a file; at most 100.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MediaUses {
    /// The parts, those of the newest posts first.
    pub uses: Vec<MediaUseRow>,
}

/// A part that has a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MediaUseRow {
    /// Its post.
    pub row: PostRow,
    /// The part's number, from 1.
    pub part: u32,
    /// Whether it describes the file.
    pub is_described: bool,
}

/// The library, and the room that it takes here and on the relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MediaLibrary {
    /// The files of the page, the one taken in last first.
    pub items: Vec<MediaItem>,
    /// How many there are in all.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
    /// The room on the relay, as it last told.
    pub relay: Option<MediaRoom>,
}

/// The room that files take on the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MediaRoom {
    /// How many there are.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
    /// The most bytes that it keeps.
    pub bytes_max: u64,
}

/// Asks for a picture made small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct GetThumbnail {
    /// The file.
    pub media_id: MediaId,
    /// The most pixels that its longer side needs; 0 takes 320.
    #[serde(default)]
    pub side_max: u32,
}

/// A picture made small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MediaThumbnail {
    /// A PNG in Base64; none for a video, and where the file is not here.
    pub png_base64: Option<String>,
}

/// What was removed from the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MediaRemoved {
    /// How many files.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
}
