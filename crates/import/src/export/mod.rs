//! Posts as files that people open elsewhere, and that an import reads again without loss.

mod cells;
pub(crate) mod csv;
mod ics;
mod json;
mod time;
pub(crate) mod xlsx;

use std::borrow::Cow;

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, TweetId};
use roost_core::post::{Content, MediaFile, MediaKind, Part};
use roost_core::status::Status;
use serde::{Deserialize, Serialize};

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum ExportFormat {
    /// What an import reads again without loss.
    Json,
    /// Values between commas.
    Csv,
    /// A workbook of Excel.
    Xlsx,
    /// A calendar.
    Ics,
}

impl ExportFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Json, Self::Csv, Self::Xlsx, Self::Ics];

    /// Returns the word by which command line and window name it, which is also what its files end in.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Ics => "ics",
        }
    }
}

/// A post as it is exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRow {
    /// Its id in Roost.
    pub post_id: PostId,
    /// The person's own id of it, with the plan in which it counts; the plan without a name is empty.
    pub own_id: Option<(String, String)>,
    /// What it says.
    pub content: Content,
    /// When it is planned.
    pub schedule: Option<ExportTime>,
    /// The handle of its account, without `@`.
    pub account: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// A note to oneself.
    pub note: Option<String>,
    /// The reply that is to follow it: what it says, and how many minutes after it.
    pub follow_up: Option<(String, u32)>,
    /// Whether it follows a post that the file does not have: it comes back as a draft.
    pub is_loose: bool,
    /// Where it stands.
    pub status: Status,
    /// The ids on X of its parts that are there, in their order.
    pub tweet_ids: Vec<TweetId>,
    /// When X took it.
    pub posted_at: Option<UnixMillis>,
}

/// When a post is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportTime {
    /// The instant, in whole seconds.
    pub at: UnixMillis,
    /// What the clocks of the zone show, as `2027-03-01 09:00`.
    pub wall_time: String,
    /// The IANA name of the zone.
    pub zone: String,
}

/// A file of posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The file.
    pub bytes: Vec<u8>,
    /// The posts in it.
    pub posts: u64,
    /// Posts that it has no place for: a calendar has none for what has no time.
    pub left_out: u64,
}

/// Why posts can't be written in a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// A workbook has no cell for a text this long.
    #[error(
        "Post {post} has {units} characters in the column \"{column}\", and a cell of a workbook holds \
         {limit}; export JSON or CSV instead"
    )]
    CellTooLong {
        /// The post.
        post: PostId,
        /// The column.
        column: &'static str,
        /// UTF-16 units of its text.
        units: usize,
        /// UTF-16 units that a cell holds.
        limit: usize,
    },
    /// A workbook has no row for so many posts.
    #[error(
        "A sheet of a workbook holds {limit} posts and {posts} are to be written; export JSON or CSV instead"
    )]
    TooManyRows {
        /// The posts.
        posts: usize,
        /// The posts that a sheet holds.
        limit: usize,
    },
    /// The file could not be put together.
    #[error("The file can't be written: {0}")]
    Unwritable(String),
}

/// Returns the file of these posts. `now` is when it was made, as a calendar says.
///
/// # Errors
/// When the format has no place for one of them.
pub fn write(
    rows: &[ExportRow],
    format: ExportFormat,
    now: UnixMillis,
) -> Result<Exported, ExportError> {
    let all = |bytes| Exported { bytes, posts: rows.len() as u64, left_out: 0 };
    match format {
        ExportFormat::Json => json::write(rows).map(all),
        ExportFormat::Csv => Ok(all(csv::write(rows))),
        ExportFormat::Xlsx => xlsx::write(rows).map(all),
        ExportFormat::Ics => Ok(ics::write(rows, now)),
    }
}

/// The folder, beside an export, in which it names the files of its posts.
const MEDIA_FOLDER: &str = "media";

/// Returns the path by which an export names a file, relative to itself: an import into the same store
/// knows it by its digest, and one elsewhere finds the file that was exported with it.
#[must_use]
pub fn media_path(file: &MediaFile) -> String {
    let ending = match file.kind {
        MediaKind::Jpeg => "jpg",
        MediaKind::Png => "png",
        MediaKind::WebP => "webp",
        MediaKind::Gif => "gif",
        MediaKind::Mp4 => "mp4",
        MediaKind::QuickTime => "mov",
    };
    format!("{MEDIA_FOLDER}/{}.{ending}", file.sha256)
}

/// A file of a part as an export names it, with what it shows.
type NamedFile<'r> = (Cow<'r, str>, Option<&'r str>);

/// Returns what the files of each part are called in an export, as far as parts have any.
fn media_of(content: &Content) -> Vec<Vec<NamedFile<'_>>> {
    let mut parts: Vec<_> = content.parts.iter().map(media_of_part).collect();
    while parts.last().is_some_and(Vec::is_empty) {
        parts.pop();
    }
    parts
}

/// Returns what a part's files are called. One that Roost does not have has no name.
fn media_of_part(part: &Part) -> Vec<NamedFile<'_>> {
    let taken = part.media.iter().filter_map(|media| {
        let path = media_path(media.file.as_ref()?);
        Some((Cow::from(path), media.alt_text.as_deref()))
    });
    let named = part
        .media_sources
        .iter()
        .map(|source| (Cow::from(source.source.as_str()), source.alt_text.as_deref()));
    taken.chain(named).collect()
}

impl ExportRow {
    /// Returns whether an import makes a draft of it: it is one, nothing says when it goes out, or it replies to
    /// what the file does not have.
    pub(crate) const fn is_draft(&self) -> bool {
        matches!(self.status, Status::Draft) || self.schedule.is_none() || self.is_loose
    }

    /// Returns the addresses of its parts on X, in their order.
    fn addresses(&self) -> Vec<String> {
        let owner = self.account.as_deref().unwrap_or("i");
        let address = |tweet: &TweetId| format!("https://x.com/{owner}/status/{tweet}");
        self.tweet_ids.iter().map(address).collect()
    }
}
