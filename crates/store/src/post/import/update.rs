//! Waiting posts that an import changes.

use roost_core::id::{PostId, Version};
use roost_core::status::{Actor, Status};

use crate::error::Error;
use crate::post::Edit;
use crate::store::Tx;

/// A change of a waiting post by a row of an import.
#[derive(Debug, Clone, PartialEq)]
pub struct PostUpdate {
    /// The post.
    pub post: PostId,
    /// Its version when the row was judged.
    pub based_on: Version,
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
            let post = self.post(update.post)?.filter(|post| post.deleted_at.is_none());
            let is_as_judged = post.as_ref().is_some_and(|it| it.version == update.based_on);
            if !is_as_judged || !self.edit_if_possible(update.post, &update.edit, by)? {
                not_updated.push((update.post, post.map(|post| post.status)));
            }
        }
        Ok(not_updated)
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
