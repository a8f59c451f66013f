//! Staging: a post under a revision becomes the relay's to send.

use roost_core::clock::UnixMillis;
use roost_core::id::StoreId;
use roost_core::post::{Content, FOLLOW_UP_MINUTES};
use roost_relay_api::{DeliveryState, Stage, StageAnswer, StageBatch, StageOutcome, StageResult};
use rusqlite::Connection;

use super::lost_ledger::{may_be_sent_elsewhere, presume_sent, reconcile_as_sent};
use super::missing_media::missing_media;
use super::{apply, save};
use crate::config::Pace;
use crate::ledger::{Event, Why};
use crate::ledger_write::LedgerWrite;
use crate::media_store::MediaStore;
use crate::rows::follow_up;
use crate::rows::post::{self, Post};
use crate::rows::relay::RelayRow;
use crate::rows::tie::Tie;
use crate::rows::{account, body_hash, media_file, part, relay, store_binding};

/// Parts of one thread, at the most.
const PARTS_MAX: usize = 100;
/// Bytes of one text: 25,000 characters of four.
const TEXT_MAX_BYTES: usize = 100_000;
const MEDIA_MISSING: &str = "the relay does not have all images and videos of this post yet";

/// Stages a batch for the device that feeds the relay from the store. Returns the answer; nothing
/// when another device does.
pub(crate) fn stage_batch(
    ledger: &mut LedgerWrite<'_>,
    batch: &StageBatch,
    device: &str,
    media: &MediaStore,
    pace: &Pace,
    now: UnixMillis,
) -> rusqlite::Result<Option<StageAnswer>> {
    if !store_binding::admit(ledger, batch.store_id, device, now)? {
        return Ok(None);
    }
    let relay = relay::row(ledger)?;
    let mut results = Vec::with_capacity(batch.items.len());
    for item in &batch.items {
        results.push(stage_one(ledger, batch.store_id, item, &relay, media, pace, now)?);
    }
    Ok(Some(StageAnswer { epoch: relay.epoch, results }))
}

fn tie(item: &Stage) -> Option<Tie> {
    item.follow_up.as_ref().map(|staged| Tie::staged(staged, item.due_at, item.not_after))
}

fn body_hash(item: &Stage) -> Vec<u8> {
    let tie = tie(item);
    body_hash::hash(&item.account, item.due_at, item.not_after, &item.content, tie.as_ref())
}

/// Whether the desktop hashed more than was read here. A rule that is not known here says nothing.
fn is_read_in_part(item: &Stage) -> bool {
    item.body_hash.is_some_and(|hash| {
        let is_same = match &item.follow_up {
            Some(follow_up) => hash == item.content.body_hash().tied_to(follow_up.tie),
            None => hash.matches(&item.content),
        };
        hash.is_known() && !is_same
    })
}

fn validation_error(item: &Stage) -> Option<String> {
    let parts = item.content.parts.as_slice();
    if parts.is_empty() || parts.len() > PARTS_MAX {
        return Some(format!("a post has 1 to {PARTS_MAX} parts"));
    }
    if parts.iter().any(|part| part.text.trim().is_empty() && part.media.is_empty()) {
        return Some("a part has no text".to_owned());
    }
    if parts.iter().any(|part| part.text.len() > TEXT_MAX_BYTES) {
        return Some("a part is longer than X takes from anybody".to_owned());
    }
    if item.not_after < item.due_at || item.due_at.0 < 0 || item.revision.0 < 1 {
        return Some("its times or revision make no sense".to_owned());
    }
    if let Some(tie) = item.follow_up.as_ref().map(|staged| staged.tie)
        && (tie.parent == item.post_id || !FOLLOW_UP_MINUTES.contains(&tie.after_minutes))
    {
        return Some("what it replies to, or how long after it, makes no sense".to_owned());
    }
    None
}

fn stage_one(
    ledger: &mut LedgerWrite<'_>,
    store: StoreId,
    item: &Stage,
    relay: &RelayRow,
    media: &MediaStore,
    pace: &Pace,
    now: UnixMillis,
) -> rusqlite::Result<StageResult> {
    let known = post::get(ledger, item.post_id)?;
    let result = |outcome, post: Option<&Post>, message: Option<String>| StageResult {
        post_id: item.post_id,
        revision: item.revision,
        outcome,
        highest: post.map_or(item.revision, |post| post.revision),
        state: post.map(|post| post.state),
        message,
        missing_media: Vec::new(),
    };
    if let Some(message) = validation_error(item) {
        return Ok(result(StageOutcome::Invalid, known.as_ref(), Some(message)));
    }
    if is_read_in_part(item) {
        let message = "the relay does not know all that this post has: update the relay".to_owned();
        return Ok(result(StageOutcome::Outdated, known.as_ref(), Some(message)));
    }
    let hash = body_hash(item);
    // A post that only a manifest told of takes the body it lacks, however it is armed, and even
    // while nobody is signed in: it is looked for afterwards.
    if let Some(mut post) = known.clone()
        && post.body_hash.is_none()
        && post.state == DeliveryState::Unknown
        && item.revision >= post.revision
    {
        let earliest_due_at = post.due_at;
        restore_body(ledger, &mut post, store, item, hash)?;
        presume_sent(ledger, &mut post, earliest_due_at, now)?;
        return Ok(result(StageOutcome::Staged, Some(&post), None));
    }
    // So does one that another database may have sent: by the time that it had there, however it
    // was edited since.
    if let Some(mut post) = known.clone()
        && is_waiting(post.state)
        && item.revision > post.revision
        && may_be_sent_elsewhere(&post, post.due_at.or(Some(item.due_at)), pace.doubt_margin)
    {
        let earliest_due_at = post.due_at;
        restore_body(ledger, &mut post, store, item, hash)?;
        reconcile_as_sent(ledger, &mut post, earliest_due_at, pace, now)?;
        return Ok(result(StageOutcome::Staged, Some(&post), None));
    }
    if account::get(ledger, &item.account)?.is_none() {
        let message = "the relay does not know this account: connect it first".to_owned();
        return Ok(result(StageOutcome::UnknownAccount, known.as_ref(), Some(message)));
    }
    let missing_media = missing_media(media, &item.content);
    if missing_media.is_empty() {
        touch_media(ledger, &item.content, now)?;
    }
    let lacks_media = |known: Option<&Post>| StageResult {
        missing_media: missing_media.clone(),
        ..result(StageOutcome::MediaMissing, known, Some(MEDIA_MISSING.to_owned()))
    };
    let Some(mut post) = known else {
        if !missing_media.is_empty() {
            return Ok(lacks_media(None));
        }
        let mut post = Post::new(item.post_id, DeliveryState::Staged, now);
        arm(ledger, &mut post, store, item, hash, relay, now)?;
        return Ok(result(StageOutcome::Staged, Some(&post), None));
    };
    let same_body = post.body_hash.as_ref().is_some_and(|known| {
        let (due_at, not_after) = (item.due_at, item.not_after);
        let tie = tie(item);
        body_hash::matches(known, &item.account, due_at, not_after, &item.content, tie.as_ref())
    });
    let before = post.clone();
    let outcome = match apply(&mut post, Event::Stage { revision: item.revision, same_body }) {
        // What is staged already is told as well: a file may have been lost with the disk it was on.
        Ok(()) | Err(Why::Same) if !missing_media.is_empty() => {
            return Ok(lacks_media(Some(&before)));
        }
        Ok(()) => {
            arm(ledger, &mut post, store, item, hash, relay, now)?;
            (StageOutcome::Staged, None)
        }
        Err(Why::Same) => (StageOutcome::Staged, None),
        Err(Why::TooLate) => {
            let message = "the post went out, or may have; it can't be changed any more";
            (StageOutcome::TooLate, Some(message.to_owned()))
        }
        Err(_) => {
            let message = format!("arm it above revision {}", post.revision);
            (StageOutcome::Conflict, Some(message))
        }
    };
    Ok(result(outcome.0, Some(&post), outcome.1))
}

/// Notes that the files of a post are named now: they stay for a while, whatever becomes of it.
fn touch_media(
    connection: &Connection,
    content: &Content,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let files = content.parts.iter().flat_map(|part| &part.media).filter_map(|media| media.file);
    for file in files {
        media_file::touch(connection, &file.sha256.to_string(), now)?;
    }
    Ok(())
}

/// Whether nothing of a post is known to be out.
const fn is_waiting(state: DeliveryState) -> bool {
    use DeliveryState as S;
    matches!(state, S::Staged | S::Claimed | S::Waiting | S::Withdrawn)
}

/// Puts the staged body into a post that is armed with it.
fn arm(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    store: StoreId,
    item: &Stage,
    hash: Vec<u8>,
    relay: &RelayRow,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    set_body(ledger, post, store, item, hash)?;
    post.revision = item.revision;
    (post.code, post.message) = (None, None);
    (post.claimed_by, post.claimed_at) = (None, None);
    post.looks = 0;
    // Another database, or this one before a gap, may have sent it already.
    let in_gap = relay.gap.is_some_and(|(from, to)| (from..=to).contains(&item.due_at));
    post.look_first = item.due_at < relay.epoch_born_at || in_gap;
    (post.looked_first, post.doubt_until) = (false, None);
    save(ledger, post, now)?;
    part::replace(ledger, item.post_id, &item.content)
}

fn set_body(
    connection: &Connection,
    post: &mut Post,
    store: StoreId,
    item: &Stage,
    hash: Vec<u8>,
) -> rusqlite::Result<()> {
    post.store = Some(store);
    post.account = Some(item.account.clone());
    post.body_hash = Some(hash);
    post.parts = u32::try_from(item.content.parts.len()).unwrap_or(u32::MAX);
    post.due_at = Some(item.due_at);
    post.not_after = Some(item.not_after);
    post.follow_up = tie(item);
    follow_up::set_times(connection, post)
}

/// A post that may be out although this database never sent it gets its body, so that it can be
/// looked for in the timeline.
fn restore_body(
    connection: &Connection,
    post: &mut Post,
    store: StoreId,
    item: &Stage,
    hash: Vec<u8>,
) -> rusqlite::Result<()> {
    set_body(connection, post, store, item, hash)?;
    post.revision = item.revision;
    part::replace(connection, item.post_id, &item.content)
}
