//! Follow-up replies: whether what they are tied to is on X, and when they may go out.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, TweetId};
use roost_relay_api::DeliveryState;
use rusqlite::{Connection, OptionalExtension as _};

use super::part;
use super::post::{self, Post};
use super::tie::OnX;

/// How the parent of a follow-up stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ParentStanding {
    /// On X, whole.
    OnX(OnX),
    /// Still to go out, or being looked for.
    Open,
    /// Nobody knows whether it is on X: a person decides.
    InDoubt,
    /// This ledger never heard of it.
    Unheard,
    /// It is not on X, and does not go out by itself.
    NotOut(&'static str),
}

impl ParentStanding {
    /// Returns what a follow-up waits for: the code, and the words; nothing once its parent is on X.
    pub(crate) const fn reason(&self) -> Option<(Code, &'static str)> {
        match self {
            Self::OnX(_) => None,
            Self::Open => Some((Code::AwaitsParent, Code::AwaitsParent.text())),
            Self::InDoubt => Some((
                Code::AwaitsParent,
                "It waits for the post that it replies to, which needs a check first.",
            )),
            Self::Unheard => Some((
                Code::AwaitsParent,
                "It waits for the post that it replies to, which the relay does not have yet.",
            )),
            Self::NotOut(why) => Some((Code::ParentNotOut, why)),
        }
    }
}

/// Returns how the parent of a follow-up stands; nothing for a post that is none.
pub(crate) fn standing(
    connection: &Connection,
    post: &Post,
) -> rusqlite::Result<Option<ParentStanding>> {
    use DeliveryState as S;
    let Some(tie) = &post.follow_up else { return Ok(None) };
    let parent = post::get(connection, tie.parent)?;
    if is_being_removed(connection, tie.parent)? {
        let why = "The post that it replies to was deleted on X.";
        return Ok(Some(ParentStanding::NotOut(why)));
    }
    if let Some(on_x) = &tie.on_x {
        return Ok(Some(ParentStanding::OnX(on_x.clone())));
    }
    let Some(parent) = parent else { return Ok(Some(ParentStanding::Unheard)) };
    Ok(Some(match parent.state {
        S::Posted if parent.account != post.account => {
            ParentStanding::NotOut("The post that it replies to is another account's.")
        }
        S::Posted => match (last_part(connection, &parent)?, parent.posted_at) {
            (Some(tweet), Some(at)) => ParentStanding::OnX(OnX { tweet, at }),
            // A manifest told of it: the desktop stages the follow-up anew with what it knows.
            _ => ParentStanding::Unheard,
        },
        S::Staged | S::Claimed | S::Waiting | S::Sending | S::Unknown => ParentStanding::Open,
        S::Parked => ParentStanding::InDoubt,
        S::Partial => ParentStanding::NotOut("The thread that it replies to is on X only in part."),
        S::Refused => ParentStanding::NotOut("The post that it replies to failed."),
        S::Withdrawn => ParentStanding::NotOut("The post that it replies to was cancelled."),
        S::Expired => ParentStanding::NotOut("The post that it replies to was missed."),
    }))
}

/// Returns the id on X of a post's last part, where the ledger knows all of them.
fn last_part(connection: &Connection, post: &Post) -> rusqlite::Result<Option<TweetId>> {
    let Some(last) = post.parts.checked_sub(1) else { return Ok(None) };
    part::live(connection, post.id, last)
}

fn is_being_removed(connection: &Connection, post: PostId) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM removal WHERE post_id = ?1";
    connection.prepare_cached(sql)?.exists([post.to_string()])
}

/// Sets when a follow-up really may go out: with its parent on X, so long after it and no earlier than it was
/// staged for; without, never. Its lateness counts from then.
pub(crate) fn set_times(connection: &Connection, post: &mut Post) -> rusqlite::Result<()> {
    let standing = standing(connection, post)?;
    let Some(tie) = &post.follow_up else { return Ok(()) };
    match standing {
        Some(ParentStanding::OnX(on_x)) => {
            let due = tie.due_at.max(UnixMillis(on_x.at.0.saturating_add(tie.after_ms)));
            let patience = tie.not_after.0.saturating_sub(tie.due_at.0);
            post.due_at = Some(due);
            post.not_after = Some(UnixMillis(due.0.saturating_add(patience)));
        }
        _ => (post.due_at, post.not_after) = (Some(tie.due_at), None),
    }
    Ok(())
}

/// Tells the follow-ups of a post that it changed: their times follow, and what waits is looked at again.
pub(crate) fn parent_changed(
    connection: &Connection,
    parent: PostId,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let waiting = post::select(
        connection,
        "parent = ?1 AND parent IS NOT NULL AND live = 0
            AND state IN ('staged', 'claimed', 'waiting', 'unknown')",
        [parent.to_string()],
    )?;
    for mut post in waiting {
        let had = (post.due_at, post.not_after);
        set_times(connection, &mut post)?;
        let is_taken_up = matches!(post.state, DeliveryState::Claimed | DeliveryState::Waiting);
        if is_taken_up {
            post.next_at = Some(now);
        }
        if is_taken_up || had != (post.due_at, post.not_after) {
            post::put(connection, &post)?;
        }
    }
    Ok(())
}

/// Returns the id on X of what a part of a post answers: the part before it, or the parent of a follow-up.
pub(crate) fn answered(
    connection: &Connection,
    post: &Post,
    number: u32,
) -> rusqlite::Result<Option<TweetId>> {
    if number > 0 {
        return part::before(connection, post.id, number);
    }
    Ok(match standing(connection, post)? {
        Some(ParentStanding::OnX(on_x)) => Some(on_x.tweet),
        _ => None,
    })
}

/// Returns since when the ledger knows what a part of a post answers to be on X.
pub(crate) fn answered_since(
    connection: &Connection,
    post: PostId,
    number: u32,
) -> rusqlite::Result<Option<UnixMillis>> {
    if let Some(before) = number.checked_sub(1) {
        return part::live_since(connection, post, before);
    }
    let sql = "SELECT max(at) FROM live_part
                WHERE post_id = (SELECT parent FROM post WHERE post_id = ?1)";
    let at = connection.prepare_cached(sql)?.query_row([post.to_string()], |row| row.get(0));
    Ok(at.optional()?.flatten().map(UnixMillis))
}
