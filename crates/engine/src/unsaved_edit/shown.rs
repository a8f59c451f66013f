//! The change that is kept beside a post, as it is shown.

use roost_store::{Error as StoreError, Post, Read};

use crate::view::UnsavedEdit;

/// Returns the change that is kept beside a post, as it is shown.
///
/// # Errors
/// When the store can't be read.
pub(crate) fn shown(
    store: &Read<'_>,
    post: &Post,
) -> std::result::Result<Option<UnsavedEdit>, StoreError> {
    let Some(unsaved) = store.unsaved_edit(post.id)? else { return Ok(None) };
    let is_outdated = store.meant_now(post)? != unsaved.base;
    let schedule = unsaved.meant.schedule;
    Ok(Some(UnsavedEdit {
        content: unsaved.meant.content,
        wall_time: schedule.as_ref().map(|schedule| schedule.wall_time.clone()),
        zone: schedule.map(|schedule| schedule.zone),
        account: unsaved.meant.account,
        kept_at: unsaved.kept_at,
        is_outdated,
    }))
}
