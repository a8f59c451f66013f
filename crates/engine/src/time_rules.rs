//! Changed clock rules: the version of the zone database last seen is kept. Under another one each planned
//! post is resolved again, and where its instant would move, the person chooses: the time of day or the
//! instant stays. Until then it goes out at the instant that it has.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::reschedule::{PlannedTime, by_rules};
use roost_core::zone::{WallTime, Zone, moved_by_rules, tzdb_version};
use roost_store::{Backlog, Error as StoreError, Read, Schedule, Store};

use crate::api::{
    BulkEdit, BulkTerms, MovedTime, MovedTimes, PostTime, Reschedule, Selection, SettleMovedTimes,
    TimeChange,
};
use crate::excerpt::excerpt;
use crate::state::EngineState;
use crate::{Change, Result, Target, bulk_edit};

/// The version under which all planned posts agreed with their wall times.
const TZDB_SEEN: &str = "tzdb_seen";
/// Posts that are listed.
const LISTED_MAX: usize = 1000;

/// Notes the version in use as seen, unless it would move a post. Blocking.
///
/// # Errors
/// When the store can't be used.
pub(crate) fn note_seen(store: &Store) -> std::result::Result<(), StoreError> {
    let now = store.clock().now();
    let is_news = store.read(|store| Ok(!is_seen(store)? && moved(store, now)?.is_empty()))?;
    if is_news {
        store.write("time_rules.seen", |store| store.save_setting(TZDB_SEEN, tzdb_version()))?;
    }
    Ok(())
}

fn is_seen(store: &Read<'_>) -> std::result::Result<bool, StoreError> {
    Ok(store.setting::<String>(TZDB_SEEN)?.as_deref() == Some(tzdb_version()))
}

/// Returns the posts that would move, with the times that they have, the soonest first. What is of a zone
/// that the rules of today don't know stays.
fn moved(
    store: &Read<'_>,
    now: UnixMillis,
) -> std::result::Result<Vec<(PostId, PlannedTime)>, StoreError> {
    let mut zones = std::collections::HashMap::<String, Option<Zone>>::new();
    let mut found = Vec::new();
    for (id, Schedule { at, wall_time, zone }) in store.planned_times(now)? {
        let zone = zones.entry(zone).or_insert_with_key(|name| Zone::parse(name).ok()).clone();
        let (Some(zone), Ok(wall)) = (zone, WallTime::parse(&wall_time)) else { continue };
        if moved_by_rules(&wall, &zone, at).is_some() {
            found.push((id, PlannedTime { wall, zone, at }));
        }
    }
    Ok(found)
}

/// Returns how many posts would move, and when the first of them is due. Costs nothing while the version
/// in use is the one last seen.
pub(crate) fn backlog(
    store: &Read<'_>,
    now: UnixMillis,
) -> std::result::Result<Backlog, StoreError> {
    if is_seen(store)? {
        return Ok(Backlog::default());
    }
    let moved = moved(store, now)?;
    Ok(Backlog { posts: moved.len() as u64, first: moved.first().map(|(_, time)| time.at) })
}

/// Returns the posts that would move.
pub(crate) async fn list(engine: &EngineState) -> Result<MovedTimes> {
    let now = engine.now();
    engine
        .read(move |store| {
            let moved = if is_seen(store)? { Vec::new() } else { moved(store, now)? };
            let total = moved.len() as u64;
            let mut posts = Vec::new();
            for (id, planned) in moved.into_iter().take(LISTED_MAX) {
                let post = store.expect_post(id)?;
                let settled = |keep| by_rules(std::slice::from_ref(&planned), keep).remove(0);
                posts.push(MovedTime {
                    id,
                    excerpt: excerpt(&post.content),
                    keeping_wall_time: time(&settled(false)),
                    keeping_instant: time(&settled(true)),
                    planned: time(&planned),
                });
            }
            let tzdb_before = store.setting(TZDB_SEEN)?;
            Ok(MovedTimes { tzdb_before, tzdb_now: tzdb_version().to_owned(), posts, total })
        })
        .await
}

fn time(time: &PlannedTime) -> PostTime {
    PostTime { at: time.at, wall_time: time.wall.to_string(), zone: time.zone.name().to_owned() }
}

/// Lets the posts that would move, or some of them, keep their times of day or their instants. What can't
/// be changed any more is left as it is, and named.
pub(crate) async fn settle(engine: &EngineState, wanted: SettleMovedTimes) -> Result<BulkEdit> {
    let SettleMovedTimes { keep_instant, posts, dry_run } = wanted;
    let now = engine.now();
    let ids: Vec<PostId> = engine
        .read(move |store| {
            let moved = if is_seen(store)? { Vec::new() } else { moved(store, now)? };
            Ok(moved.into_iter().map(|(id, _)| id).collect())
        })
        .await?;
    let wanted = ids.into_iter().filter(|id| posts.is_empty() || posts.contains(id));
    let selection = Selection { posts: wanted.map(Target::from).collect(), query: None };
    let change = TimeChange::ByRules { keep_instant };
    let terms = BulkTerms { skip_refused: true, ..BulkTerms::default() };
    let asked = Reschedule { selection, change, terms };
    if dry_run {
        return bulk_edit::preview(engine, asked.into()).await;
    }
    let done = bulk_edit::apply(engine, asked.into()).await?;
    let store = engine.store.clone();
    engine.blocking(move || Ok(note_seen(&store)?)).await?;
    engine.publish(Change::Sync);
    Ok(done)
}
