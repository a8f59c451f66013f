//! Waiting posts that an import changes.

use roost_core::id::PostId;
use roost_core::status::{Actor, Status};

use crate::error::Error;
use crate::post::new::whole;
use crate::post::{Edit, KnownPost, List, Post, Schedule};
use crate::store::Tx;
use crate::table::tag_names;

/// A change of a waiting post by a row of an import.
#[derive(Debug, Clone, PartialEq)]
pub struct PostUpdate {
    /// The post as it was when the row was judged.
    pub post: KnownPost,
    /// What becomes of it.
    pub edit: Edit,
}

impl Tx<'_> {
    /// Changes posts, each with one event. Returns those that stay as they are: they are not what the
    /// rows were judged by, with where they stand.
    pub(super) fn update_posts(
        &mut self,
        updates: &[PostUpdate],
        by: Actor,
    ) -> Result<Vec<(PostId, Option<Status>)>, Error> {
        let mut not_updated = Vec::new();
        for update in updates {
            let judged = update.post;
            let post = self.post(judged.id)?.filter(|post| post.deleted_at.is_none());
            let edit = match &post {
                Some(post) if is_as_judged(post, judged) => self.differing(post, &update.edit)?,
                _ => {
                    not_updated.push((judged.id, post.map(|post| post.status)));
                    continue;
                }
            };
            if edit != Edit::default() && !self.edit_if_possible(judged.id, &edit, by)? {
                not_updated.push((judged.id, post.map(|post| post.status)));
            }
        }
        Ok(not_updated)
    }

    /// Returns an edit without what a post says already: an edit of nothing would arm it anew.
    fn differing(&self, post: &Post, edit: &Edit) -> Result<Edit, Error> {
        let (content, tags) = (self.content(post)?, self.tags_of(post.id)?);
        let kept = |it: &Schedule| Schedule { at: whole(it.at), ..it.clone() };
        Ok(Edit {
            content: edit.content.clone().filter(|it| *it != content),
            schedule: edit.schedule.clone().filter(|it| it.as_ref().map(kept) != post.schedule),
            account: edit.account.clone().filter(|it| *it != post.account),
            tags: edit.tags.clone().filter(|it| tag_names(it) != tags),
            status: edit.status.filter(|it| !is_at(post, *it)),
            own_id: edit.own_id.clone().filter(|it| *it != post.own_id),
            note: edit.note.clone().filter(|it| *it != post.note),
            occurrence: edit.occurrence.clone().filter(|it| *it != post.occurrence),
            follow_up_minutes: edit
                .follow_up_minutes
                .filter(|it| post.follow_up.is_some_and(|tie| tie.after_minutes != *it)),
            ends_unsaved: false,
        })
    }

    /// Edits a post. Returns whether it could: one that is being sent, or that the relay has to let go of
    /// first, stays as it is.
    pub(super) fn edit_if_possible(
        &mut self,
        id: PostId,
        edit: &Edit,
        by: Actor,
    ) -> Result<bool, Error> {
        match self.edit_post(id, edit, by) {
            Ok(_) => Ok(true),
            // These come before anything is written.
            Err(
                Error::NotEditable { .. } | Error::StillHandedOver { .. } | Error::Refused { .. },
            ) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Whether a post is at a status as far as a row can say it: what waits for its time is pending.
fn is_at(post: &Post, status: Status) -> bool {
    post.status == status || (status == Status::Pending && post.list() == List::Upcoming)
}

/// Whether a post still says the same at the same time; that it was handed over meanwhile is no change.
fn is_as_judged(post: &Post, judged: KnownPost) -> bool {
    let at = post.posted_at.or(post.schedule.as_ref().map(|schedule| schedule.at));
    post.duplicate_key == judged.key && at == judged.at
}
