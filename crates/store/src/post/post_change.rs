//! What one event says of a post: **the one frozen form** of a change, and the one reader of every form
//! that was ever stored. Receipt, history and undo stand on it.
//!
//! An event has the fields that changed, as they were (`before`) and as they are (`after`); a new post's
//! has all that it is made of. Beside the fields, `after` has what the relay said (`state`, `live`),
//! what an edit that came too late meant (`meant`, `sent`, `draft`), or what the person decided
//! (`decision`). The column `form` says which form a row has:
//!
//! | form | what is other |
//! | --- | --- |
//! | 1 | a change of text, parts and tags was an event each; a new post's parts and tags were in none; `after` of a new post had every column of its row, those without a value too, then all but those; parts lacked the text of the first, and had a `position` and a `tweet_id` |
//! | 2 | one event for a change, whatever it touched; fields that follow from others are in none |
//!
//! Names are never changed, and a form is never written again once there is a newer one: a field that
//! is added is left out where it says nothing. `tests/golden/post_change.json` pins every name,
//! `tests/golden/events_of_form_1.json` the rows of earlier releases.

use roost_core::clock::UnixMillis;
use roost_core::id::{ImportId, PostId, Revision, TweetId, XUserId};
use roost_core::post::{Content, FollowUp, Part};
use roost_core::status::Status;
use serde::{Deserialize, Deserializer, Serialize};

use super::content_event::{ToldParts, told};
use super::{LateEdit, Meant, Occurrence, OwnId, Post, Schedule, WithdrawTo};
use crate::error::Error;

/// The form in which changes are written.
pub(crate) const FORM: u32 = 2;

/// A post with what it says and its tags, where a change touches them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole<'p> {
    pub(super) post: &'p Post,
    pub(super) content: Option<&'p Content>,
    pub(super) tags: Option<&'p [String]>,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident: $type:ty = |$it:ident| $value:expr;)+) => {
        /// Some fields of a post, at one moment. `None`: the event does not speak of the field.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct PostFields {
            $(
                $(#[$doc])*
                #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
                pub $name: Option<$type>,
            )+
        }

        impl PostFields {
            /// Returns all that a new post is made of.
            pub(super) fn of(made: Whole<'_>) -> Self {
                Self {
                    $($name: {
                        let $it = made;
                        let value: $type = $value;
                        (!value.is_nothing()).then_some(value)
                    },)+
                }
            }

            /// Returns the fields in which a post differs, as they were and as they are; `None` when it
            /// differs in none.
            pub(super) fn difference(was: Whole<'_>, is: Whole<'_>) -> Option<(Self, Self)> {
                let (mut old, mut new) = (Self::default(), Self::default());
                let mut differs = false;
                $({
                    let before: $type = { let $it = was; $value };
                    let after: $type = { let $it = is; $value };
                    if before != after {
                        differs = true;
                        old.$name = Some(before);
                        new.$name = Some(after);
                    }
                })+
                differs.then_some((old, new))
            }

            /// Returns these fields, and those of `others` of which these do not speak.
            #[must_use]
            pub fn or(self, others: Self) -> Self {
                Self { $($name: self.$name.or(others.$name),)+ }
            }
        }
    };
}

fields! {
    /// The text of the first part.
    content: String = |it| it.post.content.clone();
    /// Every part from the first on, whose text is `content`'s; none for a text alone.
    parts: Parts = |it| Parts(it.content.map(told).unwrap_or_default());
    /// What X charges for all parts, in micro-dollars.
    cost_micros: i64 = |it| it.post.cost_micros;
    /// When it is planned.
    schedule: Option<Schedule> = |it| it.post.schedule.clone();
    /// The account that is to post it.
    account: Option<XUserId> = |it| it.post.account.clone();
    /// Its tags, by name.
    tags: Vec<String> = |it| it.tags.unwrap_or_default().to_vec();
    /// Where it stands.
    status: Status = |it| it.post.status;
    /// Its newest arming or withdrawal.
    revision: Revision = |it| it.post.revision;
    /// The highest revision that may have reached a relay.
    offered_revision: Revision = |it| it.post.offered_revision;
    /// The highest revision whose withdrawal is proven.
    withdrawn_revision: Revision = |it| it.post.withdrawn_revision;
    /// What it becomes once the withdrawal that is on its way is proven.
    withdraw_to: Option<WithdrawTo> = |it| it.post.withdraw_to;
    /// The scheduler's message for the newest arming.
    qstash_message_id: Option<String> = |it| it.post.qstash_message_id.clone();
    /// Since when there is such a message.
    synced_at: Option<UnixMillis> = |it| it.post.synced_at;
    /// Until when the relay waits.
    held_until: Option<UnixMillis> = |it| it.post.held_until;
    /// Its id on X; of a thread, the first part's.
    tweet_id: Option<TweetId> = |it| it.post.tweet_id.clone();
    /// Why it failed or waits.
    error_code: Option<String> = |it| it.post.error_code.clone();
    /// The same in plain words.
    error_message: Option<String> = |it| it.post.error_message.clone();
    /// Calls to X so far.
    retry_count: u32 = |it| it.post.retry_count;
    /// When X took it.
    posted_at: Option<UnixMillis> = |it| it.post.posted_at;
    /// When it failed.
    failed_at: Option<UnixMillis> = |it| it.post.failed_at;
    /// The import that it came with.
    import_id: Option<ImportId> = |it| it.post.import_id;
    /// Its row in that file.
    import_row: Option<u32> = |it| it.post.import_row;
    /// Since when it is in the trash.
    deleted_at: Option<UnixMillis> = |it| it.post.deleted_at;
    /// The post whose late edit it keeps.
    late_edit_of: Option<PostId> = |it| it.post.late_edit_of;
    /// Since when it is deleted on X.
    gone_from_x_at: Option<UnixMillis> = |it| it.post.gone_from_x_at;
    /// The person's own id of it.
    own_id: Option<OwnId> = |it| it.post.own_id.clone();
    /// A note to oneself.
    note: Option<String> = |it| it.post.note.clone();
    /// Which time of which series it was made for.
    occurrence: Option<Occurrence> = |it| it.post.occurrence.clone();
    /// The post that it follows as a reply, and how long after it.
    follow_up: Option<FollowUp> = |it| it.post.follow_up;
}

impl PostFields {
    /// Returns whether the words, files or polls are among the fields.
    #[must_use]
    pub const fn has_content(&self) -> bool {
        self.content.is_some() || self.parts.is_some()
    }

    /// Returns whether a post still says what the fields say of what a person edits. Where it stands is
    /// not asked.
    #[must_use]
    pub fn is_said_by(&self, post: &Post, content: &Content, tags: &[String]) -> bool {
        (!self.has_content() || self.over(content.clone()) == *content)
            && self.schedule.as_ref().is_none_or(|it| *it == post.schedule)
            && self.account.as_ref().is_none_or(|it| *it == post.account)
            && self.tags.as_ref().is_none_or(|it| it == tags)
            && self.own_id.as_ref().is_none_or(|it| *it == post.own_id)
            && self.note.as_ref().is_none_or(|it| *it == post.note)
            && self.occurrence.as_ref().is_none_or(|it| *it == post.occurrence)
            && self.follow_up.as_ref().is_none_or(|it| *it == post.follow_up)
    }

    /// Returns `content` with what the fields say of it.
    #[must_use]
    pub fn over(&self, content: Content) -> Content {
        let first = self.content.clone().unwrap_or_else(|| content.first_text().to_owned());
        let mut parts = self.parts.clone().map_or(content.parts, |told| told.0);
        match parts.first_mut() {
            Some(part) => part.text = first,
            None => parts.push(Part::of_text(first)),
        }
        Content { parts }
    }
}

/// The parts that an event tells, read from whichever form they have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Parts(pub Vec<Part>);

impl<'de> Deserialize<'de> for Parts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let told = ToldParts::deserialize(deserializer)?;
        told.parts().map(Self).map_err(serde::de::Error::custom)
    }
}

/// A field that is there, empty or not.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Whether a new post's event can leave a value out.
trait Value {
    fn is_nothing(&self) -> bool {
        false
    }
}

impl<T> Value for Option<T> {
    fn is_nothing(&self) -> bool {
        self.is_none()
    }
}

impl<T> Value for Vec<T> {
    fn is_nothing(&self) -> bool {
        self.is_empty()
    }
}

impl Value for Parts {
    fn is_nothing(&self) -> bool {
        self.0.is_empty()
    }
}

impl Value for u32 {
    fn is_nothing(&self) -> bool {
        *self == 0
    }
}

impl Value for Revision {
    fn is_nothing(&self) -> bool {
        self.0 == 0
    }
}

impl Value for i64 {}
impl Value for String {}
impl Value for Status {}

/// What one event says of a post.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PostChange {
    /// The fields that changed, as they were; none for a new post, and for what no row shows.
    pub before: Option<PostFields>,
    /// The same fields as they are; for a new post all that it is made of.
    pub after: PostFields,
    /// The relay's own word for where the post stood: `claimed`, `sending` …
    pub state: Option<String>,
    /// The ids on X of the parts that were there, from the first on.
    pub live: Vec<TweetId>,
    /// The edit that came too late.
    pub late: Option<LateEdit>,
    /// What the person decided about a post that needed a check.
    pub decision: Option<String>,
}

/// `after` as it is stored.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct StoredAfter {
    #[serde(flatten)]
    fields: PostFields,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    live: Vec<TweetId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meant: Option<Meant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<Meant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    draft: Option<PostId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<String>,
}

impl PostChange {
    /// Returns the event of a new post.
    pub(super) fn made(post: Whole<'_>) -> Self {
        Self { after: PostFields::of(post), ..Self::default() }
    }

    /// Returns the event of a change; `None` when nothing differs.
    pub(super) fn between(was: Whole<'_>, is: Whole<'_>) -> Option<Self> {
        let (before, after) = PostFields::difference(was, is)?;
        Some(Self { before: Some(before), after, ..Self::default() })
    }

    /// Returns the JSON of `before` and `after`, as it is stored.
    ///
    /// # Errors
    /// When a value cannot be turned into JSON.
    pub(crate) fn stored(&self) -> Result<(Option<String>, Option<String>), Error> {
        let before = self.before.as_ref().map(serde_json::to_string).transpose()?;
        if self.tells_fields_alone() {
            return Ok((before, Some(serde_json::to_string(&self.after)?)));
        }
        let late = self.late.clone();
        let after = StoredAfter {
            fields: self.after.clone(),
            state: self.state.clone(),
            live: self.live.clone(),
            draft: late.as_ref().and_then(|late| late.draft),
            sent: late.as_ref().map(|late| late.sent.clone()),
            meant: late.map(|late| late.meant),
            decision: self.decision.clone(),
        };
        let says_nothing = after == StoredAfter::default();
        Ok((before, (!says_nothing).then(|| serde_json::to_string(&after)).transpose()?))
    }

    /// Returns whether it tells of a new post, and nothing beside its fields.
    fn tells_fields_alone(&self) -> bool {
        let Self { before, after: _, state, live, late, decision } = self;
        before.is_none()
            && state.is_none()
            && live.is_empty()
            && late.is_none()
            && decision.is_none()
            && self.after.status.is_some()
    }

    /// Reads a stored change, of whichever form.
    ///
    /// # Errors
    /// When it has none of the forms that were ever written.
    pub(crate) fn read(before: Option<&str>, after: Option<&str>) -> serde_json::Result<Self> {
        let before = before.map(serde_json::from_str).transpose()?;
        let after: StoredAfter = after.map(serde_json::from_str).transpose()?.unwrap_or_default();
        let StoredAfter { fields, state, live, meant, sent, draft, decision } = after;
        let late = meant.zip(sent).map(|(meant, sent)| LateEdit { draft, meant, sent });
        Ok(Self { before, after: fields, state, live, late, decision })
    }
}

#[cfg(test)]
mod tests {
    use roost_core::post::MediaRef;
    use serde_json::{Value as Json, json};

    use super::*;

    const ID: &str = "01a3185c-5000-7e75-825a-e3240fb297fa";

    /// Every field and everything beside them, so that the golden file pins every name.
    fn whole() -> PostChange {
        let at = UnixMillis(1_800_000_000_000);
        let schedule = Schedule {
            at,
            wall_time: "2027-01-15 13:30".to_owned(),
            zone: "Asia/Kolkata".to_owned(),
        };
        let picture = MediaRef { media_id: ID.parse().unwrap(), alt_text: None, file: None };
        let first = Part { media: vec![picture], ..Part::of_text("one") };
        let parts = vec![first, Part::of_text("two")];
        let post: PostId = ID.parse().unwrap();
        let meant = Meant {
            content: Content { parts: parts.clone() },
            schedule: Some(schedule.clone()),
            account: Some(XUserId("1".to_owned())),
        };
        let sent = Meant { content: Content::of_texts(["one"]), schedule: None, account: None };
        let after = PostFields {
            content: Some("one".to_owned()),
            parts: Some(Parts(parts)),
            cost_micros: Some(15_000),
            schedule: Some(Some(schedule)),
            account: Some(Some(XUserId("1".to_owned()))),
            tags: Some(vec!["launch".to_owned()]),
            status: Some(Status::Partial),
            revision: Some(Revision(3)),
            offered_revision: Some(Revision(2)),
            withdrawn_revision: Some(Revision(1)),
            withdraw_to: Some(Some(WithdrawTo::Deleted)),
            qstash_message_id: Some(Some("msg".to_owned())),
            synced_at: Some(Some(at)),
            held_until: Some(Some(at)),
            tweet_id: Some(Some(TweetId("2".to_owned()))),
            error_code: Some(Some("rate_limited".to_owned())),
            error_message: Some(Some("later".to_owned())),
            retry_count: Some(1),
            posted_at: Some(Some(at)),
            failed_at: Some(Some(at)),
            import_id: Some(Some(ID.parse().unwrap())),
            import_row: Some(Some(7)),
            deleted_at: Some(Some(at)),
            late_edit_of: Some(Some(post)),
            gone_from_x_at: Some(Some(at)),
            own_id: Some(Some(OwnId { plan: "spring".to_owned(), id: "S-17".to_owned() })),
            note: Some(Some("ask Ada for the picture".to_owned())),
            occurrence: Some(Some(Occurrence {
                series: ID.parse().unwrap(),
                wall_time: "2027-01-15 13:30".to_owned(),
            })),
            follow_up: Some(Some(FollowUp { parent: post, after_minutes: 10 })),
        };
        PostChange {
            before: Some(PostFields { schedule: Some(None), ..after.clone() }),
            after,
            state: Some("partial".to_owned()),
            live: vec![TweetId("2".to_owned())],
            late: Some(LateEdit { draft: Some(post), meant, sent }),
            decision: Some("send_again".to_owned()),
        }
    }

    #[test]
    fn the_names_of_a_change_are_what_they_always_were() {
        let (before, after) = whole().stored().unwrap();
        let read = |text: Option<String>| -> Json { serde_json::from_str(&text.unwrap()).unwrap() };
        let fresh = json!({ "form": FORM, "before": read(before), "after": read(after) });
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/post_change.json");
        if std::env::var_os("ROOST_ACCEPT_EVENTS").is_some() {
            std::fs::write(path, format!("{fresh:#}\n")).unwrap();
        }
        let golden: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(
            fresh, golden,
            "a field may be added, with ROOST_ACCEPT_EVENTS=1, and none renamed"
        );
    }

    #[test]
    fn a_change_is_read_as_it_was_written() {
        for change in [whole(), PostChange::default()] {
            let (before, after) = change.stored().unwrap();
            assert_eq!(PostChange::read(before.as_deref(), after.as_deref()).unwrap(), change);
        }
        assert_eq!(PostChange::default().stored().unwrap(), (None, None));
    }

    #[test]
    fn what_is_not_told_is_not_taken_for_nothing() {
        let told = r#"{"account": null, "tags": [], "retry_count": 0}"#;
        let fields: PostFields = serde_json::from_str(told).unwrap();
        assert_eq!(fields.account, Some(None));
        assert_eq!((fields.tags, fields.retry_count), (Some(Vec::new()), Some(0)));
        assert_eq!((fields.schedule, fields.content), (None, None));
    }
}
