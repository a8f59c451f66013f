//! The manifest: what a desktop knows, told to a database that may have forgotten it.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::{Revision, StoreId};
use roost_relay_api::{
    DeliveryState, Manifest, ManifestAnswer, ManifestPost, StageOutcome, StageResult,
};
use rusqlite::Connection;

use super::lost_ledger::{
    may_be_sent_elsewhere, park_earlier_version, presume_sent, reconcile_as_sent,
    reconcile_doubtful_posts,
};
use super::missing_media::missing_media;
use crate::config::Pace;
use crate::ledger_write::LedgerWrite;
use crate::media_store::MediaStore;
use crate::rows::post::{self, Post, Wake, is_decided};
use crate::rows::{manifest_epoch, part, relay, store_binding};

/// How long the relay waits for the text of a post that was being sent when its database was lost.
const TEXT_ARRIVAL_MAX: Duration = Duration::from_secs(10 * 60);

/// What became of a manifest.
pub(crate) enum Applied {
    Done(ManifestAnswer),
    OtherStore,
    OtherEpoch,
}

/// Takes in one page of what a desktop knows. The last page completes the store's manifest.
pub(crate) fn apply_manifest(
    ledger: &mut LedgerWrite<'_>,
    device: &str,
    manifest: &Manifest,
    media: &MediaStore,
    pace: &Pace,
    now: UnixMillis,
) -> rusqlite::Result<Applied> {
    let relay = relay::row(ledger)?;
    let epoch = relay.epoch;
    if epoch != manifest.epoch {
        return Ok(Applied::OtherEpoch);
    }
    if !store_binding::admit(ledger, manifest.store_id, device, now)? {
        return Ok(Applied::OtherStore);
    }
    let mut answer =
        ManifestAnswer { epoch: epoch.clone(), missing: Vec::new(), newer: Vec::new() };
    for told in &manifest.posts {
        let known = post::get(ledger, told.post_id)?;
        // The ledger that this one was copied from may have worked on until now.
        let ended = if told.elsewhere || relay.is_copy { now } else { relay.epoch_born_at };
        match compare_post(ledger, manifest.store_id, told, known, ended, pace, now)? {
            // A disk that was put back may lack files: staging anew names them.
            Comparison::Same if lacks_files(ledger, told, media)? => {
                answer.missing.push(told.post_id);
            }
            Comparison::Same => {}
            Comparison::Missing => answer.missing.push(told.post_id),
            Comparison::Newer(post) => answer.newer.push(newer(told, &post)),
        }
    }
    if !manifest.more {
        manifest_epoch::note_complete(ledger, manifest.store_id, &epoch, now)?;
        let doubted = reconcile_doubtful_posts(ledger, manifest.store_id, pace, now)?;
        post::wake(ledger, Wake::Endless, None, now)?;
        tracing::info!(
            store.id = %manifest.store_id,
            posts_in_doubt = doubted,
            "the store's manifest is complete"
        );
    }
    Ok(Applied::Done(answer))
}

/// Whether a post that waits here names files that are not here.
fn lacks_files(
    connection: &Connection,
    told: &ManifestPost,
    media: &MediaStore,
) -> rusqlite::Result<bool> {
    let Some(post) = post::get(connection, told.post_id)? else { return Ok(false) };
    let waits = matches!(
        post.state,
        DeliveryState::Staged | DeliveryState::Claimed | DeliveryState::Waiting
    );
    if !waits || !part::has_media(connection, post.id)? {
        return Ok(false);
    }
    let content = part::content(connection, post.id)?.unwrap_or_default();
    Ok(!missing_media(media, &content).is_empty())
}

enum Comparison {
    Same,
    Missing,
    Newer(Box<Post>),
}

fn newer(told: &ManifestPost, post: &Post) -> StageResult {
    StageResult {
        post_id: told.post_id,
        revision: told.revision,
        outcome: StageOutcome::Conflict,
        highest: post.revision,
        state: Some(post.state),
        message: Some("the relay knows more of this post: look it up".to_owned()),
        missing_media: Vec::new(),
    }
}

/// Compares what is told with what is known, and fences what must not go out (again). Until
/// `ended` another database may have sent it.
fn compare_post(
    ledger: &mut LedgerWrite<'_>,
    store: StoreId,
    told: &ManifestPost,
    known: Option<Post>,
    ended: UnixMillis,
    pace: &Pace,
    now: UnixMillis,
) -> rusqlite::Result<Comparison> {
    let Some(mut post) = known else {
        return insert_unknown(ledger, store, told, ended, pace, now);
    };
    let ours_waits = matches!(
        post.state,
        DeliveryState::Staged | DeliveryState::Claimed | DeliveryState::Waiting
    );
    if is_under_way(told) && ours_waits && told.revision == post.revision {
        return reconcile_presumed(ledger, &mut post, told, now);
    }
    let ours_is_out = post.live > 0
        || matches!(
            post.state,
            DeliveryState::Sending
                | DeliveryState::Unknown
                | DeliveryState::Posted
                | DeliveryState::Partial
                | DeliveryState::Parked
        );
    if was_posted_since(told, &post) {
        return overwrite_from_manifest(ledger, post, told, ended, pace, now);
    }
    if ours_is_out || post.revision > told.revision {
        let same = post.revision == told.revision && post.state == told.state;
        return Ok(if same { Comparison::Same } else { Comparison::Newer(Box::new(post)) });
    }
    if told.revision > post.revision || (is_decided(told.state) && !is_decided(post.state)) {
        // This database is the older one.
        return overwrite_from_manifest(ledger, post, told, ended, pace, now);
    }
    let same = post.state == told.state || !is_decided(post.state);
    Ok(if same { Comparison::Same } else { Comparison::Newer(Box::new(post)) })
}

/// Whether the desktop heard that the whole post is out, and this older database has it on its way.
fn was_posted_since(told: &ManifestPost, post: &Post) -> bool {
    told.state == DeliveryState::Posted
        && told.revision == post.revision
        && matches!(
            post.state,
            DeliveryState::Claimed | DeliveryState::Waiting | DeliveryState::Unknown
        )
}

/// Whether the desktop saw the post on its way to X, or a part of it there.
const fn is_under_way(told: &ManifestPost) -> bool {
    matches!(told.state, DeliveryState::Sending | DeliveryState::Unknown)
        || (told.tweet_id.is_some() && !is_decided(told.state))
}

/// An older copy of this database has the post still waiting; it is looked for before it goes out.
fn reconcile_presumed(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    told: &ManifestPost,
    now: UnixMillis,
) -> rusqlite::Result<Comparison> {
    // The copy may know that it had begun; what follows may be out, too.
    if post.live == 0 {
        record_known_tweet(ledger, post, told, now)?;
    }
    let earliest_due_at = told.due_at.or(post.due_at);
    presume_sent(ledger, post, earliest_due_at, now)?;
    Ok(Comparison::Same)
}

/// Takes over what the desktop knows to be on X: the first part.
fn record_known_tweet(
    connection: &Connection,
    post: &mut Post,
    told: &ManifestPost,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let Some(tweet) = &told.tweet_id else { return Ok(()) };
    post.tweet_id = Some(tweet.clone());
    if part::add_live(connection, post.id, 0, tweet, post.account.as_ref(), now)? {
        post.live = post.live.max(1);
    }
    post::put(connection, post)
}

fn insert_unknown(
    ledger: &mut LedgerWrite<'_>,
    store: StoreId,
    told: &ManifestPost,
    ended: UnixMillis,
    pace: &Pace,
    now: UnixMillis,
) -> rusqlite::Result<Comparison> {
    let mut post = Post::new(told.post_id, told.state, now);
    post.store = Some(store);
    overwrite_from_manifest(ledger, post, told, ended, pace, now)
}

/// Makes the row what the desktop knows of it. A live post is to be staged again under its own
/// revision, so the row takes the revision below: whatever stood under that one is fenced. Whether
/// it went out before nobody here knows.
fn overwrite_from_manifest(
    ledger: &mut LedgerWrite<'_>,
    mut post: Post,
    told: &ManifestPost,
    ended: UnixMillis,
    pace: &Pace,
    now: UnixMillis,
) -> rusqlite::Result<Comparison> {
    let live = !is_decided(told.state);
    let has_its_text = post.body_hash.is_some() && post.revision == told.revision;
    post.revision = told.revision;
    post.state = told.state;
    (post.code, post.message) = (None, None);
    post.due_at = told.due_at;
    post.looked_first = false;
    post.doubt_until = live.then_some(ended);
    if is_under_way(told) {
        // It may be on X. Without its text nobody can look; the stage brings it, or a person
        // decides.
        post.state = DeliveryState::Unknown;
        post.body_hash = None;
        post.next_at = Some(now.plus(TEXT_ARRIVAL_MAX));
    } else if live {
        post.revision = Revision(told.revision.0 - 1);
        post.state = DeliveryState::Withdrawn;
        post.body_hash = None;
    }
    if told.unproven {
        post.doubt_until = Some(ended);
        if may_be_sent_elsewhere(&post, post.due_at, pace.doubt_margin) {
            post.revision = told.revision;
            treat_as_possibly_sent(ledger, &mut post, has_its_text, pace, now)?;
            record_known_tweet(ledger, &mut post, told, now)?;
            return Ok(Comparison::Newer(Box::new(post)));
        }
        // It was not due before the other database ended: nobody sent it.
        post.doubt_until = live.then_some(ended);
    }
    // The desktop is told in the answer; an event would tell it of its own words.
    post.updated_at = now;
    post.decided_at = is_decided(post.state).then_some(now);
    post::put(ledger, &post)?;
    record_known_tweet(ledger, &mut post, told, now)?;
    Ok(if live { Comparison::Missing } else { Comparison::Same })
}

/// What was asked to be taken back, or changed since, may be out as it was handed over: it is looked
/// for by the text that an older copy of this database has, or a person decides.
fn treat_as_possibly_sent(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    has_its_text: bool,
    pace: &Pace,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    if has_its_text {
        let earliest_due_at = post.due_at;
        return reconcile_as_sent(ledger, post, earliest_due_at, pace, now);
    }
    post.body_hash = None;
    park_earlier_version(ledger, post, now)
}
