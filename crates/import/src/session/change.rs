//! What a row changes of the waiting post that has its id. What a row does not say is no change: a file
//! without tags takes none away, and a text without pictures leaves those of its post.

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use roost_core::post::{Content, Part};
use roost_core::status::Status;

use super::kept::Flags;
use super::ready::ReadyRow;
use super::view::FieldChange;
use crate::field::Field;
use crate::follow_up::MeantFollowUp;
use crate::row::Meant;
use crate::surroundings::{ShownPost, Surroundings};

/// What a row says of its post, its time aside.
pub(super) struct Says {
    content: Content,
    account: Option<XUserId>,
    tags: Vec<String>,
    note: Option<String>,
    follow_up: Option<MeantFollowUp>,
    /// Whether it says of itself that it is a draft; one that merely becomes a draft does not.
    is_draft: bool,
    /// Whether it goes out.
    goes_out: bool,
    /// Whether it goes out only at the time that its post has.
    is_timeless: bool,
}

impl Says {
    pub(super) fn of(meant: Meant, account: Option<XUserId>, flags: Flags) -> Self {
        let is_draft = meant.is_draft;
        let kept_back = [Flags::DRAFT, Flags::DRAFT_ANYWAY, Flags::FAULTY];
        let goes_out = !kept_back.iter().any(|flag| flags.has(*flag));
        let Meant { content, account_is_named, tags, note, follow_up, .. } = meant;
        let account = account.filter(|_| account_is_named);
        let is_timeless = flags.has(Flags::TIMELESS);
        Self { content, account, tags, note, follow_up, is_draft, goes_out, is_timeless }
    }

    /// Returns whether the row says otherwise than its post, as it is at `now`.
    pub(super) fn differs(&self, post: &ShownPost, now: UnixMillis) -> bool {
        let becomes_draft = self.is_draft && is_scheduled(post);
        let goes_out = self.goes_out && (!self.is_timeless || post.at.is_some_and(|at| at > now));
        becomes_draft
            || goes_out && post.status == Status::Draft && !self.leaves_draft(post)
            || says_otherwise(&self.content, &post.content)
            || self.account.is_some() && self.account != post.account
            || self.note.is_some() && self.note != post.note
            || self.follow_up.is_some() && self.follow_up != post.follow_up
            || !self.tags.is_empty() && !are_same_tags(&self.tags, &post.tags)
    }

    /// Returns whether its post is a draft and stays one, because it has what can't be sent yet.
    pub(super) fn leaves_draft(&self, post: &ShownPost) -> bool {
        let after = over(self.content.clone(), &post.content);
        let after = once_taken_in(&self.content, after);
        post.status == Status::Draft && after.parts.iter().any(Part::has_unsendable)
    }
}

/// Returns whether a post is one that is to go out: a row that says "draft" changes only such a one.
fn is_scheduled(post: &ShownPost) -> bool {
    post.status != Status::Draft
        && post.at.is_some()
        && !post.content.parts.iter().any(Part::has_unsendable)
}

/// Returns what a post says after a row once the files that the row names are taken in, as the commit does;
/// one that can't be had makes a draft of the row by itself. What the post itself lacks, it goes on lacking.
fn once_taken_in(row: &Content, mut after: Content) -> Content {
    if row.parts.iter().any(|part| !part.media_sources.is_empty()) {
        after.parts.iter_mut().for_each(|part| part.media_sources.clear());
    }
    after
}

fn says_otherwise(row: &Content, post: &Content) -> bool {
    let after = over(row.clone(), post);
    // Blanks at the end of a line are no other text.
    after.duplicate_key() != post.duplicate_key() || beyond_texts(&after) != beyond_texts(post)
}

fn beyond_texts(content: &Content) -> Vec<Part> {
    content.parts.iter().map(|part| Part { text: String::new(), ..part.clone() }).collect()
}

/// Returns what a post says once it has the texts of a row: a row of texts alone knows nothing of the
/// pictures, the poll and the like of its post.
#[must_use]
pub fn over(row: Content, post: &Content) -> Content {
    if !row.parts.iter().all(Part::is_text_alone) {
        return row;
    }
    post.clone().with_texts(row.to_texts())
}

fn are_same_tags(one: &[String], other: &[String]) -> bool {
    let plain = |tags: &[String]| {
        let mut tags: Vec<String> = tags.iter().map(|tag| tag.to_lowercase()).collect();
        tags.sort_unstable();
        tags
    };
    plain(one) == plain(other)
}

/// Returns each field that a row changes of its post, before and after.
pub(super) fn changes(
    row: &ReadyRow,
    post: &ShownPost,
    surroundings: &Surroundings,
) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let mut add = |field, before: String, after: String| {
        if before != after {
            changes.push(FieldChange { field, before, after });
        }
    };
    let after = over(row.content.clone(), &post.content);
    if after.duplicate_key() != post.content.duplicate_key() {
        let text = |content: &Content| content.to_texts().join("\n---\n");
        add(Field::Content, text(&post.content), text(&after));
    }
    add(Field::Media, by_part(&post.content, media), by_part(&after, media));
    add(Field::AltText, by_part(&post.content, alt_texts), by_part(&after, alt_texts));
    let (was, is) = (post.content.parts.first(), after.parts.first());
    add(Field::PollOptions, poll(was), poll(is));
    add(Field::ReplySettings, reply_settings(was), reply_settings(is));
    let (had, has) = (post.content.disclosing(), after.disclosing());
    add(Field::MadeWithAi, truth(had.made_with_ai), truth(has.made_with_ai));
    add(Field::PaidPartnership, truth(had.paid_partnership), truth(has.paid_partnership));
    let community = |part: Option<&Part>| part.and_then(|part| part.community_id.clone());
    add(Field::CommunityId, community(was).unwrap_or_default(), community(is).unwrap_or_default());
    if row.scheduled_at.is_some() && row.scheduled_at != post.at {
        let wall = row.wall_time.map(|wall| format!("{wall} {}", row.zone.name()));
        let was = post.wall_time.as_ref().zip(post.zone.as_ref());
        let was = was.map(|(wall, zone)| format!("{wall} {zone}")).unwrap_or_default();
        add(Field::ScheduledAt, was, wall.unwrap_or_default());
    }
    if row.account.is_some() {
        add(
            Field::Account,
            handle(post.account.as_ref(), surroundings),
            handle(row.account.as_ref(), surroundings),
        );
    }
    if !row.tags.is_empty() && !are_same_tags(&row.tags, &post.tags) {
        add(Field::Tags, post.tags.join(", "), row.tags.join(", "));
    }
    if row.follow_up.is_some() {
        let text = |it: &Option<MeantFollowUp>| it.as_ref().map(|it| it.text.clone());
        let after = |it: &Option<MeantFollowUp>| it.as_ref().map(|it| it.after_minutes.to_string());
        let (was, is) = (&post.follow_up, &row.follow_up);
        add(Field::FollowUp, text(was).unwrap_or_default(), text(is).unwrap_or_default());
        add(Field::FollowUpAfter, after(was).unwrap_or_default(), after(is).unwrap_or_default());
    }
    if let Some(note) = &row.note {
        add(Field::Note, post.note.clone().unwrap_or_default(), note.clone());
    }
    let after = once_taken_in(&row.content, after);
    if let Some(status) = new_status(row.status, post.status, &after) {
        add(Field::Status, state(post.status), state(status));
    }
    changes
}

/// Returns the status that a row gives to a post at another one that says `after` then. What is handed
/// over and goes out either way keeps its status, and so does a draft of what can't be sent.
#[must_use]
pub fn new_status(row: Status, post: Status, after: &Content) -> Option<Status> {
    let is_draft = |status| status == Status::Draft;
    let arms_unsendable = !is_draft(row) && after.parts.iter().any(Part::has_unsendable);
    Some(row).filter(|row| is_draft(*row) != is_draft(post) && !arms_unsendable)
}

fn state(status: Status) -> String {
    if status == Status::Draft { "draft" } else { "scheduled" }.to_owned()
}

fn handle(account: Option<&XUserId>, surroundings: &Surroundings) -> String {
    let Some(id) = account else { return String::new() };
    let known = surroundings.accounts.iter().find(|account| account.id == *id);
    known.map_or_else(|| id.0.clone(), |account| format!("@{}", account.username))
}

/// Returns the words for each part, as far as parts have any.
fn by_part(content: &Content, words: impl Fn(&Part) -> String) -> String {
    let parts: Vec<String> = content.parts.iter().map(words).collect();
    let last = parts.iter().rposition(|words| !words.is_empty());
    last.map_or_else(String::new, |last| parts[..=last].join("\n---\n"))
}

fn media(part: &Part) -> String {
    let taken = part.media.iter().map(|media| match &media.file {
        Some(file) => format!("{} {}", file.kind.mime(), &file.sha256.to_string()[..8]),
        None => media.media_id.to_string(),
    });
    let named = part.media_sources.iter().map(|media| media.source.clone());
    taken.chain(named).collect::<Vec<_>>().join("\n")
}

fn alt_texts(part: &Part) -> String {
    let taken = part.media.iter().map(|media| &media.alt_text);
    let named = part.media_sources.iter().map(|media| &media.alt_text);
    taken.chain(named).flatten().cloned().collect::<Vec<_>>().join("\n")
}

fn poll(part: Option<&Part>) -> String {
    let Some(poll) = part.and_then(|part| part.poll.as_ref()) else { return String::new() };
    format!("{} ({} minutes)", poll.options.join(" | "), poll.duration_minutes)
}

fn truth(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

fn reply_settings(part: Option<&Part>) -> String {
    let settings = part.and_then(|part| part.reply_settings);
    let word = settings.and_then(|settings| serde_json::to_value(settings).ok());
    word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
