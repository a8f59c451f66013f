//! Claiming: a delivery, or the relay's own clock, says that a post is due.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_crash_points as crash;
use roost_relay_api::{DeliveryState, Trigger};

use super::{apply, save, set_reason};
use crate::clock_check::Confidence;
use crate::ledger::{Event, Timing, Why};
use crate::ledger_write::LedgerWrite;
use crate::rows::post::{self, ClaimedBy, Post};

/// What a delivery did.
pub(crate) enum Claim {
    /// The publisher has it now.
    Claimed(Post),
    /// It was done before, or is not to be done.
    Unchanged(Post, Why),
    /// The relay does not know the post or the revision.
    Unknown,
}

/// How long before its time a follow-up is taken up without a word: its parent went out some seconds after
/// its own.
const FOLLOW_UP_LEAD: Duration = Duration::from_secs(2 * 60);

fn is_soon(post: &Post, due: UnixMillis, now: UnixMillis) -> bool {
    post.follow_up.is_some() && due.since(now) <= FOLLOW_UP_LEAD
}

/// Applies a delivery, or the backstop's own, to the ledger.
pub(crate) fn claim(
    ledger: &mut LedgerWrite<'_>,
    trigger: Trigger,
    by: ClaimedBy,
    confidence: Confidence,
    now: UnixMillis,
) -> rusqlite::Result<Claim> {
    let Some(mut post) = post::get(ledger, trigger.post_id)? else { return Ok(Claim::Unknown) };
    let timing = match (post.due_at, post.not_after) {
        (Some(due), _) if now < due && !is_soon(&post, due, now) => Timing::Early,
        // What may have gone out already is looked for before it is called missed; and nothing is
        // by a clock that nobody confirms: the publisher asks X first.
        (_, Some(deadline)) if now > deadline && !post.look_first && confidence.may_end_posts() => {
            Timing::Late
        }
        _ => Timing::Due,
    };
    match apply(&mut post, Event::Deliver { revision: trigger.revision, timing }) {
        Ok(()) => {}
        Err(Why::NeverStaged) => return Ok(Claim::Unknown),
        Err(_) if crash::sabotaged("dedup") => {
            (post.state, post.live) = (DeliveryState::Claimed, 0);
        }
        Err(why) => return Ok(Claim::Unchanged(post, why)),
    }
    post.claimed_by = Some(by);
    post.claimed_at = Some(now);
    match post.state {
        DeliveryState::Waiting => {
            post.next_at = post.due_at;
            set_reason(&mut post, Code::Early, Code::Early.text());
        }
        DeliveryState::Expired => set_reason(&mut post, Code::Missed, Code::Missed.text()),
        _ => {
            post.next_at = post.due_at.filter(|_| post.follow_up.is_some()).max(Some(now));
            if by == ClaimedBy::Backstop {
                post.message = Some(
                    "No delivery came from the scheduler; the relay's own clock took it up."
                        .to_owned(),
                );
            }
        }
    }
    save(ledger, &mut post, now)?;
    Ok(Claim::Claimed(post))
}
