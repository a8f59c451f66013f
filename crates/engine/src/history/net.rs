//! What a step did to each post as a whole, from its events: fields before and after, and where the post
//! was to stand.

use std::collections::HashMap;

use roost_core::id::PostId;
use roost_core::status::Status;
use roost_store::{Error as StoreError, EventKind, Post, PostEvent, PostFields, Read, WithdrawTo};

/// Where a post is to stand, by the person's wish. What relay and scheduler know of it makes no
/// difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// In the trash.
    Trash,
    /// Cancelled.
    Cancelled,
    /// A draft.
    Draft,
    /// To go out at its time.
    Planned,
    /// Where no wish of the person's alone brings it.
    Decided(Status),
}

impl Stand {
    fn of(status: Status, withdraw_to: Option<WithdrawTo>, is_deleted: bool) -> Self {
        if is_deleted {
            return Self::Trash;
        }
        match (withdraw_to, status) {
            (Some(WithdrawTo::Deleted), _) => Self::Trash,
            (Some(WithdrawTo::Cancelled), _) | (None, Status::Cancelled) => Self::Cancelled,
            (Some(WithdrawTo::Draft), _) | (None, Status::Draft) => Self::Draft,
            (Some(WithdrawTo::Pending), _)
            | (None, Status::Pending | Status::Queued | Status::Held) => Self::Planned,
            (None, decided) => Self::Decided(decided),
        }
    }

    /// Returns where a post in the trash was to stand when the person deleted it. Its status alone does not say
    /// that: one that the relay held is cancelled by the proof that it was let go.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(super) fn before_trash(store: &Read<'_>, post: &Post) -> Result<Self, StoreError> {
        let (mut status, mut goal) = (post.status, post.withdraw_to);
        for event in store.events(post.id)?.iter().rev() {
            let after = &event.change.after;
            let asks = after.withdraw_to == Some(Some(WithdrawTo::Deleted));
            let ends_there = after.deleted_at.flatten().is_some();
            if let Some(before) = &event.change.before {
                status = before.status.unwrap_or(status);
                goal = before.withdraw_to.unwrap_or(goal);
            }
            if (asks || ends_there) && goal != Some(WithdrawTo::Deleted) {
                return Ok(Self::of(status, goal, false));
            }
        }
        Ok(Self::of(post.status, None, false))
    }

    /// Returns where a post is to stand now.
    pub(super) fn of_post(post: &Post) -> Self {
        Self::of(post.status, post.withdraw_to, post.deleted_at.is_some())
    }
}

/// What a step did to one post.
#[derive(Debug)]
pub(super) struct NetChange {
    pub(super) post: PostId,
    /// Whether the step made it.
    pub(super) is_new: bool,
    /// The fields that changed, as they were.
    pub(super) before: PostFields,
    /// The same as they are.
    pub(super) after: PostFields,
    /// Its last event of the step.
    last: i64,
}

/// Returns what events did to each post, in the order in which the posts were touched.
pub(super) fn net_changes(events: Vec<PostEvent>) -> Vec<NetChange> {
    let mut places: HashMap<PostId, usize> = HashMap::new();
    let mut changes: Vec<NetChange> = Vec::new();
    for event in events {
        let is_new = matches!(event.kind, EventKind::Created | EventKind::Imported);
        let before = event.change.before.unwrap_or_default();
        let place = *places.entry(event.post_id).or_insert_with(|| {
            let (post, before, after) =
                (event.post_id, PostFields::default(), PostFields::default());
            changes.push(NetChange { post, is_new, before, after, last: event.seq });
            changes.len() - 1
        });
        let change = &mut changes[place];
        change.before = std::mem::take(&mut change.before).or(before);
        change.after = event.change.after.or(std::mem::take(&mut change.after));
        change.last = event.seq;
    }
    changes
}

impl NetChange {
    /// Returns where the post was to stand before the step, and after it; none when the step changed
    /// nothing about that.
    pub(super) fn stands(
        &self,
        store: &Read<'_>,
        post: &Post,
    ) -> Result<Option<(Stand, Stand)>, StoreError> {
        let Self { before, after, .. } = self;
        let is_told =
            before.status.is_some() || before.withdraw_to.is_some() || before.deleted_at.is_some();
        if !is_told {
            return Ok(None);
        }
        let stood = match before.status {
            Some(status) => status,
            None => store.status_after_event(self.post, self.last)?.unwrap_or(post.status),
        };
        let stand = |fields: &PostFields, status: Status| {
            let is_deleted = fields.deleted_at.flatten().is_some();
            Stand::of(fields.status.unwrap_or(status), fields.withdraw_to.flatten(), is_deleted)
        };
        let (was, is) = (stand(before, stood), stand(after, stood));
        Ok((was != is).then_some((was, is)))
    }
}
