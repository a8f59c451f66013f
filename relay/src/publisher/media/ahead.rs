//! Files of posts that are due within minutes go to X beforehand, so that the posts go out at their time.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use roost_relay_api::AccountHealth;
use rusqlite::Connection;

use super::needed::{Needed, ids};
use super::upload::make_ready;
use crate::rows::post::{self, Post};
use crate::rows::{account, app, part, pause};
use crate::shared::Shared;

/// How often it is looked for them, at the most.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);
/// The pause after a pass that could not read the ledger.
const SLEEP_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// Files that go to X at a time.
const UPLOADS_AT_ONCE: usize = 2;
/// Posts of one pass; those behind them come with the next.
const POSTS_AT_ONCE: i64 = 200;

/// Runs until the relay stops.
pub(crate) async fn run(shared: Arc<Shared>) {
    while !shared.stopping.is_cancelled() {
        if shared.config.dry_run || !shared.media_uploads.may_be_waiting() {
            tokio::select! {
                biased;
                () = shared.media_uploads.staged() => {}
                () = shared.stopping.cancelled() => {}
            }
            continue;
        }
        let sleep = match pass(&shared).await {
            true => LOOK_INTERVAL.min(shared.config.pace.tick),
            false => SLEEP_AFTER_FAILURE,
        };
        tokio::select! {
            biased;
            () = tokio::time::sleep(sleep) => {}
            () = shared.stopping.cancelled() => {}
        }
    }
}

/// Uploads what posts need that are due soon. Whether the ledger could be read.
async fn pass(shared: &Shared) -> bool {
    let now = shared.now();
    let until = now.plus(shared.config.pace.media_ahead);
    let Ok(needed) = shared.read("media-ahead", move |c| needed_until(c, until, now)).await else {
        return false;
    };
    futures::stream::iter(needed)
        .for_each_concurrent(UPLOADS_AT_ONCE, |needed| async move {
            if shared.stopping.is_cancelled() {
                return;
            }
            // What came of it stands beside the upload; its post says it when it is due.
            if let Err(error) = make_ready(shared, &needed, true).await {
                tracing::warn!(sha256 = %needed.key.sha256, %error, "a file could not go to X yet");
            }
        })
        .await;
    true
}

/// What posts lack that are due by `until`, in the order in which they are due, each once.
fn needed_until(
    connection: &Connection,
    until: UnixMillis,
    now: UnixMillis,
) -> rusqlite::Result<Vec<Needed>> {
    let posts = post::select(
        connection,
        "state IN ('staged', 'claimed', 'waiting') AND due_at <= ?1 AND live < parts
            AND post_id IN (SELECT post_id FROM part WHERE has_media = 1)
         ORDER BY due_at, post_id LIMIT ?2",
        [until.0, POSTS_AT_ONCE],
    )?;
    let mut all = Vec::<Needed>::new();
    for post in posts {
        let Some(account) = post.account.clone() else { continue };
        if !may_upload(connection, &account, now)? {
            continue;
        }
        for needed in lacking(connection, &post, &account, now)? {
            if all.iter().all(|known| known.key != needed.key) {
                all.push(needed);
            }
        }
    }
    Ok(all)
}

fn lacking(
    connection: &Connection,
    post: &Post,
    account: &XUserId,
    now: UnixMillis,
) -> rusqlite::Result<Vec<Needed>> {
    let Some(content) = part::content(connection, post.id)? else { return Ok(Vec::new()) };
    // An id is to last until the post is due.
    let at = post.due_at.unwrap_or(now).max(now);
    Ok(ids(connection, &content, post.live, account, at)?.err().unwrap_or_default())
}

/// Whether anything of the account may be called for.
fn may_upload(connection: &Connection, id: &XUserId, now: UnixMillis) -> rusqlite::Result<bool> {
    let Some(row) = account::get(connection, id)? else { return Ok(false) };
    let is_held = |until: Option<UnixMillis>| until.is_some_and(|until| until > now);
    let app_hold = app::get(connection, &row.client_id)?.map(|hold| hold.until);
    Ok(row.account.health == AccountHealth::Connected
        && row.account.proven_at.is_some()
        && row.grant_sealed.is_some()
        && !is_held(row.hold.map(|hold| hold.until))
        && !is_held(app_hold)
        && pause::of(connection, Some(id))?.is_none())
}
