//! The layouts of programs whose files people bring along.

use crate::field::Field;
use crate::field::names::key;
use crate::format::Format;
use crate::table::{Column, RawTable};

/// The columns of a program's files.
struct Layout {
    /// The keys that tell it from others; all must be there.
    signature: &'static [&'static str],
    /// The fields of its columns, by their keys. What is not here goes by its name.
    columns: &'static [(&'static str, Option<Field>)],
}

/// The column of the reasons in a file of rows that were not imported.
pub const REASON: &str = "reason";
/// What tells Roost's own exports from other files.
const OWN: &[&str] = &["postid", "status"];

/// Returns whether a column holds what Roost itself wrote for people and reads nothing from.
pub(super) fn is_for_people(table: &RawTable, column: usize) -> bool {
    let name = |at: usize| table.columns.get(at).map_or("", |column| column.name.as_str());
    match key(name(column)).as_str() {
        "postid" | "postedat" => is_export(&table.columns),
        _ => {
            // Fields of JSON stand in no order of theirs.
            let is_last = column + 1 == table.columns.len();
            let is_object = matches!(table.format, Format::Json | Format::JsonLines);
            name(column) == REASON && (is_last || is_object)
        }
    }
}

/// Returns whether the columns of a table are those of a file that Roost wrote: of an export, or of rows
/// that were not imported.
#[must_use]
pub fn is_own(columns: &[Column]) -> bool {
    is_export(columns) || columns.last().is_some_and(|column| column.name == REASON)
}

fn is_export(columns: &[Column]) -> bool {
    let has = |wanted: &&str| columns.iter().any(|column| key(&column.name) == **wanted);
    OWN.iter().all(has)
}

const LAYOUTS: &[Layout] = &[
    // Roost's own exports.
    Layout {
        signature: OWN,
        columns: &[
            ("id", Some(Field::OwnId)),
            ("tweeturl", Some(Field::TweetId)),
            ("tweetid", Some(Field::TweetId)),
            ("postid", None),
            ("postedat", None),
        ],
    },
    // Hootsuite, with a header: the date first, one link.
    Layout {
        signature: &["date", "message", "link"],
        columns: &[
            ("date", Some(Field::ScheduledAt)),
            ("message", Some(Field::Content)),
            ("link", Some(Field::Link)),
        ],
    },
    // Buffer.
    Layout {
        signature: &["text", "imageurl", "tags", "postingtime"],
        columns: &[
            ("text", Some(Field::Content)),
            ("imageurl", Some(Field::Media)),
            ("tags", Some(Field::Tags)),
            ("postingtime", Some(Field::ScheduledAt)),
        ],
    },
    // Publer.
    Layout {
        signature: &["text", "link", "mediaurl", "label", "alttext"],
        columns: &[
            ("dateintlformatorprompt", Some(Field::ScheduledAt)),
            ("date", Some(Field::ScheduledAt)),
            ("text", Some(Field::Content)),
            ("link", Some(Field::Link)),
            ("mediaurl", Some(Field::Media)),
            ("label", Some(Field::Tags)),
            ("alttext", Some(Field::AltText)),
            // Comments go below the post of another network, and subtypes are theirs too.
            ("comment", None),
            ("postsubtype", None),
            ("cta", None),
            ("reminder", None),
        ],
    },
    // Typefully, as its first interface took drafts: empty lines stand between the parts of a thread.
    Layout {
        signature: &["content", "threadify"],
        columns: &[
            ("content", Some(Field::Thread)),
            ("scheduledate", Some(Field::ScheduledAt)),
            ("threadify", None),
            ("share", None),
        ],
    },
    // Typefully, as it lists drafts.
    Layout {
        signature: &["scheduleddate", "numtweets"],
        columns: &[
            ("id", Some(Field::OwnId)),
            ("text", Some(Field::Thread)),
            ("scheduleddate", Some(Field::ScheduledAt)),
            ("status", Some(Field::Status)),
            ("publishedon", None),
            ("twitterurl", Some(Field::TweetId)),
            ("numtweets", None),
        ],
    },
    // Postiz.
    Layout { signature: &["content", "publishdate", "integration"], columns: POSTIZ },
    Layout { signature: &["content", "publishdate", "releaseurl"], columns: POSTIZ },
];

const POSTIZ: &[(&str, Option<Field>)] = &[
    ("id", Some(Field::OwnId)),
    ("content", Some(Field::Content)),
    ("publishdate", Some(Field::ScheduledAt)),
    ("state", Some(Field::Status)),
    ("status", Some(Field::Status)),
    ("releaseurl", Some(Field::TweetId)),
    ("integration", Some(Field::Network)),
    ("media", Some(Field::Media)),
    ("image", Some(Field::Media)),
    ("releaseid", None),
    ("group", None),
    ("settings", None),
];

/// The plan within which the id of a row counts.
const PLAN: &[(&str, Option<Field>)] = &[("plan", Some(Field::Plan))];

/// X's own archive.
const X_ARCHIVE: &[(&str, Option<Field>)] = &[
    ("fulltext", Some(Field::Content)),
    ("text", Some(Field::Content)),
    ("idstr", Some(Field::TweetId)),
    ("id", Some(Field::TweetId)),
    ("createdat", Some(Field::ScheduledAt)),
    ("media", Some(Field::Media)),
    ("source", None),
    ("lang", None),
];

/// Returns the field of each column that the layout of a known program decides: `Some(None)` for one that
/// it leaves out, `None` for one of which it says nothing.
pub(super) fn fields(table: &RawTable) -> Vec<Option<Option<Field>>> {
    let keys: Vec<String> = table.columns.iter().map(|column| key(&column.name)).collect();
    let columns = match table.format {
        Format::XArchive => Some(X_ARCHIVE),
        _ => {
            let fits = |layout: &&Layout| {
                layout.signature.iter().all(|name| keys.iter().any(|key| key == name))
            };
            LAYOUTS.iter().find(fits).map(|layout| layout.columns)
        }
    };
    // In a table of another program a plan may be anything.
    let is_plan =
        matches!(table.format, Format::Json | Format::JsonLines) || is_own(&table.columns);
    let columns = columns.into_iter().flatten().chain(PLAN.iter().filter(|_| is_plan));
    let columns: Vec<&(&str, Option<Field>)> = columns.collect();
    let mut taken: Vec<Field> = Vec::new();
    let field = |key: &String| {
        let (_, field) = columns.iter().find(|(name, _)| name == key)?;
        match field {
            Some(field) if taken.contains(field) => Some(None),
            Some(field) => {
                taken.push(*field);
                Some(Some(*field))
            }
            None => Some(None),
        }
    };
    keys.iter().map(field).collect()
}
