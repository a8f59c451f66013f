//! The open wish to delete a post on X: what it costs, and what is told when it comes to nothing.

use roost_core::cost::{DELETED_POST, MicroDollars};
use roost_core::id::PostId;
use roost_core::notice::Headline;
use roost_core::status::Status;
use roost_store::{Error as StoreError, NewNotification, Outbox, OutboxKind, Post, Read, Tx};

use crate::excerpt::excerpt;
use crate::{Result, parts};

/// Returns the open wish to delete a post on X.
pub(crate) fn wish(
    store: &Read<'_>,
    post: PostId,
) -> std::result::Result<Option<Outbox>, StoreError> {
    Ok(store.outbox_of(post)?.into_iter().find(|it| it.kind == OutboxKind::DeleteOnX))
}

/// Returns what deleting a post on X costs; none when it is not there as a whole.
pub(crate) fn cost(store: &Read<'_>, post: &Post) -> std::result::Result<Option<i64>, StoreError> {
    if post.status != Status::Posted || post.gone_from_x_at.is_some() {
        return Ok(None);
    }
    Ok(Some(price_of(parts::live(store, post, None)?.len()).0))
}

/// Returns the price of deleting so many parts; X charges for each.
fn price_of(parts: usize) -> MicroDollars {
    let parts = i64::try_from(parts.max(1)).unwrap_or(i64::MAX);
    MicroDollars(DELETED_POST.0.saturating_mul(parts))
}

/// Tells the person that a post stays on X.
pub(crate) fn tell_stays(store: &mut Tx<'_>, post: PostId, seq: i64, why: &str) -> Result<()> {
    let post = store.expect_post(post)?;
    store.notify(&NewNotification {
        key: format!("not_deleted_on_x:{seq}"),
        kind: "not_deleted_on_x".to_owned(),
        post_id: Some(post.id),
        account: post.account.clone(),
        cause: None,
        title: Headline::NotDeletedOnX.to_string(),
        body: format!("\"{}\" {why}", excerpt(&post.content)),
    })?;
    Ok(())
}
