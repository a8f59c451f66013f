//! Files to fill in, one per format. Their times lie in the week after the present, so that a template is
//! never in the past.

use roost_core::clock::UnixMillis;
use roost_core::zone::{WallTime, Zone, wall_time_of};
use serde_json::{Map, Value, json};

use crate::export::ExportError;
use crate::export::csv::{BYTE_ORDER_MARK, record};
use crate::export::xlsx::Table;
use crate::format::Format;

/// The formats that have a template.
pub const FORMATS: [Format; 5] =
    [Format::Json, Format::Csv, Format::Xlsx, Format::Text, Format::Markdown];

/// The columns of a table to fill in.
const COLUMNS: [&str; 8] =
    ["content", "thread", "scheduledAt", "draft", "timezone", "account", "tags", "note"];
/// Days from the present to the first time.
const DAYS_AHEAD: i64 = 7;
/// The hour of the times.
const HOUR: i8 = 9;

/// A file to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// What it is called.
    pub file_name: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A post that shows how one is written.
struct Example {
    texts: &'static [&'static str],
    /// Days after the first; without a time it is a draft.
    day: Option<i64>,
    tags: &'static [&'static str],
    note: &'static str,
}

const EXAMPLES: [Example; 3] = [
    Example {
        texts: &["We open the doors today. Come in and look around."],
        day: Some(0),
        tags: &["launch"],
        note: "a tweet",
    },
    Example {
        texts: &["How it came to be, in two parts.", "It began with a list of posts in a table."],
        day: Some(1),
        tags: &["launch", "story"],
        note: "a thread",
    },
    Example {
        texts: &["An idea for later, which has no time yet."],
        day: None,
        tags: &[],
        note: "a draft",
    },
];

/// Returns the template of a format; `None` for a format that has none.
///
/// # Errors
/// When a workbook can't be put together.
pub fn template(
    format: Format,
    now: UnixMillis,
    zone: &Zone,
    account: Option<&str>,
) -> Option<Result<Template, ExportError>> {
    let with = |file_name, text: String| Ok(Template { file_name, bytes: text.into_bytes() });
    Some(match format {
        Format::Json => with("posts.json", json_text(now, zone, account)),
        Format::Csv => with("posts.csv", csv(now, zone, account)),
        Format::Xlsx => {
            xlsx(now, zone, account).map(|bytes| Template { file_name: "posts.xlsx", bytes })
        }
        Format::Text => with("posts.txt", prose()),
        Format::Markdown => with("posts.md", prose()),
        Format::JsonLines | Format::Tsv | Format::Ods | Format::XArchive => return None,
    })
}

/// Returns a file of JSON with the examples.
pub(crate) fn json_text(now: UnixMillis, zone: &Zone, account: Option<&str>) -> String {
    format!("{:#}\n", document(now, zone, account))
}

/// Returns a document of JSON with the examples.
pub(crate) fn document(now: UnixMillis, zone: &Zone, account: Option<&str>) -> Value {
    let posts: Vec<Value> = EXAMPLES.iter().map(|example| post(example, now, zone)).collect();
    let mut file = Map::new();
    file.insert("timezone".to_owned(), zone.name().into());
    if let Some(account) = account {
        file.insert("account".to_owned(), format!("@{}", account.trim_start_matches('@')).into());
    }
    file.insert("posts".to_owned(), posts.into());
    Value::Object(file)
}

fn post(example: &Example, now: UnixMillis, zone: &Zone) -> Value {
    let mut post = Map::new();
    match example.texts {
        [only] => post.insert("content".to_owned(), json!(only)),
        texts => post.insert("thread".to_owned(), json!(texts)),
    };
    match example.day {
        Some(day) => post.insert("scheduledAt".to_owned(), time(now, zone, day).into()),
        None => post.insert("draft".to_owned(), true.into()),
    };
    if !example.tags.is_empty() {
        post.insert("tags".to_owned(), json!(example.tags));
    }
    Value::Object(post)
}

fn cells(
    example: &Example,
    now: UnixMillis,
    zone: &Zone,
    account: Option<&str>,
) -> [String; COLUMNS.len()] {
    let is_thread = example.texts.len() > 1;
    let text = example.texts.join("\n---\n");
    let (content, thread) = if is_thread { (String::new(), text) } else { (text, String::new()) };
    [
        content,
        thread,
        example.day.map(|day| time(now, zone, day)).unwrap_or_default(),
        if example.day.is_none() { "true".to_owned() } else { String::new() },
        zone.name().to_owned(),
        account.map(|account| account.trim_start_matches('@').to_owned()).unwrap_or_default(),
        example.tags.join(", "),
        example.note.to_owned(),
    ]
}

fn csv(now: UnixMillis, zone: &Zone, account: Option<&str>) -> String {
    let mut text = BYTE_ORDER_MARK.to_owned();
    record(&mut text, &COLUMNS);
    for example in &EXAMPLES {
        record(&mut text, &cells(example, now, zone, account));
    }
    text
}

fn xlsx(now: UnixMillis, zone: &Zone, account: Option<&str>) -> Result<Vec<u8>, ExportError> {
    let mut table = Table::new(&COLUMNS)?;
    for (line, example) in (1..).zip(&EXAMPLES) {
        table.row(line, &cells(example, now, zone, account))?;
    }
    table.finish()
}

/// A post between two lines of dashes; without times they are drafts, or take the account's slots.
fn prose() -> String {
    let posts: Vec<String> = EXAMPLES.iter().map(|example| example.texts.join("\n\n")).collect();
    format!("{}\n", posts.join("\n\n---\n\n"))
}

/// Returns the first time of the examples on the clocks of `zone`, as `2027-03-01 09:00`.
pub(crate) fn first_time(now: UnixMillis, zone: &Zone) -> String {
    time(now, zone, 0)
}

fn time(now: UnixMillis, zone: &Zone, day: i64) -> String {
    let today = wall_time_of(now, zone);
    let morning = WallTime::new(today.year(), today.month(), today.day(), HOUR, 0, 0);
    morning.unwrap_or(today).plus_hours((DAYS_AHEAD + day) * 24).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Field;
    use crate::mapping::Mapping;
    use crate::source::{ReadOptions, read};

    /// 30 November 2026, 0:53:20 UTC.
    const NOW: UnixMillis = UnixMillis(1_796_000_000_000);

    fn made(format: Format, now: UnixMillis) -> Template {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        template(format, now, &zone, Some("@ada")).unwrap().unwrap()
    }

    #[test]
    fn a_template_is_read_in_its_format_and_without_a_question() {
        for format in FORMATS {
            let Template { file_name, bytes } = made(format, NOW);
            let table = read(&bytes, Some(file_name), &ReadOptions::default()).unwrap();
            assert_eq!((table.format, table.len()), (format, EXAMPLES.len()), "{file_name}");
            let mapping = Mapping::recognise(&table);
            assert_eq!(mapping.unused().count(), 0, "{file_name}: {mapping:?}");
            assert_eq!(mapping.questions().count(), 0, "{file_name}: {mapping:?}");
            assert!(mapping.columns.iter().any(|it| it.field == Some(Field::Content)));
        }
    }

    #[test]
    fn no_time_of_a_template_is_in_the_past() {
        for now in [NOW, UnixMillis(NOW.0 + 40_000_000_000), UnixMillis(4_000_000_000_000)] {
            let file: Value = serde_json::from_slice(&made(Format::Json, now).bytes).unwrap();
            let times = file["posts"].as_array().unwrap().iter();
            let times: Vec<_> = times.filter_map(|post| post["scheduledAt"].as_str()).collect();
            assert_eq!(times.len(), 2);
            let present = wall_time_of(now, &Zone::parse("Europe/Berlin").unwrap()).to_string();
            assert!(times.iter().all(|time| **time > *present), "{times:?} after {present}");
        }
    }
}
