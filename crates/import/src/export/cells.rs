//! A post as the cells of one row of a table, each of them a text.
//!
//! A list is written as people write it, where an import reads the same list from that; as JSON where it
//! does not, such as parts of a thread that hold the line which separates parts.

use roost_core::post::ReplySettings;

use super::{ExportRow, NamedFile, time};

/// The columns, by the names that the JSON has.
pub(super) const COLUMNS: [&str; 23] = [
    "id",
    "content",
    "thread",
    "scheduledAt",
    "timezone",
    "account",
    "status",
    "tags",
    "note",
    "replySettings",
    "madeWithAi",
    "paidPartnership",
    "communityId",
    "followUp",
    "followUpAfter",
    "media",
    "altText",
    "pollOptions",
    "pollDuration",
    "tweetUrl",
    "postedAt",
    "plan",
    "postId",
];

/// Between two parts of a thread in one cell.
const PART_SEPARATOR: &str = "\n---\n";

/// Returns the cells of a post, one a column; what it has not is empty.
pub(super) fn cells(row: &ExportRow) -> [String; COLUMNS.len()] {
    let texts: Vec<&str> = row.content.texts().collect();
    let is_thread = texts.len() > 1;
    let first = row.content.parts.first();
    let media = super::media_of(&row.content);
    let poll = first.and_then(|part| part.poll.as_ref());
    let disclosed = row.content.disclosing();
    let (plan, id) = row.own_id.clone().unwrap_or_default();
    [
        id,
        if is_thread {
            String::new()
        } else {
            texts.first().copied().unwrap_or_default().to_owned()
        },
        if is_thread { thread(&texts) } else { String::new() },
        row.schedule.as_ref().map(time::planned).unwrap_or_default(),
        row.schedule.as_ref().map(|schedule| schedule.zone.clone()).unwrap_or_default(),
        row.account.clone().unwrap_or_default(),
        status(row).to_owned(),
        list(&row.tags, ", ", &[',', ';', '\n']),
        row.note.clone().unwrap_or_default(),
        first.and_then(|part| part.reply_settings).map(reply_settings).unwrap_or_default(),
        truth(disclosed.made_with_ai),
        truth(disclosed.paid_partnership),
        first.and_then(|part| part.community_id.clone()).unwrap_or_default(),
        row.follow_up.as_ref().map(|(text, _)| text.clone()).unwrap_or_default(),
        row.follow_up.as_ref().map(|(_, minutes)| minutes.to_string()).unwrap_or_default(),
        sources(&media),
        descriptions(&media),
        poll.map(|poll| list(&poll.options, "\n", &['\n', '|', ';', ','])).unwrap_or_default(),
        poll.map(|poll| poll.duration_minutes.to_string()).unwrap_or_default(),
        row.addresses().join("\n"),
        row.posted_at.map(time::instant).unwrap_or_default(),
        plan,
        row.post_id.to_string(),
    ]
}

fn truth(is: bool) -> String {
    if is { "true".to_owned() } else { String::new() }
}

/// Returns the status; of a post that can only come back as a draft, that of drafts.
const fn status(row: &ExportRow) -> &'static str {
    use roost_core::status::Status::{Held, Pending, Queued};
    match row.status {
        Pending | Queued | Held if row.is_draft() => "draft",
        status => status.as_str(),
    }
}

fn thread(texts: &[&str]) -> String {
    let is_plain = |text: &&str| {
        !text.is_empty() && text.trim() == *text && !text.split('\n').any(separates_parts)
    };
    let is_list = texts.first().is_some_and(|text| text.starts_with('['));
    if !is_list && texts.iter().all(is_plain) { texts.join(PART_SEPARATOR) } else { json(texts) }
}

/// Returns whether an import takes this line for what stands between two parts.
fn separates_parts(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && line.bytes().all(|byte| byte == b'-')
}

fn list<T: AsRef<str>>(
    items: impl IntoIterator<Item = T>,
    between: &str,
    separators: &[char],
) -> String {
    let items: Vec<T> = items.into_iter().collect();
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    let is_plain = |item: &&str| {
        !item.is_empty()
            && item.trim() == *item
            && !item.contains(separators)
            && !item.starts_with('[')
    };
    if items.iter().all(is_plain) { items.join(between) } else { json(&items) }
}

/// Returns the cell of the files: those of a thread's parts stand between the lines that separate its texts.
fn sources(media: &[Vec<NamedFile<'_>>]) -> String {
    let of_part = |files: &Vec<NamedFile<'_>>| {
        list(files.iter().map(|(source, _)| source), "\n", &['\n', '|', ',', ';'])
    };
    let parts: Vec<String> = media.iter().map(of_part).collect();
    match parts.iter().any(|part| part.starts_with('[')) && parts.len() > 1 {
        true => nested(media, |(source, _)| source),
        false => parts.join(PART_SEPARATOR),
    }
}

/// Returns the cell of what the files show.
fn descriptions(media: &[Vec<NamedFile<'_>>]) -> String {
    let of = |(_, alt_text): &NamedFile<'_>| alt_text.unwrap_or_default().to_owned();
    if media.iter().flatten().all(|file| of(file).is_empty()) {
        return String::new();
    }
    match media {
        [only] => match only.as_slice() {
            [file] if !of(file).trim_start().starts_with('[') => of(file),
            files => serde_json::Value::from(files.iter().map(of).collect::<Vec<_>>()).to_string(),
        },
        parts => nested(parts, |(_, alt_text)| alt_text.unwrap_or_default()),
    }
}

/// Returns a list for each part, as JSON.
fn nested<'m>(
    media: &'m [Vec<NamedFile<'_>>],
    of: impl Fn(&'m NamedFile<'_>) -> &'m str,
) -> String {
    let list = |files: &'m Vec<NamedFile<'_>>| files.iter().map(&of).collect::<Vec<_>>();
    media.iter().map(list).map(serde_json::Value::from).collect::<serde_json::Value>().to_string()
}

fn json(items: &[&str]) -> String {
    serde_json::Value::from(items).to_string()
}

fn reply_settings(settings: ReplySettings) -> String {
    match settings {
        ReplySettings::Following => "following",
        ReplySettings::MentionedUsers => "mentioned_users",
        ReplySettings::Subscribers => "subscribers",
        ReplySettings::Verified => "verified",
    }
    .to_owned()
}
