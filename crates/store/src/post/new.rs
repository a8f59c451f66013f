//! Making a post.

use roost_core::clock::UnixMillis;
use roost_core::cost::Prices;
use roost_core::duplicate::DuplicateKey;
use roost_core::id::{ImportId, PostId, Revision, Version, XUserId};
use roost_core::post::{Content, FollowUp};
use roost_core::status::{Actor, Status};

use super::post_change::{PostChange, Whole};
use super::{Occurrence, OwnId, Post, Schedule};
use crate::error::Error;
use crate::store::Tx;
use crate::table::{EventKind, tag_names};

/// A post to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPost {
    /// Its id.
    pub id: PostId,
    /// The account that is to post it.
    pub account: Option<XUserId>,
    /// What it says.
    pub content: Content,
    /// When it is planned.
    pub schedule: Option<Schedule>,
    /// [`Status::Draft`], or [`Status::Pending`] when it is planned and armed.
    pub status: Status,
    /// Its row in the file, when it comes with an import.
    pub import_row: Option<u32>,
    /// Its tags.
    pub tags: Vec<String>,
    /// The post whose edit came too late, when this keeps what was meant.
    pub late_edit_of: Option<PostId>,
    /// The person's own id of it.
    pub own_id: Option<OwnId>,
    /// A note to oneself.
    pub note: Option<String>,
    /// Which time of which series it is made for.
    pub occurrence: Option<Occurrence>,
    /// The post that it follows as a reply, and how long after it.
    pub follow_up: Option<FollowUp>,
}

impl NewPost {
    /// A draft without a time; set the fields that differ.
    #[must_use]
    pub fn draft(id: PostId, content: Content) -> Self {
        Self {
            id,
            account: None,
            content,
            schedule: None,
            status: Status::Draft,
            import_row: None,
            tags: Vec::new(),
            late_edit_of: None,
            own_id: None,
            note: None,
            occurrence: None,
            follow_up: None,
        }
    }
}

/// Planned instants are whole seconds, rounded up.
pub(super) fn whole(at: UnixMillis) -> UnixMillis {
    UnixMillis::from_seconds(at.seconds_rounded_up())
}

impl Tx<'_> {
    /// Makes a post. Returns the new post.
    ///
    /// # Errors
    /// When it is neither draft nor pending, its account is not known, or a rule of the database
    /// is broken.
    pub fn create_post(&mut self, new: &NewPost, by: Actor) -> Result<Post, Error> {
        self.insert_post(new, by)?;
        self.insert_parts(new.id, &new.content)?;
        self.insert_tags(new.id, &new.tags)?;
        self.expect_post(new.id)
    }

    /// Inserts the row and the event; parts and tags are the caller's.
    fn insert_post(&mut self, new: &NewPost, by: Actor) -> Result<(), Error> {
        let mut post = new.as_made(self.now, None, &self.prices()?, by)?;
        post.seq = self.insert_row(&post)?;
        let change = new.event(&post);
        self.append_event((new.id, Revision(1)), by, EventKind::Created, &change)
    }
}

impl NewPost {
    /// Returns what the event of the new post says.
    pub(super) fn event(&self, made: &Post) -> PostChange {
        let tags = tag_names(&self.tags);
        let content = Some(&self.content);
        PostChange::made(Whole { post: made, content, tags: Some(&tags) })
    }

    /// Returns the row as it is inserted; its seq is still to be taken.
    ///
    /// # Errors
    /// When it is neither draft nor pending.
    pub(super) fn as_made(
        &self,
        now: UnixMillis,
        import_id: Option<ImportId>,
        prices: &Prices,
        by: Actor,
    ) -> Result<Post, Error> {
        let new = self;
        if !matches!(new.status, Status::Draft | Status::Pending) {
            let (post, from, to) = (new.id, Status::Draft, new.status);
            return Err(Error::Refused { post, from, to, actor: by });
        }
        let mut post = Post {
            seq: 0,
            id: new.id,
            account: new.account.clone(),
            content: String::new(),
            duplicate_key: DuplicateKey([0; 32]),
            body_hash: None,
            cost_micros: 0,
            has_link: false,
            schedule: new
                .schedule
                .clone()
                .map(|schedule| Schedule { at: whole(schedule.at), ..schedule }),
            status: new.status,
            revision: Revision(1),
            version: Version::FIRST,
            offered_revision: Revision(0),
            offered_to: None,
            withdrawn_revision: Revision(0),
            withdraw_to: None,
            qstash_message_id: None,
            synced_to_qstash: false,
            synced_at: None,
            held_until: None,
            tweet_id: None,
            error_code: None,
            error_message: None,
            retry_count: 0,
            posted_at: None,
            failed_at: None,
            import_id,
            import_row: new.import_row,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            late_edit_of: new.late_edit_of,
            gone_from_x_at: None,
            own_id: new.own_id.clone(),
            note: new.note.clone(),
            occurrence: new.occurrence.clone(),
            follow_up: new.follow_up,
        };
        post.say(&new.content, prices);
        Ok(post)
    }
}
