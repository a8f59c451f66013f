//! From a row of the store to what is shown of it.

use std::collections::HashSet;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_core::zone::Zone;
use roost_store::{Error as StoreError, Extras, Post, Read, WillBeMissed, WithdrawTo};

use crate::sync::scheduler_refusal::SchedulerTrouble;
use crate::view::{PostRow, Reason, Trouble, WaitingFor};

/// A handed-over post this long past its time without a result is worth a word.
const RESULT_PATIENCE: Duration = Duration::from_mins(2);

/// What a row is shown against.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    /// The zone of posts without a time.
    pub(crate) zone: Zone,
    /// The present.
    pub(crate) now: UnixMillis,
    /// By how much this computer's clock is ahead of the relay's, where it is known to be wrong.
    pub(crate) clock_ahead_ms: Option<i64>,
    /// Whether the relay can't be asked.
    pub(crate) relay_is_down: bool,
    /// The relay answers, and refuses this computer.
    pub(crate) relay_refusal: Option<Trouble>,
    /// The scheduler does not take messages.
    pub(crate) scheduler: Option<SchedulerTrouble>,
    /// Posts that their accounts can't post any more as they are.
    pub(crate) outgrown: HashSet<PostId>,
}

/// Returns one line of a list, of a post that was read.
pub(crate) fn of(store: &Read<'_>, id: PostId, scene: &Scene) -> Result<PostRow, StoreError> {
    let (post, extras) = store.expect_row(id)?;
    Ok(row(post, extras, scene))
}

/// Returns one line of a list. It asks the store nothing: all was read with the page.
pub(crate) fn row(post: Post, extras: Extras, scene: &Scene) -> PostRow {
    let Extras { username, tags, texts, media, has_unsaved_edit, will_be_missed } = extras;
    let is_there = post.gone_from_x_at.is_none();
    let tweet_url = post.tweet_id.as_ref().filter(|_| is_there).map(|tweet| {
        let owner = username.as_deref().unwrap_or("i");
        format!("https://x.com/{owner}/status/{tweet}")
    });
    PostRow {
        waiting_for: waiting_for(&post, scene),
        reason: match will_be_missed {
            Some(why) => Some(missed(&post, why)),
            None => reason(&post).or_else(|| in_the_way(&post, scene)),
        },
        has_link: post.has_link,
        parts: texts,
        media,
        tags,
        id: post.id,
        status: post.status,
        revision: post.revision,
        version: post.version,
        account: post.account,
        username,
        text: post.content,
        scheduled_at: post.schedule.as_ref().map(|schedule| schedule.at),
        zone: post
            .schedule
            .as_ref()
            .map_or_else(|| scene.zone.name().to_owned(), |schedule| schedule.zone.clone()),
        wall_time: post.schedule.map(|schedule| schedule.wall_time),
        cost_micros: post.cost_micros,
        until: post.held_until,
        tweet_id: post.tweet_id,
        tweet_url,
        posted_at: post.posted_at,
        import_id: post.import_id,
        updated_at: post.updated_at,
        late_edit_of: post.late_edit_of,
        gone_from_x_at: post.gone_from_x_at,
        has_unsaved_edit,
        series: post.occurrence.as_ref().map(|of| of.series),
        occurrence: post.occurrence.map(|of| of.wall_time),
        follow_up: post.follow_up,
    }
}

/// An intention that the relay has not acknowledged, where it says more than the status.
pub(crate) fn waiting_for(post: &Post, scene: &Scene) -> Option<WaitingFor> {
    match post.withdraw_to {
        Some(WithdrawTo::Cancelled | WithdrawTo::Deleted) => return Some(WaitingFor::Cancel),
        Some(WithdrawTo::Draft | WithdrawTo::Pending) => return Some(WaitingFor::Edit),
        None => {}
    }
    let due = post.schedule.as_ref().map(|schedule| schedule.at);
    if scene.relay_is_down
        && post.status.is_live_on_relay()
        && due.is_some_and(|due| scene.now.since(due) > RESULT_PATIENCE)
    {
        return Some(WaitingFor::Result);
    }
    let changed = post.status == Status::Pending
        && post.may_be_on_relay()
        && post.revision > post.offered_revision;
    changed.then_some(WaitingFor::Edit)
}

/// Returns the reason of a post that waits and will be missed: it needs the person, now.
pub(crate) fn missed(post: &Post, why: WillBeMissed) -> Reason {
    let waits = reason(post);
    let code = waits.as_ref().map_or(Code::Missed, |reason| reason.code);
    let WillBeMissed { not_after, turn } = why;
    let (message, remedy) = match turn {
        Some(turn) => (
            format!(
                "{} Its turn comes at {turn}, after its last moment at {not_after}: it will be \
                 missed.",
                code.text()
            ),
            "Give it a later time, or cancel it; an earlier turn may become free when you cancel \
             another."
                .to_owned(),
        ),
        None => (
            format!("{} Unless that is settled by {not_after}, it will be missed.", code.text()),
            code.remedy().to_owned(),
        ),
    };
    Reason { code, message, remedy, said: waits.and_then(|reason| reason.said) }
}

/// What keeps a post that has no reason of its own from relay or scheduler.
fn in_the_way(post: &Post, scene: &Scene) -> Option<Reason> {
    if !matches!(post.status, Status::Pending | Status::Queued | Status::Held) {
        return None;
    }
    if scene.outgrown.contains(&post.id) {
        let code = Code::NoLongerFits;
        let (message, remedy) = (code.text().to_owned(), code.remedy().to_owned());
        return Some(Reason { code, message, remedy, said: None });
    }
    if let Some(Trouble { code, message, .. }) = &scene.relay_refusal {
        return Some(Reason {
            code: *code,
            message: code.text().to_owned(),
            remedy: code.remedy().to_owned(),
            said: Some(message.clone()).filter(|said| said != code.text()),
        });
    }
    let only_staged = post.status == Status::Pending
        && post.may_be_on_relay()
        && post.offered_revision == post.revision;
    let trouble = scene.scheduler.as_ref().filter(|_| only_staged)?;
    Some(Reason {
        code: trouble.code,
        message: format!(
            "{} The relay has this post and posts it by its own clock, about two minutes late.",
            trouble.code.text()
        ),
        remedy: trouble.code.remedy().to_owned(),
        said: Some(trouble.message.clone()),
    })
}

/// What to do while the relay looks for a post: nobody else may decide meanwhile.
const LOOKED_FOR: &str = "Nothing to do now: the relay looks for it in the account's timeline, and \
    what no look finds comes to you.";

/// Why a post failed, waits or needs the person.
pub(crate) fn reason(post: &Post) -> Option<Reason> {
    let by_status = match post.status {
        Status::Missed => Some(Code::Missed),
        Status::Unknown => Some(Code::OutcomeUnknown),
        Status::Partial => Some(Code::PartialThread),
        Status::Pending if post.account.is_none() => Some(Code::AccountMissing),
        _ => None,
    };
    let code = match &post.error_code {
        Some(word) => word.parse().unwrap_or(Code::Internal),
        None => by_status?,
    };
    Some(Reason {
        code,
        message: code.text().to_owned(),
        remedy: match (post.status, code) {
            (Status::Sending, Code::OutcomeUnknown) => LOOKED_FOR.to_owned(),
            _ => code.remedy().to_owned(),
        },
        said: post.error_message.clone().filter(|said| said != code.text()),
    })
}
