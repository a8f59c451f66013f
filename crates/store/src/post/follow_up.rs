//! Follow-up replies: a post that goes where its parent goes. One rule at the end of every write holds a
//! follow-up against its parent as that is then: its time, its account, and whether it goes out at all. So no
//! command has to know of follow-ups, and what it did to both is one step.

use std::collections::BTreeMap;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, XUserId};
use roost_core::post::FollowUp;
use roost_core::status::{Actor, Status};
use roost_core::zone::{Zone, wall_time_of};

use super::holder::FOR_RELAY;
use super::new::whole;
use super::{Edit, Post, Reason, Schedule, WithdrawTo};
use crate::error::Error;
use crate::store::{Read, Tx};
use crate::table::PostEvent;

/// What a follow-up says that waits here for a parent which failed or was missed.
const NOT_OUT: &str = "The post that it replies to did not go out.";

/// Whether the parent `parent` of a follow-up is with relay ?1, or is on X.
const PARENT_IS_HANDED_OVER: &str = "(
    (parent.offered_to = ?1 AND parent.offered_revision > parent.withdrawn_revision
        AND parent.status IN ('queued', 'held', 'sending', 'unknown', 'partial'))
    OR (parent.offered_to = ?1 AND parent.status = 'pending'
        AND parent.offered_revision = parent.revision)
    OR (parent.status = 'posted' AND parent.gone_from_x_at IS NULL))";

/// Where the parent of a follow-up is to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ParentStand {
    /// In the trash, or deleted for good.
    Trash,
    /// Cancelled, or deleted on X.
    Cancelled,
    /// A draft.
    Draft,
    /// To go out at its time.
    Planned,
    /// On X.
    OnX,
    /// Failed or missed: it goes out when the person says so.
    NotOut,
    /// Being sent, looked for, or on X in part.
    Open,
}

impl ParentStand {
    fn of(parent: Option<&Post>) -> Self {
        let Some(parent) = parent else { return Self::Trash };
        if parent.deleted_at.is_some() {
            return Self::Trash;
        }
        match (parent.withdraw_to, parent.status) {
            (Some(WithdrawTo::Deleted), _) => Self::Trash,
            (Some(WithdrawTo::Cancelled), _) | (None, Status::Cancelled) => Self::Cancelled,
            (Some(WithdrawTo::Draft), _) | (None, Status::Draft) => Self::Draft,
            (Some(WithdrawTo::Pending), _)
            | (None, Status::Pending | Status::Queued | Status::Held) => Self::Planned,
            (None, Status::Posted) if parent.gone_from_x_at.is_some() => Self::Cancelled,
            (None, Status::Posted) => Self::OnX,
            (None, Status::Failed | Status::Missed) => Self::NotOut,
            (None, Status::Sending | Status::Unknown | Status::Partial) => Self::Open,
        }
    }
}

impl Read<'_> {
    /// Returns the follow-ups of a post, those in the trash left out, the first made first.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn follow_ups_of(&self, parent: PostId) -> Result<Vec<Post>, Error> {
        self.many_posts(
            "post.follow_up_of = ?1 AND post.deleted_at IS NULL ORDER BY post.seq",
            [parent.to_string()],
        )
    }

    /// Returns the follow-ups that wait here though their parents are with `relay`, or are on X.
    pub(super) fn follow_ups_for_handover(
        &self,
        relay: &str,
        limit: u32,
    ) -> Result<Vec<Post>, Error> {
        self.many_posts(
            &format!(
                "post.follow_up_of IS NOT NULL AND post.status = 'pending'
                     AND post.account_id IS NOT NULL AND post.withdraw_to IS NULL
                     AND post.deleted_at IS NULL AND {FOR_RELAY}
                     AND EXISTS (SELECT 1 FROM scheduled_post AS parent
                         WHERE parent.id = post.follow_up_of AND parent.withdraw_to IS NULL
                             AND parent.deleted_at IS NULL AND {PARENT_IS_HANDED_OVER})
                 ORDER BY post.scheduled_at, post.seq LIMIT ?2"
            ),
            (relay, limit),
        )
    }

    /// Returns the command by which a post was cancelled or deleted last, as the group of its events.
    fn ended_by(&self, post: PostId) -> Result<Option<i64>, Error> {
        let ends = |goal: &Option<Option<WithdrawTo>>| {
            matches!(goal, Some(Some(WithdrawTo::Cancelled | WithdrawTo::Deleted)))
        };
        let is_end = |event: &PostEvent| {
            let (before, after) = (event.change.before.as_ref(), &event.change.after);
            let is_ended = after.status == Some(Status::Cancelled)
                || after.deleted_at.is_some_and(|at| at.is_some());
            let was_asked = before.is_some_and(|before| ends(&before.withdraw_to));
            ends(&after.withdraw_to) || (is_ended && !was_asked)
        };
        Ok(self.events(post)?.into_iter().rev().find(is_end).map(|event| event.group))
    }

    /// Whether one command cancelled or deleted both.
    fn ended_together(&self, one: PostId, other: PostId) -> Result<bool, Error> {
        let by = self.ended_by(one)?;
        Ok(by.is_some() && by == self.ended_by(other)?)
    }
}

impl Post {
    /// Returns when a follow-up of this post is due: so long after its time, or after it went out.
    #[must_use]
    pub fn time_of_follow_up(&self, tie: FollowUp) -> Option<Schedule> {
        let planned = self.schedule.as_ref()?;
        let posted = self.posted_at.filter(|_| self.status == Status::Posted);
        let from = posted.map_or(planned.at, |posted| posted.max(planned.at));
        let at = whole(from.plus(tie.delay()));
        Some(planned.on_the_same_clocks(at))
    }
}

impl Schedule {
    /// Returns when a follow-up is due of a post that is planned for this time.
    #[must_use]
    pub fn plus_follow_up(&self, tie: FollowUp) -> Self {
        self.on_the_same_clocks(whole(self.at.plus(tie.delay())))
    }

    fn on_the_same_clocks(&self, at: UnixMillis) -> Self {
        // The zone was read when this was planned.
        let zone = Zone::parse(&self.zone).ok();
        let wall_time = zone.map(|zone| wall_time_of(at, &zone).to_string());
        let wall_time = wall_time.unwrap_or_else(|| self.wall_time.clone());
        Self { at, wall_time, zone: self.zone.clone() }
    }
}

impl Tx<'_> {
    /// Holds the follow-ups of all that was touched since the last step against their parents.
    pub(crate) fn align_follow_ups(&mut self) -> Result<(), Error> {
        for follow_up in self.touched_follow_ups()? {
            self.align_follow_up(follow_up)?;
        }
        Ok(())
    }

    /// Returns the follow-ups that were touched, or whose parents were, in the order of making.
    fn touched_follow_ups(&self) -> Result<Vec<Post>, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM scheduled_post WHERE follow_up_of IS NOT NULL)";
        let is_any = || self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0));
        let is_touched = self.touched.many > 0 || !self.touched.single.is_empty();
        if !is_touched || !is_any()? {
            return Ok(Vec::new());
        }
        let found = if self.touched.many > 0 {
            self.many_posts("post.follow_up_of IS NOT NULL AND post.list <> 'posted'", [])?
        } else {
            let ids: Vec<String> = self.touched.single.iter().map(ToString::to_string).collect();
            let ids = serde_json::to_string(&ids)?;
            let mut found =
                self.many_posts("post.follow_up_of IN (SELECT value FROM json_each(?1))", [&ids])?;
            found.extend(self.many_posts(
                "post.id IN (SELECT value FROM json_each(?1)) AND post.follow_up_of IS NOT NULL",
                [&ids],
            )?);
            found
        };
        let by_seq: BTreeMap<i64, Post> = found.into_iter().map(|post| (post.seq, post)).collect();
        Ok(by_seq.into_values().collect())
    }

    fn align_follow_up(&mut self, mut post: Post) -> Result<(), Error> {
        let Some(tie) = post.follow_up else { return Ok(()) };
        let parent = self.post(tie.parent)?;
        let stand = ParentStand::of(parent.as_ref());
        let goes_on = matches!(stand, ParentStand::Planned | ParentStand::Draft);
        let has_ended = post.deleted_at.is_some() || post.status == Status::Cancelled;
        if has_ended && goes_on && self.ended_together(post.id, tie.parent)? {
            if post.deleted_at.is_some() {
                post = self.restore_post(post.id, Actor::Person)?;
            }
        } else if has_ended && (post.deleted_at.is_some() || stand != ParentStand::Trash) {
            return Ok(());
        }
        if matches!(
            post.status,
            Status::Sending | Status::Posted | Status::Partial | Status::Unknown
        ) {
            return Ok(());
        }
        let wanted = parent.as_ref().and_then(|parent| parent.time_of_follow_up(tie));
        let account = parent.map(|parent| (parent.account, parent.withdraw_to));
        match (stand, account) {
            (ParentStand::Trash, _) => self.delete_with_parent(&post),
            (ParentStand::Cancelled, _) => self.cancel_with_parent(&post),
            (ParentStand::Draft, Some((account, _))) => {
                let edit = aligned(&post, wanted, account);
                self.draft_with_parent(&post, edit)
            }
            (ParentStand::Planned, Some((account, withdraw_to))) => {
                let edit = aligned(&post, wanted, account);
                self.plan_with_parent(&post, edit)?;
                self.wait_with_parent(post.id, withdraw_to)
            }
            (ParentStand::OnX, Some((account, _))) => {
                // What the relay has follows its parent there.
                let is_here = post.status == Status::Pending && !post.may_be_on_relay();
                let edit = aligned(&post, wanted, account);
                if is_here { self.edit_aligned(&post, edit) } else { Ok(()) }
            }
            (ParentStand::NotOut, _) => self.fail_with_parent(&post),
            (_, _) => Ok(()),
        }
    }

    fn delete_with_parent(&mut self, post: &Post) -> Result<(), Error> {
        if post.withdraw_to == Some(WithdrawTo::Deleted) {
            return Ok(());
        }
        if post.may_be_on_relay() {
            return self.withdraw_post(post.id, WithdrawTo::Deleted, Actor::Person).map(drop);
        }
        self.delete_post(post.id, Actor::Person).map(drop)
    }

    fn cancel_with_parent(&mut self, post: &Post) -> Result<(), Error> {
        let is_on_its_way =
            matches!(post.withdraw_to, Some(WithdrawTo::Deleted | WithdrawTo::Cancelled));
        if is_on_its_way || post.status == Status::Cancelled {
            return Ok(());
        }
        self.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person).map(drop)
    }

    fn draft_with_parent(&mut self, post: &Post, edit: Edit) -> Result<(), Error> {
        match post.withdraw_to {
            Some(WithdrawTo::Pending) | None => {}
            Some(_) => return Ok(()),
        }
        if post.may_be_on_relay() {
            return self.withdraw_post(post.id, WithdrawTo::Draft, Actor::Person).map(drop);
        }
        let status = (post.status != Status::Draft).then_some(Status::Draft);
        if matches!(post.status, Status::Failed | Status::Missed) && !awaits_parent(post) {
            return Ok(());
        }
        self.edit_aligned(post, Edit { status, ..edit })
    }

    fn plan_with_parent(&mut self, post: &Post, edit: Edit) -> Result<(), Error> {
        if matches!(post.withdraw_to, Some(WithdrawTo::Deleted | WithdrawTo::Cancelled)) {
            return Ok(());
        }
        let is_armed = matches!(post.status, Status::Pending | Status::Queued | Status::Held);
        let is_back = post.withdraw_to == Some(WithdrawTo::Draft);
        if matches!(post.status, Status::Failed | Status::Missed) && !awaits_parent(post) {
            return Ok(());
        }
        let status = (!is_armed || is_back).then_some(Status::Pending);
        self.edit_aligned(post, Edit { status, ..edit })
    }

    /// Where the relay is to let go of the parent for a while, it is to let go of the follow-up as well.
    fn wait_with_parent(&mut self, id: PostId, parent: Option<WithdrawTo>) -> Result<(), Error> {
        let post = self.expect_post(id)?;
        let is_armed = post.withdraw_to.is_none() && post.status == Status::Pending;
        if parent == Some(WithdrawTo::Pending) && is_armed && post.may_be_on_relay() {
            self.withdraw_post(id, WithdrawTo::Pending, Actor::Person)?;
        }
        Ok(())
    }

    /// One that the relay has waits there, and the relay says for what.
    fn fail_with_parent(&mut self, post: &Post) -> Result<(), Error> {
        if post.status != Status::Pending || post.may_be_on_relay() {
            return Ok(());
        }
        let reason = Reason {
            code: Some(Code::ParentNotOut.as_str().to_owned()),
            message: Some(NOT_OUT.to_owned()),
            until: None,
        };
        self.set_status(post.id, Status::Failed, Actor::Engine, &reason).map(drop)
    }

    fn edit_aligned(&mut self, post: &Post, edit: Edit) -> Result<(), Error> {
        if edit == Edit::default() {
            return Ok(());
        }
        // What is armed already is moved by whoever moved its parent.
        let by_engine = self.label.is_none() && edit.status.is_none();
        let by = if by_engine { Actor::Engine } else { Actor::Person };
        self.edit_read_post(post, &edit, by).map(drop)
    }
}

/// Returns what is to change of a follow-up so that it has the time and the account that follow from its
/// parent.
fn aligned(post: &Post, wanted: Option<Schedule>, account: Option<XUserId>) -> Edit {
    let moved = post.schedule.as_ref().map(|it| it.at) != wanted.as_ref().map(|it| it.at)
        || post.schedule.as_ref().map(|it| &it.zone) != wanted.as_ref().map(|it| &it.zone);
    Edit {
        schedule: moved.then_some(wanted),
        account: (post.account != account).then_some(account),
        ..Edit::default()
    }
}

/// Whether a follow-up failed only because its parent did not go out.
fn awaits_parent(post: &Post) -> bool {
    post.error_code.as_deref() == Some(Code::ParentNotOut.as_str())
}
