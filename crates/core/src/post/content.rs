//! What a post says: **the one value** that goes from the composer or a file through the store and the
//! relay to X. Weight, cost, link, check and both hashes are asked of it and of nothing else.
//!
//! A new field of a part is added to [`Part`], with `serde(default)` and left out where it says
//! nothing. Store, wire and relay keep a part as its text and [`Part::beyond_text`], so that they carry
//! the field without knowing it; the hash of what is sent covers it; a relay that does not know it is
//! not given the post ([`Content::fields_beyond`]).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::media::MediaRef;
use crate::cost::{MicroDollars, Prices};
use crate::duplicate::{DuplicateKey, duplicate_key};
use crate::id::MediaId;
use crate::text;

/// What a post says: one part for a tweet, several for a thread.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Content {
    /// The parts, in the order in which they go out.
    pub parts: Vec<Part>,
}

/// One tweet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Part {
    /// The text, as it is to stand on X; empty only beside media.
    pub text: String,
    /// Images or a video, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaRef>,
    /// A poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// Images or a video that a file of posts names and that were not taken in yet, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media_sources: Vec<MediaSource>,
    /// The accounts that may reply; all when there is none. Of a thread the first part has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_settings: Option<ReplySettings>,
    /// Discloses that a machine made its media or its text. Each part of a thread discloses it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub made_with_ai: bool,
    /// Discloses that somebody pays for it. Each part of a thread discloses it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paid_partnership: bool,
    /// X's id of the community that it goes to. Of a thread the first part has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub community_id: Option<String>,
}

/// Where the file of a part is to come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MediaSource {
    /// Its path or its address, as it was written.
    pub source: String,
    /// What it shows, for people who do not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<String>,
}

/// Which accounts may reply to a post, in X's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum ReplySettings {
    /// Those that the author follows.
    Following,
    /// Those that the post mentions.
    MentionedUsers,
    /// Those that subscribe to the author.
    Subscribers,
    /// Those that X has verified.
    Verified,
}

/// A question with answers to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Poll {
    /// The answers.
    pub options: Vec<String>,
    /// How long people may vote.
    pub duration_minutes: u32,
}

impl Content {
    /// Returns a content of texts alone: one for a tweet, several for a thread.
    #[must_use]
    pub fn of_texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self { parts: texts.into_iter().map(Part::of_text).collect() }
    }

    /// Returns the text of the first part: lists show it, and search finds it.
    #[must_use]
    pub fn first_text(&self) -> &str {
        self.parts.first().map_or("", |part| part.text.as_str())
    }

    /// Returns the texts of the parts, in order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.text.as_str())
    }

    /// Returns the texts of the parts as values of their own, in order.
    #[must_use]
    pub fn to_texts(&self) -> Vec<String> {
        self.texts().map(str::to_owned).collect()
    }

    /// Returns this content with other texts. A part keeps what it has beside its text; parts beyond
    /// the texts go, and so does all that they had. A part that is added discloses what the post does.
    #[must_use]
    pub fn with_texts(mut self, texts: Vec<String>) -> Self {
        let added = self.disclosing();
        self.parts.resize(texts.len(), added);
        for (part, text) in self.parts.iter_mut().zip(texts) {
            part.text = text;
        }
        self
    }

    /// Returns this content with each text that weighs more than `limit` split into parts, as
    /// [`text::split`] does it. The first of them keeps what the part has beside its text; the others
    /// disclose what the post does.
    #[must_use]
    pub fn split(&self, limit: u32, numbered: bool) -> Self {
        let texts: Vec<&str> = self.texts().collect();
        let split = text::split(&texts, limit, numbered);
        let parts = self.parts.iter().zip(split).flat_map(|(part, texts)| {
            let beside = std::iter::once(part.clone()).chain(std::iter::repeat(self.disclosing()));
            texts.into_iter().zip(beside).map(|(text, beside)| Part { text, ..beside })
        });
        Self { parts: parts.collect() }
    }

    /// Returns an empty part that discloses what any part of it does.
    #[must_use]
    pub fn disclosing(&self) -> Part {
        Part {
            made_with_ai: self.parts.iter().any(|part| part.made_with_ai),
            paid_partnership: self.parts.iter().any(|part| part.paid_partnership),
            ..Part::default()
        }
    }

    /// Returns the weighted length of the longest part, as X counts.
    #[must_use]
    pub fn weighted_length(&self) -> u32 {
        self.parts.iter().map(Part::weighted_length).max().unwrap_or(0)
    }

    /// Returns what X charges for it, by its usual prices: each part is a post of its own.
    #[must_use]
    pub fn cost(&self) -> MicroDollars {
        self.cost_at(&Prices::default())
    }

    /// Returns what X charges for it, by the prices of the person.
    #[must_use]
    pub fn cost_at(&self, prices: &Prices) -> MicroDollars {
        self.parts.iter().map(|part| part.cost_at(prices)).sum()
    }

    /// Returns whether X bills a part of it as one with a link.
    #[must_use]
    pub fn has_link(&self) -> bool {
        self.parts.iter().any(Part::has_link)
    }

    /// Returns what repeats of it have in common: what a reader sees, and nothing else.
    #[must_use]
    pub fn duplicate_key(&self) -> DuplicateKey {
        match self.parts.as_slice() {
            [only] => duplicate_key(&only.visible()),
            several => {
                let visible: Vec<_> = several.iter().map(Part::visible).collect();
                // A character that no part may hold, so that no single text is taken for the thread.
                duplicate_key(&visible.join("\u{1e}"))
            }
        }
    }

    /// Returns the names of the fields that its parts have beside their texts, each once, in
    /// alphabetical order. A relay that does not know one of them would leave it out.
    #[must_use]
    pub fn fields_beyond(&self) -> Vec<String> {
        let objects = self.parts.iter().filter_map(Part::beyond_text);
        let mut names: Vec<String> =
            objects.flat_map(|object| object.into_iter().map(|(name, _)| name)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Part {
    /// The name of the one field that every relay knows.
    const TEXT: &str = "text";

    /// Returns a part that is a text and nothing else.
    #[must_use]
    pub fn of_text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Returns the weighted length of its text, as X counts.
    #[must_use]
    pub fn weighted_length(&self) -> u32 {
        text::weigh(&self.text).weighted_length
    }

    /// Returns what X charges for it: its text, and each description of a picture or a video.
    #[must_use]
    pub fn cost_at(&self, prices: &Prices) -> MicroDollars {
        let described = self.media.iter().map(|media| &media.alt_text);
        let described = described.chain(self.media_sources.iter().map(|media| &media.alt_text));
        let text = if self.has_link() { prices.with_link } else { prices.plain };
        described.flatten().fold(text, |sum, _| sum + prices.alt_text)
    }

    /// Returns whether X bills it as a post with a link. A bare domain is one: X makes one of it.
    #[must_use]
    pub fn has_link(&self) -> bool {
        text::has_url(&self.text)
    }

    /// Returns whether it has media or a poll.
    #[must_use]
    pub const fn has_attachment(&self) -> bool {
        !self.media.is_empty() || !self.media_sources.is_empty() || self.poll.is_some()
    }

    /// Returns whether it has images or a video, whether taken in or only named.
    #[must_use]
    pub const fn has_media(&self) -> bool {
        !self.media.is_empty() || !self.media_sources.is_empty()
    }

    /// Returns whether it has an image or a video that Roost does not have: one that an earlier version
    /// only noted, or one that a file of posts names and that was not fetched.
    #[must_use]
    pub fn has_unsendable(&self) -> bool {
        !self.media_sources.is_empty() || self.media.iter().any(|media| media.file.is_none())
    }

    /// Returns the fields that Roost sends to X beside the text, by the names that they have in JSON.
    #[must_use]
    pub fn sent_field_names() -> Vec<String> {
        let names =
            ["community_id", "made_with_ai", "media", "paid_partnership", "poll", "reply_settings"];
        names.map(str::to_owned).to_vec()
    }

    /// Returns whether it has nothing beside its text.
    #[must_use]
    pub const fn is_text_alone(&self) -> bool {
        let Self {
            text: _,
            media,
            poll,
            media_sources,
            reply_settings,
            made_with_ai,
            paid_partnership,
            community_id,
        } = self;
        media.is_empty()
            && poll.is_none()
            && media_sources.is_empty()
            && reply_settings.is_none()
            && !*made_with_ai
            && !*paid_partnership
            && community_id.is_none()
    }

    /// Returns what it has beside its text, as JSON; `None` for a text and nothing else.
    #[must_use]
    pub fn beyond_text(&self) -> Option<Map<String, Value>> {
        if self.is_text_alone() {
            return None;
        }
        let Ok(Value::Object(mut fields)) = serde_json::to_value(self) else { return None };
        fields.retain(|name, _| name != Self::TEXT);
        (!fields.is_empty()).then_some(fields)
    }

    /// Returns the part of a text and the JSON of [`Part::beyond_text`], as databases keep it.
    ///
    /// # Errors
    /// When that is no such JSON.
    pub fn from_stored(text: String, beyond: Option<&str>) -> Result<Self, serde_json::Error> {
        let Some(beyond) = beyond else { return Ok(Self::of_text(text)) };
        let mut fields: Map<String, Value> = serde_json::from_str(beyond)?;
        fields.insert(Self::TEXT.to_owned(), Value::String(text));
        serde_json::from_value(Value::Object(fields))
    }

    /// Returns the JSON of [`Part::beyond_text`] as databases keep it.
    #[must_use]
    pub fn stored_beyond(&self) -> Option<String> {
        self.beyond_text().map(|fields| Value::Object(fields).to_string())
    }

    /// Returns the names of all fields of a part, in alphabetical order: what a relay of this version
    /// knows.
    #[must_use]
    pub fn field_names() -> Vec<String> {
        let whole = Self {
            text: String::new(),
            media: vec![MediaRef {
                media_id: MediaId(uuid::Uuid::nil()),
                alt_text: None,
                file: None,
            }],
            poll: Some(Poll { options: Vec::new(), duration_minutes: 0 }),
            media_sources: vec![MediaSource { source: String::new(), alt_text: None }],
            reply_settings: Some(ReplySettings::Following),
            made_with_ai: true,
            paid_partnership: true,
            community_id: Some(String::new()),
        };
        let mut names = Content { parts: vec![whole] }.fields_beyond();
        names.push(Self::TEXT.to_owned());
        names.sort_unstable();
        names
    }

    /// Returns its text, and behind it what else a reader sees, if anything: two posts with another
    /// picture each are no repeats.
    fn visible(&self) -> std::borrow::Cow<'_, str> {
        if !self.has_attachment() {
            return self.text.as_str().into();
        }
        // Characters that no text may hold.
        let mut visible = format!("{}\u{1f}", self.text);
        for media in &self.media {
            match &media.file {
                Some(file) => visible.push_str(&format!("{}\u{1f}", file.sha256)),
                None => visible.push_str(&format!("{}\u{1f}", media.media_id)),
            }
        }
        for media in &self.media_sources {
            visible.push_str(&format!("{}\u{1f}", media.source));
        }
        for option in self.poll.iter().flat_map(|poll| &poll.options) {
            visible.push_str(&format!("\u{1d}{option}"));
        }
        visible.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UnixMillis;
    use crate::cost::{PLAIN_POST, POST_WITH_URL};

    fn pictured(text: &str, picture: MediaId) -> Part {
        let alt_text = Some("a cat".to_owned());
        let media = vec![MediaRef { media_id: picture, alt_text, file: None }];
        Part { media, ..Part::of_text(text) }
    }

    fn naming(source: &str) -> Part {
        let media_sources = vec![MediaSource { source: source.to_owned(), alt_text: None }];
        Part { media_sources, ..Part::of_text("x") }
    }

    fn disclosing(text: &str) -> Part {
        let community_id = Some("1493446837214187523".to_owned());
        Part { made_with_ai: true, paid_partnership: true, community_id, ..Part::of_text(text) }
    }

    #[test]
    fn a_part_that_is_split_keeps_its_picture_and_what_is_added_discloses_the_same() {
        let picture = MediaId(uuid::Uuid::nil());
        let first = Part { made_with_ai: true, ..pictured("One is here. Two is here.", picture) };
        let content = Content { parts: vec![first.clone(), Part::of_text("last")] };
        assert_eq!(content.split(280, true), content);
        let split = content.split(14, false);
        assert_eq!(split.to_texts(), ["One is here.", "Two is here.", "last"]);
        assert_eq!(split.parts[0].media, first.media);
        assert!(split.parts[1].media.is_empty() && split.parts[1].made_with_ai);
        assert!(!split.parts[2].made_with_ai, "it stays as it was");
    }

    fn asking(text: &str) -> Part {
        let options = vec!["yes".to_owned(), "no".to_owned()];
        Part { poll: Some(Poll { options, duration_minutes: 60 }), ..Part::of_text(text) }
    }

    #[test]
    fn a_thread_is_never_taken_for_a_single_text_with_the_same_words() {
        let key = |texts: &[&str]| Content::of_texts(texts.iter().copied()).duplicate_key();
        assert_ne!(key(&["a", "b"]), key(&["a b"]));
        assert_ne!(key(&["a", "b"]), key(&["ab"]));
        assert_eq!(key(&["a  b"]), key(&["a b"]));
        assert_eq!(key(&["a  b"]), duplicate_key("a b"));
    }

    #[test]
    fn another_picture_or_another_question_is_no_repeat_and_another_description_is_one() {
        let key = |part: Part| Content { parts: vec![part] }.duplicate_key();
        let (cat, dog) = (MediaId::new(UnixMillis(1)), MediaId::new(UnixMillis(2)));
        let mut described = pictured("", cat);
        described.media[0].alt_text = None;
        assert_eq!(key(pictured("", cat)), key(described));
        assert_ne!(key(pictured("", cat)), key(pictured("", dog)));
        assert_ne!(key(pictured("", cat)), key(Part::default()));
        assert_ne!(key(asking("Well?")), key(Part::of_text("Well?")));
        assert_ne!(key(naming("cat.jpg")), key(naming("dog.jpg")));
        let quiet = Part { reply_settings: Some(ReplySettings::Verified), ..Part::of_text("x") };
        assert_eq!(key(quiet), key(Part::of_text("x")));
        assert_eq!(key(disclosing("x")), key(Part::of_text("x")));
    }

    #[test]
    fn a_text_alone_is_written_as_it_was_before_parts_had_more() {
        let content = Content::of_texts(["Hello"]);
        let json = serde_json::to_string(&content).unwrap();
        assert_eq!(json, r#"{"parts":[{"text":"Hello"}]}"#);
        assert_eq!(serde_json::from_str::<Content>(&json).unwrap(), content);
        assert_eq!(content.parts[0].stored_beyond(), None);
        assert_eq!(content.fields_beyond(), Vec::<String>::new());
    }

    #[test]
    fn a_part_survives_its_way_through_a_database() {
        let parts =
            [pictured("", MediaId::new(UnixMillis(1))), asking("Well?"), Part::of_text("x")];
        let quiet = Part { reply_settings: Some(ReplySettings::MentionedUsers), ..naming("a.jpg") };
        for part in parts.into_iter().chain([quiet, disclosing("x")]) {
            let kept = (part.text.clone(), part.stored_beyond());
            assert_eq!(Part::from_stored(kept.0, kept.1.as_deref()).unwrap(), part);
        }
        assert!(Part::from_stored("x".to_owned(), Some("[")).is_err());
    }

    #[test]
    fn every_field_of_a_part_is_named() {
        let names = [
            "community_id",
            "made_with_ai",
            "media",
            "media_sources",
            "paid_partnership",
            "poll",
            "reply_settings",
            "text",
        ];
        assert_eq!(Part::field_names(), names);
        let content = Content {
            parts: vec![asking("a"), asking("b"), pictured("c", MediaId(uuid::Uuid::nil()))],
        };
        assert_eq!(content.fields_beyond(), ["media", "poll"]);
    }

    #[test]
    fn other_texts_leave_what_the_parts_have_beside_them() {
        let content = Content { parts: vec![asking("a"), Part::of_text("b")] };
        let changed = content.clone().with_texts(vec!["A".into(), "B".into(), "C".into()]);
        assert_eq!(changed.to_texts(), ["A", "B", "C"]);
        assert_eq!(changed.parts[0].poll, content.parts[0].poll);
        assert_eq!(content.with_texts(vec!["only".into()]).parts, [asking("only")]);
    }

    #[test]
    fn a_part_that_is_added_discloses_what_the_post_does() {
        let content = Content { parts: vec![disclosing("a")] };
        let changed = content.with_texts(vec!["A".into(), "B".into()]);
        assert!(changed.parts.iter().all(|part| part.made_with_ai && part.paid_partnership));
        let communities: Vec<_> = changed.parts.iter().map(|part| &part.community_id).collect();
        assert!(communities[0].is_some() && communities[1].is_none());
    }

    #[test]
    fn a_thread_has_the_link_of_any_part_and_the_cost_of_all() {
        let plain = Content::of_texts(["one", "two"]);
        let linked = Content::of_texts(["one", "see example.com"]);
        assert!(!plain.has_link() && linked.has_link());
        assert_eq!(plain.cost(), PLAIN_POST + PLAIN_POST);
        assert_eq!(linked.cost(), PLAIN_POST + POST_WITH_URL);
        assert_eq!(Content::of_texts(["a", "abc"]).weighted_length(), 3);
    }
}
