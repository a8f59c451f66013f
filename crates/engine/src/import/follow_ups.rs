//! The replies that follow the posts of an import: made with them, and changed with them.

use roost_core::id::PostId;
use roost_core::post::{Content, FollowUp};
use roost_import::follow_up::MeantFollowUp;
use roost_store::{Edit, Error as StoreError, KnownPost, NewPost, Post, PostUpdate, Read};

use crate::compose::follow_up;

/// What a row makes of the reply of a waiting post.
pub(super) enum Reply {
    /// The post has one, which changes.
    Changed(PostUpdate),
    /// It has none yet.
    New(NewPost),
}

/// Returns the reply that follows a new post.
pub(super) fn new(parent: &NewPost, reply: &MeantFollowUp, id: PostId) -> NewPost {
    let tie = FollowUp { parent: parent.id, after_minutes: reply.after_minutes };
    NewPost {
        account: parent.account.clone(),
        schedule: parent.schedule.as_ref().map(|it| it.plus_follow_up(tie)),
        status: parent.status,
        import_row: parent.import_row,
        follow_up: Some(tie),
        ..NewPost::draft(id, Content::of_texts([&reply.text]))
    }
}

/// Returns what a row makes of the reply of a waiting post; none where the post is gone.
pub(super) fn changed(
    store: &Read<'_>,
    parent: PostId,
    reply: &MeantFollowUp,
    id: PostId,
) -> Result<Option<Reply>, StoreError> {
    let Some(parent) = store.post(parent)? else { return Ok(None) };
    let tie = FollowUp { parent: parent.id, after_minutes: reply.after_minutes };
    let content = Content::of_texts([&reply.text]);
    let Some(known) = follow_up::of(store, parent.id)? else {
        return Ok(Some(Reply::New(follow_up::new(&parent, tie, content, id))));
    };
    let before = store.content(&known)?;
    let content = before.clone().with_texts(content.to_texts());
    let edit = Edit {
        content: Some(content).filter(|content| *content != before),
        follow_up_minutes: Some(reply.after_minutes),
        ..Edit::default()
    };
    Ok(Some(Reply::Changed(PostUpdate { post: judged(&known), edit })))
}

fn judged(post: &Post) -> KnownPost {
    let at = post.posted_at.or(post.schedule.as_ref().map(|schedule| schedule.at));
    KnownPost { id: post.id, status: post.status, at, key: post.duplicate_key }
}
