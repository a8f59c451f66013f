//! The fields of a row: their names, what people call them instead, and their values.

use serde_json::value::RawValue;

use super::document::{Members, RawRow};
use roost_core::failure::{Code, Findings, Problem, clip};

/// Below this likeness (Jaro–Winkler, 0 to 1) a name is not suggested.
const LIKENESS_MIN: f64 = 0.84;
/// Longer names are not compared with any.
const NAME_MAX: usize = 40;

/// The fields of a row, and what people call them instead.
const ROW_FIELDS: &[(&str, &[&str])] = &[
    ("content", &["text", "tweet", "body", "message", "post", "status", "caption"]),
    ("thread", &["tweets", "parts", "segments"]),
    (
        "scheduledAt",
        &["date", "time", "datetime", "when", "schedule", "publishat", "postat", "sendat", "at"],
    ),
    ("draft", &["isdraft"]),
    ("timezone", &["tz", "zone"]),
    ("account", &["user", "handle", "username", "author", "profile"]),
    ("tags", &["tag", "labels", "label", "categories", "category"]),
];

/// The fields of the file, beside `posts`.
const FILE_FIELDS: &[(&str, &[&str])] = &[
    ("timezone", &["tz", "zone"]),
    ("account", &["user", "handle", "username", "author", "profile"]),
];

/// What an export tells beside them.
const EXPORT_FIELDS: &[&str] =
    &["id", "plan", "note", "status", "tweetId", "tweetUrl", "postedAt", "postId"];

/// The fields of a row, as they stand in the text.
#[derive(Debug, Default)]
pub(super) struct Fields<'t> {
    pub(super) content: Option<&'t RawValue>,
    pub(super) thread: Option<&'t RawValue>,
    pub(super) scheduled_at: Option<&'t RawValue>,
    pub(super) draft: Option<&'t RawValue>,
    pub(super) timezone: Option<&'t RawValue>,
    pub(super) account: Option<&'t RawValue>,
    pub(super) tags: Option<&'t RawValue>,
    /// Fields that seem to be there under a wrong name, so that they are not called missing too.
    pub(super) misspelt: Vec<&'static str>,
}

impl<'t> Fields<'t> {
    /// Sorts the fields of a row; nothing when the row is no object.
    pub(super) fn of_row(row: &RawRow<'t>, findings: &mut Findings) -> Option<Self> {
        if !row.value.get().starts_with('{') {
            findings.error(|| {
                let message = format!("The row is {}; a post is an object.", kind(row.value));
                Problem::new(Code::RowNotObject, message)
            });
            return None;
        }
        let Ok(Members(members)) = serde_json::from_str(row.value.get()) else {
            findings.error(|| {
                let message = "A field's name has a broken \\u escape.";
                Problem::new(Code::UnknownField, message).with_remedy("Correct the name.")
            });
            return None;
        };
        Some(Self::sort(members, ROW_FIELDS, findings))
    }

    /// Sorts the fields of the file.
    pub(super) fn of_file(members: &[(String, &'t RawValue)], findings: &mut Findings) -> Self {
        Self::sort(members.to_vec(), FILE_FIELDS, findings)
    }

    fn sort(
        members: Vec<(String, &'t RawValue)>,
        known: &[(&'static str, &[&str])],
        findings: &mut Findings,
    ) -> Self {
        let mut fields = Self::default();
        let mut seen = Vec::with_capacity(known.len());
        let exported =
            known.len() == ROW_FIELDS.len() && members.iter().any(|(it, _)| it == "postId");
        for (name, value) in members {
            if exported && EXPORT_FIELDS.contains(&name.as_str()) {
                continue;
            }
            let Some((field, _)) = known.iter().find(|(field, _)| *field == name) else {
                let meant = nearest(&name, known);
                fields.misspelt.extend(meant);
                findings.error(|| unknown(&name, meant, known));
                continue;
            };
            if seen.contains(field) {
                findings.error(|| {
                    let message = format!("The field \"{field}\" is there twice.");
                    Problem::new(Code::RepeatedField, message).in_field(*field)
                });
            }
            seen.push(field);
            fields.set(field, value);
        }
        fields
    }

    fn set(&mut self, field: &str, value: &'t RawValue) {
        let place = match field {
            "content" => &mut self.content,
            "thread" => &mut self.thread,
            "scheduledAt" => &mut self.scheduled_at,
            "draft" => &mut self.draft,
            "timezone" => &mut self.timezone,
            "account" => &mut self.account,
            _ => &mut self.tags,
        };
        // Null says that there is nothing, like a field that is not there.
        *place = Some(value).filter(|value| value.get() != "null");
    }
}

fn unknown(name: &str, meant: Option<&str>, known: &[(&str, &[&str])]) -> Problem {
    let name = clip(name, NAME_MAX);
    let problem = Problem::new(Code::UnknownField, format!("There is no field \"{name}\"."));
    let remedy = match meant {
        Some(meant) => format!("Did you mean \"{meant}\"?"),
        None => {
            let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
            format!("Remove it; the fields are {}.", names.join(", "))
        }
    };
    problem.in_field(name).with_remedy(remedy)
}

/// The field that was probably meant by `name`.
pub(super) fn nearest(name: &str, known: &[(&'static str, &[&str])]) -> Option<&'static str> {
    if name.len() > NAME_MAX {
        return None;
    }
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let called = |(field, aliases): &&(&'static str, &[&str])| {
        field.to_lowercase() == plain || aliases.contains(&plain.as_str())
    };
    if let Some((field, _)) = known.iter().find(called) {
        return Some(field);
    }
    known
        .iter()
        .map(|(field, _)| (strsim::jaro_winkler(&field.to_lowercase(), &plain), *field))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, field)| field)
}

/// What kind of value stands there, in words.
pub(super) fn kind(value: &RawValue) -> &'static str {
    match value.get().as_bytes().first() {
        Some(b'"') => "a text",
        Some(b'[') => "a list",
        Some(b'{') => "an object",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "nothing (null)",
        _ => "a number",
    }
}

/// Reads a text. Nothing when it is none; that is found then.
pub(super) fn text(value: &RawValue, field: &str, findings: &mut Findings) -> Option<String> {
    if !value.get().starts_with('"') {
        findings.error(|| {
            let message = format!("The field holds {}; a text is expected.", kind(value));
            Problem::new(Code::WrongType, message)
                .in_field(field)
                .with_remedy("Put it in double quotes.")
        });
        return None;
    }
    let read = serde_json::from_str(value.get());
    if read.is_err() {
        findings.error(|| {
            Problem::new(Code::InvalidCharacter, "The text has a broken \\u escape.")
                .in_field(field)
                .with_remedy("Write the character itself; half of a surrogate pair is none.")
        });
    }
    read.ok()
}

/// Reads true or false. Nothing when it is neither; that is found then.
pub(super) fn truth(value: &RawValue, field: &str, findings: &mut Findings) -> Option<bool> {
    let read = serde_json::from_str(value.get()).ok();
    if read.is_none() {
        findings.error(|| {
            let message = format!("The field holds {}; true or false is expected.", kind(value));
            Problem::new(Code::WrongType, message)
                .in_field(field)
                .with_remedy("Write true, or leave it out.")
        });
    }
    read
}

/// Reads a list of texts. Nothing when it is none; that is found then.
pub(super) fn texts(value: &RawValue, field: &str, findings: &mut Findings) -> Option<Vec<String>> {
    let elements = match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
        Ok(elements) if value.get().starts_with('[') => elements,
        _ => {
            findings.error(|| {
                let message =
                    format!("The field holds {}; a list of texts is expected.", kind(value));
                Problem::new(Code::WrongType, message)
                    .in_field(field)
                    .with_remedy("Write it as [\"…\", \"…\"].")
            });
            return None;
        }
    };
    let read: Vec<Option<String>> = (1..)
        .zip(elements)
        .map(|(place, element)| text(element, &format!("{field}[{place}]"), findings))
        .collect();
    read.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_under_another_name_is_recognised() {
        for (name, meant) in [
            ("Content", "content"),
            ("contents", "content"),
            ("text", "content"),
            ("scheduled_at", "scheduledAt"),
            ("scheduleAt", "scheduledAt"),
            ("sheduledAt", "scheduledAt"),
            ("time_zone", "timezone"),
            ("tz", "timezone"),
            ("acount", "account"),
            ("tag", "tags"),
            ("tweets", "thread"),
        ] {
            assert_eq!(nearest(name, ROW_FIELDS), Some(meant), "{name}");
        }
        for name in ["", "media", "id", "x", "🐦", &"content".repeat(1_000)] {
            assert_eq!(nearest(name, ROW_FIELDS), None, "{name}");
        }
    }
}
