//! A change of a post that the person is writing: kept beside it as it is typed, and no edit before the
//! person saves it. Where the post goes out meanwhile, the change stays as a draft.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::post::Content;
use roost_core::status::{Actor, Status};
use roost_core::text;
use rusqlite::OptionalExtension;

use super::{LateEdit, Meant, Post, PostChange};
use crate::error::Error;
use crate::sql::instant;
use crate::store::{Read, Tx};
use crate::table::EventKind;

/// A change that is kept beside its post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsavedEdit {
    /// What the post is to say, when, and for whom.
    pub meant: Meant,
    /// What it said when the change was begun.
    pub base: Meant,
    /// When the change was kept last.
    pub kept_at: UnixMillis,
}

/// What became of a change that was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptUnsaved {
    /// It stands beside the post. Whether it is the first of this post.
    Beside {
        /// Whether none was there before.
        is_new: bool,
    },
    /// It says what the post says: nothing is kept.
    Nothing,
    /// The post went out meanwhile: this draft has the change.
    Draft(PostId),
}

impl Read<'_> {
    /// Returns the change that is kept beside a post.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn unsaved_edit(&self, id: PostId) -> Result<Option<UnsavedEdit>, Error> {
        let sql = "SELECT meant, base, kept_at FROM unsaved_edit WHERE post_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_row([id.to_string()], |row| {
            Ok((
                row.get::<_, String>("meant")?,
                row.get::<_, String>("base")?,
                instant(row, "kept_at")?,
            ))
        });
        let Some((meant, base, kept_at)) = found.optional()? else { return Ok(None) };
        let (meant, base) = (serde_json::from_str(&meant)?, serde_json::from_str(&base)?);
        Ok(Some(UnsavedEdit { meant, base, kept_at }))
    }

    /// Returns what a post says, when, and for whom.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn meant_now(&self, post: &Post) -> Result<Meant, Error> {
        Ok(Meant::of(post, self.content(post)?))
    }
}

impl Tx<'_> {
    /// Keeps a change beside its post, in place of an earlier one. The post stays as it is. Of a post that
    /// is on X, the change becomes a draft, or is that of the draft which has it already.
    ///
    /// # Errors
    /// When there is no such post, it is in the trash, or SQLite cannot write.
    pub fn keep_unsaved_edit(&mut self, id: PostId, meant: &Meant) -> Result<KeptUnsaved, Error> {
        let post = self.live_post(id)?;
        if is_on_x(post.status) {
            if let Some(draft) = self.draft_that_waits(id)? {
                return Ok(KeptUnsaved::Draft(draft));
            }
            let now = self.now();
            let draft = self.keep_as_draft(&post, meant.clone(), now)?;
            return Ok(draft.map_or(KeptUnsaved::Nothing, KeptUnsaved::Draft));
        }
        let now = self.meant_now(&post)?;
        if now == *meant {
            self.drop_unsaved_edit(id)?;
            return Ok(KeptUnsaved::Nothing);
        }
        let is_new = self.unsaved_edit(id)?.is_none();
        self.connection
            .prepare_cached(
                "INSERT INTO unsaved_edit (post_id, meant, base, kept_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (post_id) DO UPDATE SET meant = ?2, kept_at = ?4",
            )?
            .execute((
                id.to_string(),
                serde_json::to_string(meant)?,
                serde_json::to_string(&now)?,
                self.now.0,
            ))?;
        Ok(KeptUnsaved::Beside { is_new })
    }

    /// Drops the change that is kept beside a post. Returns whether there was one.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn drop_unsaved_edit(&mut self, id: PostId) -> Result<bool, Error> {
        let mut statement =
            self.connection.prepare_cached("DELETE FROM unsaved_edit WHERE post_id = ?1")?;
        Ok(statement.execute([id.to_string()])? > 0)
    }

    /// The post came to be on X: a change of it that is not saved is a draft from now on.
    pub(super) fn end_unsaved_edit(&mut self, post: &Post, at: UnixMillis) -> Result<(), Error> {
        let Some(unsaved) = self.unsaved_edit(post.id)? else { return Ok(()) };
        self.drop_unsaved_edit(post.id)?;
        self.keep_as_draft(post, unsaved.meant, at)?;
        Ok(())
    }

    /// Makes a draft of a change and says so in the receipt. Nothing is kept of one that only moved the
    /// post, or says nothing.
    fn keep_as_draft(
        &mut self,
        post: &Post,
        meant: Meant,
        at: UnixMillis,
    ) -> Result<Option<PostId>, Error> {
        let sent = self.meant_now(post)?;
        let only_moved = meant.content == sent.content && meant.account == sent.account;
        if only_moved || is_blank(&meant.content) {
            return Ok(None);
        }
        let draft = self.late_draft(post, &meant)?;
        let late = LateEdit { draft: Some(draft), meant, sent };
        let change = PostChange { late: Some(late), ..PostChange::default() };
        let revision = (post.id, post.revision);
        self.append_event_at(revision, Actor::Relay, EventKind::EditTooLate, &change, Some(at))?;
        Ok(Some(draft))
    }

    /// Returns the draft that has a change of a post which came too late, while it is one.
    fn draft_that_waits(&self, id: PostId) -> Result<Option<PostId>, Error> {
        let Some(draft) = self.late_edit(id)?.and_then(|late| late.draft) else { return Ok(None) };
        let waits = |post: &Post| post.status == Status::Draft && post.deleted_at.is_none();
        Ok(self.post(draft)?.filter(waits).map(|post| post.id))
    }
}

/// Whether it went out: no call that is under way can come to nothing any more.
pub(super) const fn is_on_x(status: Status) -> bool {
    matches!(status, Status::Posted | Status::Partial)
}

fn is_blank(content: &Content) -> bool {
    content.parts.iter().all(|part| text::is_blank(&part.text) && !part.has_attachment())
}
